import { KindGuard, type TSchema } from '@sinclair/typebox';
import { TypeCompiler, type ValueError } from '@sinclair/typebox/compiler';
import { ValueErrorType } from '@sinclair/typebox/errors';
import { Value } from '@sinclair/typebox/value';
import type { FastifySchemaCompiler } from 'fastify';
import { AppError } from '../model/errors.js';
import { hint } from '../model/nearest.js';

const partNames: Record<string, string> = { body: 'body', querystring: 'query', params: 'path' };
const shownLength = 80;

/**
 * Checks a part of a request against its schema. Unlike Ajv in Fastify's set-up it converts nothing in a body, converts
 * text in queries only where the whole of it is meant (`1.5` is no integer), refuses unknown keys by name, and says what
 * was expected.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = TypeCompiler.Compile(schema);
  const part = partNames[httpPart ?? ''] ?? 'request';
  return (input: unknown) => {
    const given = part === 'body' ? input : convertTexts(schema, input);
    if (part === 'body' && (given === undefined || given === null)) {
      return { error: new AppError('bad_request', { reason: 'body: missing; expected a JSON object' }) };
    }
    const value = Value.Default(schema, structuredClone(given));
    if (check.Check(value)) return { value };
    return { error: explain(part, schema, value, [...check.Errors(value)]) };
  };
};

function convertTexts(schema: TSchema, input: unknown): unknown {
  if (!KindGuard.IsObject(schema) || typeof input !== 'object' || input === null) return input;
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [name, convertText(schema.properties[name], value)]),
  );
}

function convertText(schema: TSchema | undefined, value: unknown): unknown {
  if (schema === undefined || typeof value !== 'string') return value;
  const type: unknown = schema['type'];
  if (type === 'integer' && /^-?\d{1,15}$/.test(value)) return Number(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

/** One error that names every problem, unknown keys first: a misspelt key often causes the others. */
function explain(part: string, schema: TSchema, value: unknown, errors: ValueError[]): AppError {
  const unknown = errors.filter(({ type }) => type === ValueErrorType.ObjectAdditionalProperties);
  const reasons: string[] = [];
  for (const error of [...unknown, ...errors]) {
    const name = error.path.slice(1).replaceAll('/', '.');
    if (reasons.some((reason) => reason.startsWith(`${part}: ${name} `))) continue;
    if (error.type === ValueErrorType.ObjectAdditionalProperties) {
      reasons.push(`${part}: ${name} is no key that is known here${hint(name, keysOf(schema))}`);
    } else if (error.type === ValueErrorType.ObjectRequiredProperty) {
      reasons.push(`${part}: ${name} is missing; expected ${expectation(error.schema)}`);
    } else if (name === '') {
      reasons.push(`${part}: expected ${expectation(error.schema)}`);
    } else {
      reasons.push(`${part}: ${name} is ${shown(error.value)}; expected ${expectation(error.schema)}`);
    }
  }
  return new AppError('bad_request', { reason: [...new Set(reasons)].slice(0, 10).join('. ') });
}

function keysOf(schema: TSchema): string[] {
  return KindGuard.IsObject(schema) ? Object.keys(schema.properties) : [];
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'given more than once';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= shownLength ? text : `${text.slice(0, shownLength)}…`;
}

/** What a schema accepts, in words. */
export function expectation(schema: TSchema): string {
  const { minimum, maximum, minLength, maxLength } = schema as Record<string, number | undefined>;
  const range = (from?: number, to?: number) =>
    from !== undefined && to !== undefined ? ` from ${from} to ${to}` : '';
  if (Array.isArray(schema['enum'])) return `one of ${schema['enum'].join(', ')}`;
  switch (schema['type']) {
    case 'integer':
      return `an integer${range(minimum, maximum)}`;
    case 'number':
      return `a number${range(minimum, maximum)}`;
    case 'boolean':
      return 'true or false';
    case 'object':
      return 'a JSON object';
    case 'string':
      if (typeof schema['pattern'] === 'string' && schema.description !== undefined)
        return schema.description;
      return maxLength === undefined ? 'text' : `text of ${minLength ?? 0} to ${maxLength} characters`;
    default:
      return schema.description ?? 'another value';
  }
}
