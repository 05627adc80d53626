import { Type } from '@sinclair/typebox';
import { nullable, strictObject } from './common.js';

export const AuditQuery = strictObject({
  limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 100 }),
  before: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'next_before of the page before',
    }),
  ),
});

export const AuditAnswer = Type.Object({
  entries: Type.Array(
    Type.Object({
      seq: Type.Integer(),
      time: Type.String(),
      principal: Type.String(),
      role: nullable(Type.String()),
      action: Type.String(),
      parameters: Type.Record(Type.String(), Type.Unknown()),
      outcome: Type.String({ description: '"done", or the code of the error' }),
      remote: nullable(Type.String()),
      prev: Type.String({ description: 'SHA-256 of the line before' }),
    }),
    { description: 'newest first' },
  ),
  next_before: nullable(Type.Integer()),
});

export const HealthAnswer = Type.Object({ status: Type.String() });

export const ReadinessAnswer = Type.Object({
  ready: Type.Boolean(),
  checks: Type.Record(Type.String(), Type.Object({ ready: Type.Boolean(), detail: Type.String() })),
});
