import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, type SourceFile } from './sources.js';

interface Reachable {
  /** of a module: itself, what its CMakeLists.txt names, and what that names */
  sources: Map<string, Set<string>>;
  /** of its tests: what they are linked with beside it */
  tests: Map<string, Set<string>>;
}

/** What each native module, and its tests, may include. */
function reachableModules(): Reachable {
  const direct = new Map<string, string[]>();
  const beside = new Map<string, string>();
  const folders = ['native', 'native/core'].flatMap((parent) =>
    readdirSync(join(repositoryRoot, parent)).map((name) => join(repositoryRoot, parent, name)),
  );
  for (const folder of folders) {
    const list = join(folder, 'CMakeLists.txt');
    if (!existsSync(list)) continue;
    const text = readFileSync(list, 'utf8');
    const call = /wireglass_module\((\w+)([^)]*)\)/.exec(text);
    if (!call?.[1]) continue;
    const linked = /target_link_libraries\(test_(\w+) PRIVATE wg_(\w+)\)/.exec(text);
    if (linked?.[1] && linked[2]) beside.set(linked[1], linked[2]);
    const depends = /DEPENDS ([\w ]+?)(?: LIBRARIES|$)/.exec(call[2] ?? '')?.[1] ?? '';
    direct.set(call[1], depends.split(' ').filter(Boolean));
  }
  const reach = (name: string): Set<string> => {
    const all = new Set([name]);
    for (const next of direct.get(name) ?? []) for (const module of reach(next)) all.add(module);
    return all;
  };
  const sources = new Map([...direct.keys()].map((name) => [name, reach(name)]));
  const tests = new Map([...beside].map(([name, extra]) => [name, reach(extra)]));
  return { sources, tests };
}

/** Includes of one native module by another that its CMakeLists.txt does not lead to. */
export function includeViolations(files: SourceFile[]): string[] {
  const { sources, tests } = reachableModules();
  if (sources.size < 8) return ['the CMakeLists.txt of the native modules were not understood'];
  return files.flatMap(({ path, lines }) => {
    const module = /^native\/(?:core\/)?(\w+)\/.*\.(cpp|hpp)$/.exec(path)?.[1];
    const may = module === undefined ? undefined : sources.get(module);
    if (module === undefined || !may) return [];
    const besides = path.endsWith('_test.cpp') ? tests.get(module) : undefined;
    return lines.flatMap((line, i) => {
      const included = /^#include "(\w+)\//.exec(line)?.[1];
      return included && sources.has(included) && !may.has(included) && !besides?.has(included)
        ? [`${path}:${i + 1}: ${included}`]
        : [];
    });
  });
}
