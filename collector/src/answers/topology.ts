import { Type } from '@sinclair/typebox';
import { AppError } from '../model/errors.js';
import { strictObject, stringEnum } from '../model/shapes.js';
import { parseMeasure, type Measure } from '../query/measures.js';
import type { AggregateAnswer } from '../stores/flows/flow-aggregate.js';
import { factsOf, noticesOf } from './facts.js';
import type { Frame, FrameField, FrameMeta } from './frame.js';
import { exactKey, filterKey, filterOf, groupNames } from './keys.js';
import { queryType } from './query-type.js';

/** What Grafana's node graph shows. */
export const maxNodes = 1_500;
const maxThickness = 10;

const schema = strictObject({
  by: stringEnum(['address', 'net', 'outer', 'tenant'], {
    default: 'address',
    description:
      'nodes: addresses, their prefixes, the ends of tunnels, or tenants with the ends of the tunnels they use',
  }),
  prefix_v4: Type.Integer({ minimum: 0, maximum: 32, default: 24, description: 'by net: length for IPv4' }),
  prefix_v6: Type.Integer({ minimum: 0, maximum: 128, default: 64, description: 'by net: length for IPv6' }),
  filter: filterKey,
  limit: Type.Integer({ minimum: 1, maximum: 5_000, default: 200, description: 'pairs with the most bytes' }),
  exact: exactKey,
});
type TopologyQuery = (typeof schema)['static'];

const measures: Measure[] = ['total_bytes', 'total_packets', 'flows', 'bytes', 'rev_bytes'].map(parseMeasure);

function groupingOf({ by, prefix_v4, prefix_v6 }: TopologyQuery): string[] {
  switch (by) {
    case 'address':
      return ['src_addr', 'dst_addr'];
    case 'net':
      return [`src_addr/${prefix_v4}/${prefix_v6}`, `dst_addr/${prefix_v4}/${prefix_v6}`];
    case 'outer':
      return ['outer_src_addr', 'outer_dst_addr'];
    case 'tenant':
      return ['overlay', 'tenant_id', 'outer_src_addr', 'outer_dst_addr'];
  }
}

interface Sums {
  bytes: number;
  packets: number;
  flows: number;
  /** of the bytes those that the edge's source, or the node, sent */
  sent: number;
}

interface Edge extends Sums {
  source: string;
  target: string;
}

/** What a group joins: two ends, or a tenant and each end of its tunnel. Without a tunnel there is no outer address. */
function endsOf({ by }: TopologyQuery, keys: readonly (string | number)[]): [string, string][] {
  const [first, second, third, fourth] = keys.map(String);
  if (by === 'tenant') {
    const tenant = first === 'none' ? 'no tunnel' : `${first} ${second}`;
    return [third, fourth].flatMap((end) =>
      end === undefined || end === '::' ? [] : [[tenant, end] satisfies [string, string]],
    );
  }
  if (first === undefined || second === undefined || (by === 'outer' && first === '::')) return [];
  return [[first, second]];
}

const nothing = (): Sums => ({ bytes: 0, packets: 0, flows: 0, sent: 0 });

function add(into: Sums, sums: Sums, sent: number): void {
  into.bytes += sums.bytes;
  into.packets += sums.packets;
  into.flows += sums.flows;
  into.sent += sent;
}

/** Edges with those of both directions of opening in one, the heaviest first; no more than the graph has room for. */
function graphOf(query: TopologyQuery, answer: AggregateAnswer) {
  const edges = new Map<string, Edge>();
  for (const { keys, totals } of answer.groups) {
    if (keys === null) continue;
    const [bytes = 0, packets = 0, flows = 0, forward = 0, reverse = 0] = totals.map((total) => total ?? 0);
    for (const [from, to] of endsOf(query, keys)) {
      const turned = query.by !== 'tenant' && from > to;
      const [source, target] = turned ? [to, from] : [from, to];
      const id = JSON.stringify([source, target]);
      const edge = edges.get(id) ?? { source, target, ...nothing() };
      edges.set(id, edge);
      add(edge, { bytes, packets, flows, sent: 0 }, turned ? reverse : forward);
    }
  }
  const nodes = new Map<string, Sums>();
  const shown: Edge[] = [];
  for (const edge of [...edges.values()].sort((a, b) => b.bytes - a.bytes)) {
    const fresh = [...new Set([edge.source, edge.target])].filter((end) => !nodes.has(end));
    if (nodes.size + fresh.length > maxNodes) continue;
    for (const end of fresh) nodes.set(end, nothing());
    const [source, target] = [nodes.get(edge.source), nodes.get(edge.target)];
    if (source !== undefined) add(source, edge, edge.sent);
    // a node that talks with itself sends and receives the same
    if (target !== undefined && target !== source) add(target, edge, edge.bytes - edge.sent);
    shown.push(edge);
  }
  return { nodes, edges: shown, cut: edges.size - shown.length };
}

