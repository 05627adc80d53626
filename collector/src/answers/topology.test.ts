import type { AggregateAnswer } from '../stores/flows/flow-aggregate.js';
import type { AnswerContext } from './query-type.js';
import { queryTypes } from './registry.js';
import { maxNodes } from './topology.js';
import { Value } from '@sinclair/typebox/value';

const topology = queryTypes.get('topology')!;

/** A store whose heaviest pairs are these. */
const contextWith = (pairs: (string | number)[][]): AnswerContext =>
  ({
    fromNs: 0n,
    toNs: 1n,
    limits: { maxRows: 10_000 },
    signal: new AbortController().signal,
    sources: {
      flows: {
        aggregate: async (): Promise<AggregateAnswer> => ({
          groups: pairs.map((keys, place) => ({
            keys,
            totals: [10_000 - place, 10, 1, 6_000 - place, 4_000],
            series: [],
            errors: [0, 0, 0, 0, 0],
          })),
          otherGroups: 0,
          othersCounted: true,
          othersAtMost: [0, 0, 0, 0, 0],
          firstNs: 0n,
          intervals: 0,
          facts: { resolutions: ['record'], rows: pairs.length, expired: [] },
        }),
      },
    },
  }) as unknown as AnswerContext;

const ask = async (change: object, pairs: (string | number)[][]) => {
  const [nodes, edges] = await topology.answer(
    Value.Default(topology.schema, change) as never,
    contextWith(pairs),
  );
  const column = (frame: typeof nodes, name: string): unknown[] =>
    Array.from(frame!.fields.find((field) => field.name === name)!.values);
  return {
    nodes,
    edges,
    node: (name: string) => column(nodes, name),
    edge: (name: string) => column(edges, name),
  };
};

describe('topology', () => {
  it('has no more nodes than the node graph shows, and every end of an edge among them', async () => {
    const { nodes, node, edge } = await ask(
      { limit: 5_000 },
      Array.from({ length: 2_000 }, (_, place) => [
        `10.0.${place >> 8}.${place & 255}`,
        `10.1.${place >> 8}.${place & 255}`,
      ]),
    );
    expect(node('id')).toHaveLength(maxNodes);
    expect(edge('source')).toHaveLength(maxNodes / 2);
    const known = new Set(node('id'));
    expect([...edge('source'), ...edge('target')].every((end) => known.has(end))).toBe(true);
    expect(nodes!.meta).toMatchObject({ custom: { cut: true, other_groups: 1_250 } });
  });

  it('joins what two hosts opened towards each other in one edge', async () => {
    const { node, edge } = await ask({}, [
      ['b', 'a'],
      ['a', 'b'],
    ]);
    expect(edge('source')).toEqual(['a']);
    expect(edge('mainstat')).toEqual([19_999]);
    // what a sent: the reverse of the first, the forward of the second
    expect(edge('detail__sent')).toEqual([4_000 + 5_999]);
    expect(node('mainstat')).toEqual([19_999, 19_999]);
  });

  it('leaves flows without a tunnel out of the map of tunnels', async () => {
    const outer = await ask({ by: 'outer' }, [
      ['::', '::'],
      ['198.51.100.1', '198.51.100.2'],
    ]);
    expect(outer.node('id')).toEqual(['198.51.100.1', '198.51.100.2']);
    const tenants = await ask({ by: 'tenant' }, [
      ['lisp', 42, '198.51.100.1', '198.51.100.2'],
      ['none', 0, '::', '::'],
    ]);
    expect(tenants.node('id')).toEqual(['lisp 42', '198.51.100.1', '198.51.100.2']);
  });
});
