import { Type } from '@sinclair/typebox';
import { count, nanoseconds, nullable, strictObject, stringEnum, timeParameter } from './common.js';

const kind = stringEnum(['any', 'lisp'], {
  default: 'any',
  description: 'lisp: only LISP data and control packets',
});

const filter = Type.Optional(
  Type.String({
    maxLength: 4_096,
    description: 'filter expression over packets, e.g. host 10.0.0.1 and tcp port 443',
  }),
);

export const PacketsQuery = strictObject({
  limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 100 }),
  before: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'next_before of the page before' }),
  ),
  kind,
  filter,
  from: timeParameter('only packets at or after it'),
  to: timeParameter('only packets at or before it'),
});

export const DownloadQuery = strictObject({
  count: Type.Integer({ minimum: 1, maximum: 100, default: 10, description: 'the most recent packets' }),
  kind,
});

export const PacketParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 100, description: 'packet id' }),
});

const text = nullable(Type.String());
const integer = nullable(Type.Integer());

const PacketRowSchema = Type.Object({
  id: Type.String(),
  time_ns: nanoseconds('when it was captured'),
  captured_length: count('bytes that were kept'),
  original_length: count('bytes on the wire'),
  interface: Type.String(),
  link_type: Type.String(),
  protocol: Type.String({ description: 'innermost protocol that was decoded' }),
  src_addr: text,
  dst_addr: text,
  src_port: integer,
  dst_port: integer,
  vlan_id: integer,
  overlay: text,
  tenant_id: integer,
  outer_src_addr: text,
  outer_dst_addr: text,
  decode_status: Type.String({ description: '"ok", or why the packet made no flow' }),
});

export const PacketsAnswer = Type.Object({
  packets: Type.Array(PacketRowSchema, {
    description:
      'newest first; fewer than limit, or none, where a bounded search ended first: next_before goes on',
  }),
  next_before: nullable(Type.String({ description: 'null: this was the last page' })),
});

const range = { offset: count('first byte in the packet'), length: count('bytes') };

export const PacketDetailSchema = Type.Intersect([
  PacketRowSchema,
  Type.Object({
    headers: Type.Array(
      Type.Object({
        protocol: Type.String(),
        ...range,
        fields: Type.Array(Type.Object({ name: Type.String(), value: Type.String(), ...range })),
      }),
      { description: 'outermost first' },
    ),
    hex: Type.String({ description: 'the captured bytes' }),
    sha256: Type.String({ description: 'of the captured bytes' }),
  }),
]);

export const PacketTotalsSchema = Type.Object({
  segments: count('segments on disk'),
  packets: count('packets in them'),
  file_bytes: count('bytes of the files'),
  first_ns: nullable(nanoseconds('oldest packet')),
  last_ns: nullable(nanoseconds('newest packet')),
});
