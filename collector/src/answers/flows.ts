import { Type } from '@sinclair/typebox';
import { flowFields, type FlowField, type FlowRecord } from '@wireglass/native';
import { fieldNamed } from '../model/columns.js';
import { AppError } from '../model/errors.js';
import { hint } from '../model/nearest.js';
import { strictObject, stringEnum } from '../model/shapes.js';
import type { FlowPage } from '../stores/flows/flow-store.js';
import type { Frame, FrameField } from './frame.js';
import { filterKey, filterOf } from './keys.js';
import { queryType, type AnswerContext } from './query-type.js';

const standardFields: readonly (keyof FlowRecord)[] = [
  ...(['src_addr', 'src_port', 'dst_addr', 'dst_port', 'protocol', 'overlay', 'tenant_id'] as const),
  ...(['packets', 'bytes', 'rev_packets', 'rev_bytes', 'tcp_handshake_rtt_us', 'end_reason'] as const),
  ...(['application', 'tls_sni', 'dns_query', 'interface'] as const),
];
const names = flowFields.map(({ name }) => name);
/** Rows that the store gives at a time. */
const pageRows = 1_000;

const schema = strictObject({
  filter: filterKey,
  fields: Type.Array(Type.String({ minLength: 1, maxLength: 40 }), {
    maxItems: 200,
    default: [...standardFields],
    description: 'columns beside start, end and the identity; "*": all',
  }),
  sort: Type.String({
    maxLength: 40,
    default: '-end_ns',
    description: 'a field of the flow record, descending with "-" before it',
  }),
  limit: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 100, description: 'rows' }),
  scope: stringEnum(['all', 'live', 'stored'], {
    default: 'all',
    description: 'live: flows in the cache; stored: closed records; all: both',
  }),
});
type FlowsQuery = (typeof schema)['static'];

function knownField(key: string, text: string): FlowField {
  const field = fieldNamed(text);
  if (field !== undefined) return field;
  throw new AppError('bad_request', {
    reason: `${key} names ${JSON.stringify(text)}, which is no field of a flow record${hint(text, names)}`,
  });
}

function chosenFields({ fields }: FlowsQuery): FlowField[] {
  const identity = new Set<string>(['start_ns', 'end_ns', 'flow_id', 'record_index']);
  const chosen = fields.includes('*') ? names : fields.map((text) => knownField('fields', text).name);
  return [...new Set(chosen)].filter((name) => !identity.has(name)).flatMap((name) => fieldNamed(name) ?? []);
}

function sortOf(text: string): { field: keyof FlowRecord; descending: boolean } {
  const field = knownField('sort', text.replace(/^[+-]/, ''));
  return { field: field.name, descending: text.startsWith('-') };
}

const grafanaUnits: Readonly<Record<string, string>> = { bytes: 'decbytes', us: 'µs', packets: 'short' };

function columnOf(field: FlowField, flows: readonly FlowRecord[]): FrameField {
  const texts = ['ip', 'mac', 'enum', 'string', 'time'].includes(field.type) || field.role === 'identity';
  const unit = grafanaUnits[field.unit ?? ''];
  return {
    name: field.name,
    type: texts ? 'string' : 'float64',
    config: { displayNameFromDS: field.display, ...(unit === undefined ? {} : { unit }) },
    values: flows.map((flow) => flow[field.name]),
  };
}

/** What links to the packets of a row need: its identity, and its times as texts, which lose no nanosecond. */
function identityColumns(flows: readonly FlowRecord[]): FrameField[] {
  const time = (name: string, field: 'start_ns' | 'end_ns'): FrameField => ({
    name,
    type: 'time',
    values: flows.map((flow) => BigInt(flow[field])),
  });
  const text = (name: 'flow_id' | 'record_index' | 'start_ns' | 'end_ns'): FrameField => ({
    name,
    type: 'string',
    values: flows.map((flow) => String(flow[name])),
  });
  return [
    time('start', 'start_ns'),
    time('end', 'end_ns'),
    ...(['flow_id', 'record_index'] as const).map(text),
  ].concat((['start_ns', 'end_ns'] as const).map(text));
}

async function read(query: FlowsQuery, { fromNs, toNs, sources, signal }: AnswerContext) {
  const flows: FlowRecord[] = [];
  let cursor: string | null = null;
  do {
    const page: FlowPage = await sources.flows.query({
      scope: query.scope,
      // the store's range includes both ends
      fromNs,
      toNs: toNs - 1n,
      sort: sortOf(query.sort),
      limit: Math.min(pageRows, query.limit - flows.length),
      ...filterOf(query.filter),
      ...(cursor === null ? {} : { cursor }),
    });
    flows.push(...page.flows);
    cursor = page.nextCursor;
    if (signal.aborted) throw new AppError('query_cancelled', { reason: 'who asked has left' });
  } while (cursor !== null && flows.length < query.limit);
  return { flows, more: cursor !== null };
}

export const flows = queryType({
  name: 'flows',
  summary: 'flow records, live and stored, as a table',
  schema,
  check: (query) => {
    chosenFields(query);
    sortOf(query.sort);
    filterOf(query.filter);
  },
  answer: async (query, context): Promise<Frame[]> => {
    const chosen = chosenFields(query);
    const { maxRows } = context.limits;
    if (query.limit > maxRows) {
      throw new AppError('query_limit', {
        reason: `limit is ${query.limit}; query.max_rows allows ${maxRows}`,
      });
    }
    const { flows: records, more } = await read(query, context);
    return [
      {
        name: 'flows',
        meta: {
          type: 'table',
          typeVersion: [0, 1],
          preferredVisualisationType: 'table',
          custom: { source: 'flows', resolutions: ['record'], rows: records.length, cut: more },
          ...(more
            ? { notices: [{ severity: 'info', text: `there are more than these ${records.length} records` }] }
            : {}),
        },
        fields: [...identityColumns(records), ...chosen.map((field) => columnOf(field, records))],
      },
    ];
  },
});