const column = (
  name: string,
  type: 'string' | 'float64',
  values: (string | number)[],
  config: Record<string, unknown> = {},
): FrameField => ({ name, type, values, config });

const bytesUnit = { unit: 'decbytes' };

function nodesFrame(nodes: Map<string, Sums>, meta: FrameMeta): Frame {
  const sums = [...nodes.values()];
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  return {
    name: 'nodes',
    meta,
    fields: [
      column('id', 'string', [...nodes.keys()]),
      column('title', 'string', [...nodes.keys()]),
      column(
        'mainstat',
        'float64',
        sums.map(({ bytes }) => bytes),
        { ...bytesUnit, displayNameFromDS: 'Bytes' },
      ),
      column(
        'secondarystat',
        'float64',
        sums.map(({ flows }) => flows),
        { displayNameFromDS: 'Flows' },
      ),
      column(
        'arc__sent',
        'float64',
        sums.map(({ sent, bytes }) => share(sent, bytes)),
        {
          color: { mode: 'fixed', fixedColor: 'blue' },
          displayNameFromDS: 'Sent',
        },
      ),
      column(
        'arc__received',
        'float64',
        sums.map(({ sent, bytes }) => 1 - share(sent, bytes)),
        {
          color: { mode: 'fixed', fixedColor: 'green' },
          displayNameFromDS: 'Received',
        },
      ),
      column(
        'detail__packets',
        'float64',
        sums.map(({ packets }) => packets),
        { displayNameFromDS: 'Packets' },
      ),
    ],
  };
}

function edgesFrame(edges: readonly Edge[], meta: FrameMeta): Frame {
  const most = Math.max(1, ...edges.map(({ bytes }) => bytes));
  const numbers = (of: (edge: Edge) => number): number[] => edges.map(of);
  return {
    name: 'edges',
    meta,
    fields: [
      column(
        'id',
        'string',
        edges.map(({ source, target }) => `${source}|${target}`),
      ),
      column(
        'source',
        'string',
        edges.map(({ source }) => source),
      ),
      column(
        'target',
        'string',
        edges.map(({ target }) => target),
      ),
      column(
        'mainstat',
        'float64',
        numbers(({ bytes }) => bytes),
        { ...bytesUnit, displayNameFromDS: 'Bytes' },
      ),
      column(
        'secondarystat',
        'float64',
        numbers(({ flows }) => flows),
        { displayNameFromDS: 'Flows' },
      ),
      column(
        'detail__sent',
        'float64',
        numbers(({ sent }) => sent),
        { ...bytesUnit, displayNameFromDS: 'Sent by source' },
      ),
      column(
        'detail__packets',
        'float64',
        numbers(({ packets }) => packets),
        { displayNameFromDS: 'Packets' },
      ),
      column(
        'thickness',
        'float64',
        numbers(({ bytes }) => 1 + Math.round((maxThickness - 1) * (bytes / most))),
      ),
    ],
  };
}

export const topology = queryType({
  name: 'topology',
  summary: 'who talks with whom: nodes and edges of Grafana’s node graph',
  schema,
  check: (query) => {
    groupNames(groupingOf(query));
    filterOf(query.filter);
  },
  answer: async (query, context) => {
    const { maxRows } = context.limits;
    if (query.limit > maxRows) {
      throw new AppError('query_limit', {
        reason: `limit is ${query.limit}; query.max_rows allows ${maxRows}`,
      });
    }
    const answer = await context.sources.flows.aggregate(
      {
        fromNs: context.fromNs,
        toNs: context.toNs,
        intervalNs: null,
        measures,
        groupBy: groupingOf(query).join(','),
        top: query.limit,
        exact: query.exact,
        ...filterOf(query.filter),
      },
      context.signal,
    );
    const { nodes, edges, cut } = graphOf(query, answer);
    const rest = answer.groups.find(({ keys }) => keys === null)?.totals[0] ?? 0;
    const hidden = answer.otherGroups + cut;
    const notices = noticesOf(answer);
    if (hidden > 0) {
      notices.push({
        severity: 'info',
        text: `${hidden} more pairs are not shown, with ${rest} bytes beyond the limit`,
      });
    }
    const meta: FrameMeta = {
      preferredVisualisationType: 'nodeGraph',
      custom: { ...factsOf('flows', answer.facts), other_groups: hidden, other_bytes: rest, cut: hidden > 0 },
    };
    return [
      nodesFrame(nodes, { ...meta, ...(notices.length === 0 ? {} : { notices }) }),
      edgesFrame(edges, meta),
    ];
  },
});
