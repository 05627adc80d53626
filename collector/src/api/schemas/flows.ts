import { Type, type TSchema } from '@sinclair/typebox';
import { flowFields, type FlowField, type FlowRecord } from '@wireglass/native';
import { nullable, strictObject, stringEnum, timeParameter } from './common.js';

const textTypes: ReadonlySet<FlowField['type']> = new Set(['ip', 'mac', 'string', 'time']);

/** From the field table: counters are numbers, nanosecond times and ids strings. */
function fieldSchema(field: FlowField): TSchema {
  const description = field.meaning;
  if (field.type === 'enum') return stringEnum(field.values ?? [], { description });
  const isText = textTypes.has(field.type) || (field.type === 'u64' && field.role === 'identity');
  return isText ? Type.String({ description }) : Type.Integer({ minimum: 0, description });
}

const FlowRecordSchema = Type.Unsafe<FlowRecord>(
  Type.Object(Object.fromEntries(flowFields.map((field) => [field.name, fieldSchema(field)]))),
);

export const FlowsQuery = strictObject({
  filter: Type.Optional(
    Type.String({
      maxLength: 4_096,
      description: 'filter expression, e.g. src net 10.0.0.0/8 and dst port 443',
    }),
  ),
  sort: Type.String({
    maxLength: 40,
    default: '-end_ns',
    description: 'a field of the flow record, descending with "-" before it',
  }),
  limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 100 }),
  cursor: Type.Optional(Type.String({ maxLength: 2_048, description: 'next_cursor of the page before' })),
  scope: stringEnum(['live', 'stored', 'all'], {
    default: 'all',
    description: 'live: flows in the cache; stored: closed records; all: both',
  }),
  from: timeParameter('only flows that were active at or after it'),
  to: timeParameter('only flows that were active at or before it'),
});

export const FlowsAnswer = Type.Object({
  flows: Type.Array(FlowRecordSchema),
  next_cursor: nullable(Type.String({ description: 'null: this was the last page' })),
});
