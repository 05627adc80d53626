import type { TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { configSchema } from './schema.js';

export type ConfigValue = string | number | boolean | readonly number[];

/** A key of the configuration by its path, such as `api.port`. */
export interface ConfigKey {
  path: string;
  /** `WIREGLASS_API_PORT` */
  variable: string;
  description: string;
  standard: ConfigValue;
  schema: TSchema;
}

export interface ConfigSection {
  /** `decode`, `decode.ports` */
  path: string;
  description: string;
}

const variableOf = (path: string): string => `WIREGLASS_${path.replaceAll('.', '_').toUpperCase()}`;

function keyOf(path: string, schema: TSchema): ConfigKey {
  return {
    path,
    variable: variableOf(path),
    description: schema.description ?? '',
    standard: schema.default as ConfigValue,
    schema,
  };
}

const isSection = (schema: TSchema): schema is TSchema & { properties: Record<string, TSchema> } =>
  schema['type'] === 'object';

interface Entries {
  keys: ConfigKey[];
  sections: ConfigSection[];
}

function entriesOf(prefix: string, properties: Record<string, TSchema>): Entries {
  const entries: Entries = { keys: [], sections: [] };
  for (const [name, schema] of Object.entries(properties)) {
    const path = prefix + name;
    if (!isSection(schema)) {
      entries.keys.push(keyOf(path, schema));
      continue;
    }
    const inner = entriesOf(`${path}.`, schema.properties);
    entries.keys.push(...inner.keys);
    entries.sections.push({ path, description: schema.description ?? '' }, ...inner.sections);
  }
  return entries;
}

/** Sections in front of those within them. */
export const { keys: configKeys, sections: configSections }: Readonly<Entries> = entriesOf(
  '',
  configSchema.properties,
);

/** The section that a key or section stands in, '' at the top. */
export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('.')));
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

export const keysByPath: ReadonlyMap<string, ConfigKey> = new Map(configKeys.map((key) => [key.path, key]));

/** Whether the value must not be shown. */
export const isSecret = ({ schema }: ConfigKey): boolean => schema['secret'] === true;

/** What a key takes, in words. */
export function expectation({ schema }: ConfigKey): string {
  const choices = schema['anyOf'] as { const: string }[] | undefined;
  if (choices !== undefined) return `one of ${choices.map((choice) => choice.const).join(', ')}`;
  switch (schema['type']) {
    case 'integer':
      return `a whole number from ${schema['minimum']} to ${schema['maximum']}`;
    case 'boolean':
      return 'true or false';
    case 'array': {
      const { minimum, maximum } = schema['items'] as { minimum: number; maximum: number };
      return `at most ${schema['maxItems']} different numbers from ${minimum} to ${maximum}`;
    }
    default:
      return schema['minLength'] ? 'a text that is not empty' : 'a text';
  }
}

/** Whether the key takes this value. */
export const accepts = (key: ConfigKey, value: unknown): value is ConfigValue =>
  Value.Check(key.schema, value);

/** A value out of text (environment, command line): numbers, booleans and lists are read, what is none stays text. */
export function fromText(key: ConfigKey, text: string): ConfigValue {
  if (key.schema['type'] === 'integer' && /^-?\d{1,16}$/.test(text)) return Number(text);
  if (key.schema['type'] === 'boolean') {
    if (/^(true|yes|on|1)$/i.test(text)) return true;
    if (/^(false|no|off|0)$/i.test(text)) return false;
  }
  if (key.schema['type'] === 'array') {
    if (/^none$/i.test(text)) return [];
    if (/^\d{1,9}(\s*,\s*\d{1,9})*$/.test(text)) return text.split(',').map(Number);
  }
  return text;
}
