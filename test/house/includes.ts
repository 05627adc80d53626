import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, type SourceFile } from './sources.js';

/** What each native module may include: what its CMakeLists.txt names, and what that names. */
function reachableModules(): Map<string, Set<string>> {
  const direct = new Map<string, string[]>();
  const folders = ['native', 'native/core'].flatMap((parent) =>
    readdirSync(join(repositoryRoot, parent)).map((name) => join(repositoryRoot, parent, name)),
  );
  for (const folder of folders) {
    const list = join(folder, 'CMakeLists.txt');
    if (!existsSync(list)) continue;
    const call = /wireglass_module\((\w+)([^)]*)\)/.exec(readFileSync(list, 'utf8'));
    if (!call?.[1]) continue;
    const depends = /DEPENDS ([\w ]+?)(?: LIBRARIES|$)/.exec(call[2] ?? '')?.[1] ?? '';
    direct.set(call[1], depends.split(' ').filter(Boolean));
  }
  const reach = (name: string): Set<string> => {
    const all = new Set([name]);
    for (const next of direct.get(name) ?? []) for (const module of reach(next)) all.add(module);
    return all;
  };
  return new Map([...direct.keys()].map((name) => [name, reach(name)]));
}

/** Includes of one native module by another that its CMakeLists.txt does not lead to. */
export function includeViolations(files: SourceFile[]): string[] {
  const reachable = reachableModules();
  if (reachable.size < 8) return ['the CMakeLists.txt of the native modules were not understood'];
  return files.flatMap(({ path, lines }) => {
    const module = /^native\/(?:core\/)?(\w+)\/.*\.(cpp|hpp)$/.exec(path)?.[1];
    const may = module === undefined ? undefined : reachable.get(module);
    if (!may) return [];
    return lines.flatMap((line, i) => {
      const included = /^#include "(\w+)\//.exec(line)?.[1];
      return included && reachable.has(included) && !may.has(included)
        ? [`${path}:${i + 1}: ${included}`]
        : [];
    });
  });
}
