import { Type } from '@sinclair/typebox';
import type { PacketPage, PacketRow } from '@wireglass/native';
import { AppError } from '../model/errors.js';
import { strictObject, stringEnum } from '../model/shapes.js';
import type { FrameField, Value } from './frame.js';
import { packetFilter } from '../query/packet-program.js';
import { queryType } from './query-type.js';

/** Rows that the packet store gives at a time. */
const pageRows = 1_000;

const schema = strictObject({
  kind: stringEnum(['any', 'lisp'], {
    default: 'any',
    description: 'lisp: only LISP data and control packets',
  }),
  limit: Type.Integer({
    minimum: 1,
    maximum: 1_000_000,
    default: 100,
    description: 'rows, the newest first',
  }),
  filter: Type.Optional(
    Type.String({
      maxLength: 4_096,
      description: 'filter expression over packets, e.g. host 10.0.0.1 and tcp port 443',
    }),
  ),
});
type PacketsQuery = (typeof schema)['static'];

const filterOf = ({ filter }: PacketsQuery): { filter?: string } =>
  filter === undefined || filter.trim() === '' ? {} : { filter: packetFilter(filter) };

const textColumns = [
  ...(['id', 'interface', 'protocol', 'src_addr', 'dst_addr', 'overlay'] as const),
  ...(['outer_src_addr', 'outer_dst_addr', 'link_type', 'decode_status', 'time_ns'] as const),
];
const numberColumns = [
  ...(['src_port', 'dst_port', 'vlan_id', 'tenant_id'] as const),
  ...(['captured_length', 'original_length'] as const),
];

function columnsOf(rows: readonly PacketRow[]): FrameField[] {
  const column = (name: keyof PacketRow, type: 'string' | 'float64'): FrameField => ({
    name,
    type,
    values: rows.map((row) => row[name] as Value),
    ...(name.endsWith('_length') ? { config: { unit: 'decbytes' } } : {}),
  });
  return [
    { name: 'time', type: 'time', values: rows.map(({ time_ns }) => BigInt(time_ns)) },
    ...textColumns.map((name) => column(name, 'string')),
    ...numberColumns.map((name) => column(name, 'float64')),
  ];
}

export const packets = queryType({
  name: 'packets',
  summary: 'recorded packets, the newest first (role operator)',
  schema,
  check: filterOf,
  answer: async (query, context) => {
    const filter = filterOf(query);
    const untilMs = Date.now() + context.limits.timeoutMs;
    const { fromNs, toNs, limits, sources, signal } = context;
    if (!context.mayReadPackets) {
      throw new AppError('role_insufficient', {
        needed: 'operator',
        role: 'viewer',
        principal: 'of this query',
      });
    }
    if (query.limit > limits.maxRows) {
      throw new AppError('query_limit', {
        reason: `limit is ${query.limit}; query.max_rows allows ${limits.maxRows}`,
      });
    }
    const rows: PacketRow[] = [];
    let before: string | null = null;
    do {
      const page: PacketPage = await sources.packets.page({
        limit: Math.min(pageRows, query.limit - rows.length),
        kind: query.kind,
        // the store's range includes both ends
        fromNs,
        toNs: toNs - 1n,
        ...filter,
        ...(before === null ? {} : { before }),
      });
      rows.push(...page.packets);
      before = page.nextBefore;
      if (signal.aborted) throw new AppError('query_cancelled', { reason: 'who asked has left' });
      // a filter that few packets pass goes through all segments of the range
    } while (before !== null && rows.length < query.limit && Date.now() < untilMs);
    const cut = before !== null;
    return [
      {
        name: 'packets',
        meta: {
          type: 'table',
          typeVersion: [0, 1],
          preferredVisualisationType: 'table',
          custom: { source: 'packets', rows: rows.length, cut },
          ...(cut
            ? {
                notices: [
                  {
                    severity: 'info',
                    text: `the search ended after ${rows.length} packets, at the limit of rows or of time: older ones may pass, too`,
                  },
                ],
              }
            : {}),
        },
        fields: columnsOf(rows),
      },
    ];
  },
});
