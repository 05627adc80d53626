import { stringify } from 'yaml';
import {
  configKeys,
  configSections,
  expectation,
  isSecret,
  nameOf,
  parentOf,
  type ConfigKey,
} from './keys.js';
import type { LoadedConfig } from './load.js';

const yamlValue = (value: unknown): string =>
  stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false }).trimEnd();

const keyLines = (key: ConfigKey, indent: string): string[] => [
  `${indent}# ${key.description}`,
  `${indent}# ${expectation(key)}; ${key.variable}`,
  `${indent}${nameOf(key.path)}: ${yamlValue(key.standard)}`,
];

const keysIn = (section: string): ConfigKey[] => configKeys.filter(({ path }) => parentOf(path) === section);

/** Every key with its default as a YAML file that can be used as it stands, with what each is for. */
export function defaultsAsYaml(): string {
  const lines = keysIn('').flatMap((key) => keyLines(key, ''));
  for (const { path, description } of configSections) {
    const depth = path.split('.').length;
    const indent = '  '.repeat(depth - 1);
    lines.push(...(depth === 1 ? [''] : []), `${indent}# ${description}`, `${indent}${nameOf(path)}:`);
    lines.push(...keysIn(path).flatMap((key) => keyLines(key, `${indent}  `)));
  }
  return `${lines.join('\n')}\n`;
}

/** The settings in force, one `path = value  (origin)` per line. */
export function settingsInForce({ config, origins }: LoadedConfig): string {
  const valueAt = (path: string): unknown =>
    path.split('.').reduce<unknown>((tree, name) => (tree as Record<string, unknown>)[name], config);
  const shown = (key: ConfigKey): string => {
    const value = valueAt(key.path);
    return isSecret(key) && value !== '' ? '(not shown)' : yamlValue(value);
  };
  const rows = configKeys.map((key) => {
    return { setting: `${key.path} = ${shown(key)}`, origin: origins.get(key.path) ?? '' };
  });
  const width = Math.max(...rows.map(({ setting }) => setting.length));
  return rows.map(({ setting, origin }) => `${setting.padEnd(width)}  (${origin})\n`).join('');
}
