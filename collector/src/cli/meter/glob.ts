import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** `file2` before `file10`, the same on every machine. */
export const naturally = new Intl.Collator('en', { numeric: true }).compare;

export const isGlob = (text: string): boolean => /[*?[{]/.test(text);

/** Alternatives of the outermost `{a,b}` groups, one pattern each; braces without a comma stand for themselves. */
function alternatives(pattern: string): string[] {
  let depth = 0;
  let start = -1;
  const commas: number[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === '{' && depth++ === 0) {
      start = at;
      commas.length = 0;
    } else if (character === ',' && depth === 1) commas.push(at);
    else if (character === '}' && depth > 0 && --depth === 0 && commas.length > 0) {
      const edges = [start, ...commas, at];
      const rest = alternatives(pattern.slice(at + 1));
      return edges.slice(1).flatMap((edge, index) => {
        const inner = pattern.slice((edges[index] ?? 0) + 1, edge);
        return alternatives(inner).flatMap((part) =>
          rest.map((tail) => pattern.slice(0, start) + part + tail),
        );
      });
    }
  }
  return [pattern];
}

/** A name of one path component as a regular expression: `*`, `?` and `[a-z]`, `[!a-z]`. */
function nameExpression(pattern: string): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    const close = character === '[' ? pattern.indexOf(']', at + 2) : -1;
    if (character === '*') source += '[^/]*';
    else if (character === '?') source += '[^/]';
    else if (close > 0) {
      const set = pattern
        .slice(at + 1, close)
        .replace(/^[!^]/, '^')
        .replace(/[\\\]]/g, '\\$&');
      source += `[${set}]`;
      at = close;
    } else source += character.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  }
  // a set such as [z-a] matches nothing
  try {
    return new RegExp(`^${source}$`, 'su');
  } catch {
    return /(?!)/;
  }
}

const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory === '' ? '.' : directory);
  } catch {
    return [];
  }
}

/** This directory and all below it, links to directories not followed. */
function below(directory: string): string[] {
  const here = directory === '' ? '.' : directory;
  let inner: string[] = [];
  try {
    inner = readdirSync(here, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => join(directory, name));
  } catch {
    // what cannot be listed holds nothing for us
  }
  return [directory, ...inner.flatMap(below)];
}

function walk(bases: readonly string[], components: readonly string[]): string[] {
  const [component, ...rest] = components;
  if (component === undefined) return bases.filter((path) => existsSync(path));
  if (component === '**') return walk(bases.flatMap(below), rest);
  if (!isGlob(component))
    return walk(
      bases.map((base) => join(base, component)),
      rest,
    );
  const expression = nameExpression(component);
  const hidden = component.startsWith('.');
  const found = bases.flatMap((base) =>
    namesIn(base)
      .filter((name) => (hidden || !name.startsWith('.')) && expression.test(name))
      .map((name) => join(base, name)),
  );
  return walk(rest.length > 0 ? found.filter(isDirectory) : found, rest);
}

/**
 * Paths that a pattern names, naturally sorted: `*`, `?`, `[a-z]`, `{a,b}` and `**` for any depth of directories. As in
 * a shell, names that begin with a dot are found only by patterns that do.
 */
export function expandGlob(pattern: string): string[] {
  const found = alternatives(pattern).flatMap((one) => {
    const absolute = one.startsWith('/');
    return walk(
      [absolute ? '/' : ''],
      one.split('/').filter((component) => component !== ''),
    );
  });
  return [...new Set(found)].sort(naturally);
}
