import { Type } from '@sinclair/typebox';
import { queryTypes } from '../../answers/registry.js';
import { strictObject, stringEnum } from './common.js';

const moment = (description: string) =>
  Type.Union([Type.Integer({ minimum: 0 }), Type.String({ minLength: 1, maxLength: 40 })], {
    description: `${description}: RFC 3339, nanoseconds since 1970 as text, milliseconds as a number, or now, now-1h`,
  });

export const QueryBody = strictObject({
  from: moment('begin of the range'),
  to: moment('end of the range, not included'),
  queries: Type.Array(Type.Unknown(), {
    minItems: 1,
    maxItems: 50,
    description: `queries of the types ${[...queryTypes.keys()].join(', ')}; docs/QUERY.md has their keys`,
  }),
});

const FrameSchema = Type.Object(
  {
    schema: Type.Object({}, { additionalProperties: true }),
    data: Type.Object({}, { additionalProperties: true }),
  },
  { description: 'a data frame of Grafana' },
);

export const QueryAnswer = Type.Object({
  results: Type.Record(
    Type.String(),
    Type.Object({
      status: Type.Integer(),
      error: Type.Optional(Type.String()),
      errorSource: Type.Optional(stringEnum(['downstream', 'plugin'])),
      frames: Type.Array(FrameSchema),
    }),
  ),
});

const filterText = Type.String({ maxLength: 4_096, description: 'a filter expression' });

export const ValidateBody = strictObject({
  filter: Type.Optional(filterText),
  over: stringEnum(['flows', 'packets'], { default: 'flows', description: 'what the filter is meant for' }),
  query: Type.Optional(
    Type.Object({}, { additionalProperties: true, description: 'a query as POST /query takes it' }),
  ),
  cursor: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 4_096,
      description: 'characters in front of the cursor: the answer says what can stand there',
    }),
  ),
});

export const ValidateAnswer = Type.Object({
  ok: Type.Boolean(),
  error: Type.Optional(
    Type.Object({
      code: Type.String(),
      reason: Type.String(),
      column: Type.Optional(Type.Integer({ description: 'of a filter, from 1' })),
      expected: Type.Optional(Type.Array(Type.String(), { description: 'what could stand there' })),
    }),
  ),
  completion: Type.Optional(
    Type.Object({
      from: Type.Integer({ description: 'characters in front of the word that is being written' }),
      word: Type.String(),
      expected: Type.Array(Type.String(), { description: 'in words' }),
      suggestions: Type.Array(
        Type.Object({ text: Type.String(), kind: Type.String(), description: Type.String() }),
      ),
      values_of: Type.Optional(Type.String({ description: 'a field whose values GET /query/values knows' })),
    }),
  ),
});

export const ValuesQuery = strictObject({
  field: Type.String({ minLength: 1, maxLength: 40, description: 'a field of the flow record' }),
  prefix: Type.String({ maxLength: 255, default: '', description: 'what the values begin with' }),
  from: Type.Optional(
    Type.String({ maxLength: 40, description: 'as of POST /query; absent: an hour before to' }),
  ),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'absent: now' })),
  limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 50 }),
});

export const ValuesAnswer = Type.Object({
  field: Type.String(),
  values: Type.Array(
    Type.Object({
      value: Type.String(),
      records: Type.Integer({ description: 'flow records that have it' }),
    }),
  ),
  more: Type.Boolean({ description: 'there are more than the limit let through' }),
});

export const FieldsAnswer = Type.Object({
  fields: Type.Array(
    Type.Object({
      name: Type.String(),
      display: Type.String(),
      type: Type.String(),
      role: Type.String(),
      unit: Type.Union([Type.String(), Type.Null()]),
      meaning: Type.String(),
      operators: Type.Array(Type.String()),
      values: Type.Union([Type.Array(Type.String()), Type.Null()], { description: 'of an enumeration' }),
      group_by: Type.Boolean(),
      rolled_up: Type.Boolean({ description: 'roll-ups know it: long ranges answer fast' }),
      measures: Type.Array(Type.String(), { description: 'as POST /query takes them' }),
    }),
  ),
  measures: Type.Array(Type.Object({ name: Type.String(), unit: Type.String(), meaning: Type.String() })),
  words: Type.Array(Type.Object({ word: Type.String(), meaning: Type.String() })),
  types: Type.Array(
    Type.Object({ name: Type.String(), summary: Type.String(), keys: Type.Array(Type.String()) }),
  ),
});
