import type { TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { configSchema } from './schema.js';

export type ConfigValue = string | number | boolean;

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
  name: string;
  description: string;
}

const variableOf = (path: string): string => `WIREGLASS_${path.replace('.', '_').toUpperCase()}`;

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

const topLevel = Object.entries<TSchema>(configSchema.properties);

export const configSections: readonly ConfigSection[] = topLevel
  .filter(([, schema]) => isSection(schema))
  .map(([name, schema]) => ({ name, description: schema.description ?? '' }));

export const configKeys: readonly ConfigKey[] = topLevel.flatMap(([name, schema]) =>
  isSection(schema)
    ? Object.entries(schema.properties).map(([key, inner]) => keyOf(`${name}.${key}`, inner))
    : [keyOf(name, schema)],
);

export const keysByPath: ReadonlyMap<string, ConfigKey> = new Map(configKeys.map((key) => [key.path, key]));

/** What a key takes, in words. */
export function expectation({ schema }: ConfigKey): string {
  const choices = schema['anyOf'] as { const: string }[] | undefined;
  if (choices !== undefined) return `one of ${choices.map((choice) => choice.const).join(', ')}`;
  switch (schema['type']) {
    case 'integer':
      return `a whole number from ${schema['minimum']} to ${schema['maximum']}`;
    case 'boolean':
      return 'true or false';
    default:
      return schema['minLength'] ? 'a text that is not empty' : 'a text';
  }
}

/** Whether the key takes this value. */
export const accepts = (key: ConfigKey, value: unknown): value is ConfigValue =>
  Value.Check(key.schema, value);

/** A value out of text (environment, command line): numbers and booleans are read, what is neither stays text. */
export function fromText(key: ConfigKey, text: string): ConfigValue {
  if (key.schema['type'] === 'integer' && /^-?\d{1,16}$/.test(text)) return Number(text);
  if (key.schema['type'] === 'boolean') {
    if (/^(true|yes|on|1)$/i.test(text)) return true;
    if (/^(false|no|off|0)$/i.test(text)) return false;
  }
  return text;
}
