import { stringify } from 'yaml';
import { configKeys, configSections, expectation, type ConfigKey } from './keys.js';
import type { LoadedConfig } from './load.js';

const yamlValue = (value: unknown): string => stringify(value).trimEnd();

function keyLines(key: ConfigKey, indent: string): string[] {
  const name = key.path.split('.').at(-1) ?? '';
  return [
    `${indent}# ${key.description}`,
    `${indent}# ${expectation(key)}; ${key.variable}`,
    `${indent}${name}: ${yamlValue(key.standard)}`,
  ];
}

/** Every key with its default as a YAML file that can be used as it stands, with what each is for. */
export function defaultsAsYaml(): string {
  const lines = configKeys.filter(({ path }) => !path.includes('.')).flatMap((key) => keyLines(key, ''));
  for (const { name, description } of configSections) {
    const keys = configKeys.filter(({ path }) => path.startsWith(`${name}.`));
    lines.push('', `# ${description}`, `${name}:`, ...keys.flatMap((key) => keyLines(key, '  ')));
  }
  return `${lines.join('\n')}\n`;
}

/** The settings in force, one `path = value  (origin)` per line. */
export function settingsInForce({ config, origins }: LoadedConfig): string {
  const tree = config as unknown as Record<string, Record<string, unknown>>;
  const rows = configKeys.map(({ path }) => {
    const [section = '', name] = path.split('.');
    const value = name === undefined ? tree[section] : tree[section]?.[name];
    return { setting: `${path} = ${yamlValue(value)}`, origin: origins.get(path) ?? '' };
  });
  const width = Math.max(...rows.map(({ setting }) => setting.length));
  return rows.map(({ setting, origin }) => `${setting.padEnd(width)}  (${origin})\n`).join('');
}
