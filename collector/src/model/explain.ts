import { KindGuard, type TSchema } from '@sinclair/typebox';
import { ValueErrorType, type ValueError } from '@sinclair/typebox/errors';
import { AppError } from './errors.js';
import { hint } from './nearest.js';

const shownLength = 80;

/** One error that names every problem, unknown keys first: a misspelt key often causes the others. */
export function explain(part: string, schema: TSchema, value: unknown, errors: ValueError[]): AppError {
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
