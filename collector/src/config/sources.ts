import { readFileSync, statSync } from 'node:fs';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml';
import { hint } from '../model/nearest.js';
import {
  configKeys,
  configSections,
  fromText,
  keysByPath,
  nameOf,
  parentOf,
  type ConfigKey,
} from './keys.js';

/** A value with the place it came from, before it is checked. */
export interface Setting {
  key: ConfigKey;
  value: unknown;
  origin: string;
}

/** What a source says: its settings, and in words what was wrong with it. */
export interface Reading {
  settings: Setting[];
  problems: string[];
}

/** Variables with our prefix that are for others than the configuration. */
const otherVariables = new Set([
  'WIREGLASS_ADDON',
  'WIREGLASS_CONFIG',
  'WIREGLASS_STRICT',
  'WIREGLASS_TOKEN',
]);

const maxFileBytes = 1_048_576;

/** Names near an unknown one: of its own section first, then anywhere. */
function unknownKey(path: string): string {
  const section = parentOf(path);
  const name = nameOf(path);
  const all = [...configSections, ...configKeys].map((entry) => entry.path);
  const siblings = all.filter((entry) => parentOf(entry) === section).map(nameOf);
  const sameName = configKeys.find((key) => nameOf(key.path) === name);
  const elsewhere = sameName ? `; did you mean ${sameName.path}?` : '';
  if (section === '') return elsewhere || hint(name, siblings);
  if (siblings.length === 0) return hint(section, all);
  return hint(name, siblings) || elsewhere || `; ${section} has ${siblings.join(', ')}`;
}

function valueOf(key: ConfigKey, node: Node | null): unknown {
  if (node === null) return null;
  if (isScalar(node)) return node.value;
  if (key.schema['type'] === 'array' && isSeq(node)) return node.toJSON();
  return '(several values)';
}

class FileReader {
  readonly reading: Reading = { settings: [], problems: [] };
  private readonly lines = new LineCounter();

  constructor(private readonly path: string) {}

  read(text: string): Reading {
    const document = parseDocument(text, { lineCounter: this.lines, prettyErrors: false });
    for (const error of document.errors) this.problem(error.pos[0], error.message);
    if (document.errors.length > 0) return this.reading;
    const top = document.contents;
    if (top === null || (isScalar(top) && top.value === null)) return this.reading;
    if (!isMap(top)) {
      this.problem(top.range?.[0] ?? 0, 'expected keys such as "api:", found something else');
      return this.reading;
    }
    for (const { key, value } of top.items) this.entry('', key, value);
    return this.reading;
  }

  private entry(prefix: string, keyNode: Node, valueNode: Node | null): void {
    const name = isScalar(keyNode) ? String(keyNode.value) : '';
    const path = prefix + name;
    const offset = keyNode.range?.[0] ?? 0;
    if (configSections.some((section) => section.path === path)) {
      this.section(path, valueNode);
      return;
    }
    const key = keysByPath.get(path);
    if (key === undefined) {
      this.problem(offset, `unknown key ${path}${unknownKey(path)}`);
      return;
    }
    this.reading.settings.push({ key, value: valueOf(key, valueNode), origin: this.place(offset) });
  }

  private section(path: string, node: Node | null): void {
    if (node === null || (isScalar(node) && node.value === null)) return;
    if (!isMap(node)) {
      this.problem(node.range?.[0] ?? 0, `${path} is a section: expected keys below it`);
      return;
    }
    for (const { key, value } of node.items) this.entry(`${path}.`, key as Node, value as Node | null);
  }

  private place(offset: number): string {
    const { line, col } = this.lines.linePos(offset);
    return `${this.path}:${line}:${col}`;
  }

  private problem(offset: number, text: string): void {
    this.reading.problems.push(`${this.place(offset)}: ${text}`);
  }
}

/** Reads a YAML file; problems name line and column. */
export function readConfigFile(path: string): Reading {
  try {
    const { size } = statSync(path);
    if (size > maxFileBytes) {
      return { settings: [], problems: [`${path}: ${size} bytes; a configuration may have ${maxFileBytes}`] };
    }
    return new FileReader(path).read(readFileSync(path, 'utf8'));
  } catch (error) {
    return { settings: [], problems: [`${path}: ${(error as Error).message}`] };
  }
}

/** Reads WIREGLASS_ variables; an empty one counts as absent. */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): Reading {
  const reading: Reading = { settings: [], problems: [] };
  const variables = configKeys.map((key) => key.variable);
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith('WIREGLASS_') || text === undefined || otherVariables.has(name)) continue;
    const key = configKeys.find(({ variable }) => variable === name);
    if (key === undefined) {
      const near = hint(
        name.toLowerCase(),
        variables.map((variable) => variable.toLowerCase()),
      );
      reading.problems.push(
        `unknown environment variable ${name}${near.replace(/wireglass_\w+/, (it) => it.toUpperCase())}`,
      );
    } else if (text !== '') {
      reading.settings.push({ key, value: fromText(key, text), origin: name });
    }
  }
  return reading;
}

/** Takes what the command line set, by path (`api.port`); undefined values are absent. */
export function readFlags(flags: Readonly<Record<string, unknown>>): Reading {
  const reading: Reading = { settings: [], problems: [] };
  for (const [path, value] of Object.entries(flags)) {
    if (value === undefined) continue;
    const key = keysByPath.get(path);
    if (key === undefined)
      reading.problems.push(`unknown key ${path} on the command line${unknownKey(path)}`);
    else {
      const given = typeof value === 'string' ? fromText(key, value) : value;
      reading.settings.push({ key, value: given, origin: 'command line' });
    }
  }
  return reading;
}
