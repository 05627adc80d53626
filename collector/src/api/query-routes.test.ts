import type { FlowRecord } from '@wireglass/native';
import type { FrameJson } from '../answers/frame.js';
import type { QueryResults } from '../answers/answer-queries.js';
import type { FlowStorage } from '../stores/duckdb/flows/flow-storage.js';
import { storageWith } from '../stores/duckdb/flows/test-storage.js';
import { makeRecord } from '../stores/duckdb/flows/test-batches.js';
import type { FlowStore } from '../stores/flows/flow-store.js';
import { as, queryLimits, testApi } from './test-api.js';

const startMs = 1_700_000_000_000;
const at = (seconds: number): string => String(BigInt(startMs + seconds * 1_000) * 1_000_000n);

const record = (index: number, change: Partial<FlowRecord>): FlowRecord =>
  makeRecord({
    flow_id: String(index + 1),
    start_ns: at(index),
    end_ns: at(index + 1),
    dst_addr: '10.1.0.1',
    ...change,
  });
const stored = Array.from({ length: 60 }, (_, index) =>
  record(index, { src_addr: `10.0.0.${index % 4}`, bytes: 1_000 * (1 + (index % 4)), rev_bytes: 0 }),
);
const alive = [
  record(58, { flow_id: '1000', end_reason: 'live', src_addr: '10.9.9.9', bytes: 50, rev_bytes: 50 }),
  // stored meanwhile: counted once
  { ...stored[59]!, end_reason: 'live' as const },
];

/** The part of a store that answers queries, without the thread around it. */
const asStore = (storage: FlowStorage): Pick<FlowStore, 'query' | 'aggregate' | 'values'> => ({
  query: (query) => storage.query(query),
  aggregate: (query, signal = new AbortController().signal) => storage.aggregate(query, signal),
  values: (query, signal = new AbortController().signal) => storage.values(query, signal),
});

let opened: Awaited<ReturnType<typeof storageWith>>;
let api: Awaited<ReturnType<typeof testApi>>;

beforeAll(async () => {
  opened = await storageWith(stored, alive);
  api = await testApi({}, { flowStore: asStore(opened.storage) });
});
afterAll(async () => {
  await api.app.close();
  await opened.close();
});

const range = { from: startMs, to: startMs + 60_000 };
const post = (payload: object, role: 'viewer' | 'operator' = 'viewer') =>
  api.ask({ method: 'POST', url: '/api/v1/query', headers: as(role), payload });

async function results(...queries: object[]): Promise<QueryResults['results']> {
  const answer = await post({ ...range, queries });
  expect(answer.statusCode).toBe(200);
  return answer.json<QueryResults>().results;
}

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const column = (frame: FrameJson | undefined, name: string): unknown[] => {
  const at = frame?.schema.fields.findIndex((field) => field.name === name) ?? -1;
  return frame?.data.values[at] ?? [];
};
const total = (values: readonly unknown[]): number =>
  values.reduce<number>((sum, value) => sum + Number(value ?? 0), 0);
const allBytes = total(stored.map(({ bytes }) => bytes)) + 100;

describe('POST /query', () => {
  it('answers a series per group and one of the rest, which sum up to all records, live ones once', async () => {
    const { A } = await results({
      refId: 'A',
      type: 'timeseries',
      measure: 'total_bytes',
      group_by: ['src_addr'],
      top: 2,
      interval_ms: 10_000,
      intervalMs: 1_000,
      maxDataPoints: 500,
      datasource: { uid: 'x' },
    });
    expect(A).toMatchObject({ status: 200 });
    const labels = A!.frames.map(({ schema }) => schema.fields[1]?.labels);
    expect(labels).toEqual([{ src_addr: '10.0.0.3' }, { src_addr: '10.0.0.2' }, { src_addr: 'other' }]);
    for (const { schema, data } of A!.frames) {
      expect(schema).toMatchObject({ refId: 'A', meta: { type: 'timeseries-multi', typeVersion: [0, 1] } });
      expect(data.values[0]).toEqual([0, 1, 2, 3, 4, 5].map((step) => startMs + step * 10_000));
    }
    // the last record ends behind the range
    const outside = 4_000 - Math.floor(4_000 * (1_000_000_000 / 1_000_000_001));
    expect(total(A!.frames.flatMap((frame) => column(frame, 'total_bytes')))).toBe(allBytes - outside);
    expect(A!.frames[0]?.schema.meta?.custom).toMatchObject({
      source: 'flows',
      resolutions: ['record'],
      other_groups: 3,
    });
  });

  it('fills gaps of counts with 0 and of statistics with null, and makes rates of what lies in the range', async () => {
    const answer = await post({
      from: startMs - 20_000,
      to: startMs + 20_000,
      queries: [
        {
          refId: 'A',
          type: 'timeseries',
          measure: 'bits_per_second',
          filter: 'src host 10.0.0.1',
          interval_ms: 10_000,
        },
        { refId: 'B', type: 'timeseries', measure: 'max(tcp_rtt_us)', interval_ms: 10_000 },
      ],
    });
    const { A, B } = answer.json<QueryResults>().results;
    expect(column(A!.frames[0], 'bits_per_second').slice(0, 2)).toEqual([0, 0]);
    expect(total(column(A!.frames[0], 'bits_per_second')) * 10).toBe(8 * 2_000 * 5);
    expect(column(B!.frames[0], 'max(tcp_rtt_us)')).toEqual([null, null, 1_000, 1_000]);
  });

  it('answers a series of zeros where nothing came, and null for what is yet to come', async () => {
    const now = Date.now();
    const answer = await post({
      from: now - 60_000,
      to: now + 60_000,
      queries: [{ type: 'timeseries', measure: 'flows', filter: 'src port 1', interval_ms: 60_000 }],
    });
    const values = column(answer.json<QueryResults>().results['A']!.frames[0], 'flows');
    expect(values.slice(0, 2)).toEqual([0, 0]);
    expect(values.at(-1)).toBeNull();
  });

  it('answers the top as a table with bounds, and as numbers for alert rules', async () => {
    const { A, B } = await results(
      { refId: 'A', type: 'top', measures: ['total_bytes', 'flows'], group_by: ['src_addr'], top: 2 },
      { refId: 'B', queryType: 'top', format: 'numeric', group_by: ['dst_port'], other: false },
    );
    expect(column(A!.frames[0], 'src_addr')).toEqual(['10.0.0.3', '10.0.0.2', 'other']);
    expect(column(A!.frames[0], 'flows')).toEqual([15, 15, 31]);
    expect(column(A!.frames[0], 'total_bytes_error_at_most')).toEqual([0, 0, 0]);
    expect(B!.frames[0]?.schema.meta).toMatchObject({ type: 'numeric-long', typeVersion: [0, 1] });
    expect(B!.frames[0]?.schema.fields.map(({ type }) => type)).toEqual(['string', 'number']);
  });

  it('answers records as a table whose rows say what links need', async () => {
    const { A } = await results({
      refId: 'A',
      type: 'flows',
      limit: 5,
      sort: '-start_ns',
      fields: ['src_addr', 'bytes'],
    });
    expect(column(A!.frames[0], 'flow_id')).toEqual(['60', '1000', '59', '58', '57']);
    expect(column(A!.frames[0], 'start_ns')[0]).toBe(at(59));
    expect(column(A!.frames[0], 'start')[0]).toBe(startMs + 59_000);
    expect(A!.frames[0]?.schema.meta?.custom).toMatchObject({ cut: true });
    expect(A!.frames[0]?.schema.fields.map(({ name }) => name)).toEqual([
      'start',
      'end',
      'flow_id',
      'record_index',
      'start_ns',
      'end_ns',
      'src_addr',
      'bytes',
    ]);
  });

  it('answers nodes and edges, whose bytes are those of the records', async () => {
    const { A } = await results({ refId: 'A', type: 'topology', limit: 10 });
    const [nodes, edges] = A!.frames;
    expect(column(nodes, 'id')).toHaveLength(6);
    expect(total(column(edges, 'mainstat'))).toBe(total(column(nodes, 'mainstat')) / 2);
    const ends = [...column(edges, 'source'), ...column(edges, 'target')];
    expect(ends.every((end) => column(nodes, 'id').includes(end))).toBe(true);
    const nets = await results({ refId: 'A', type: 'topology', by: 'net', prefix_v4: 8 });
    expect(column(nets['A']!.frames[0], 'id')).toEqual(['10.0.0.0/8']);
  });

  it('tells what is wrong with one query and answers the others', async () => {
    const answer = await results(
      { refId: 'A', type: 'timeseries', filter: 'dst prt 443' },
      { refId: 'B', type: 'timeseries', meassure: 'flows' },
      { refId: 'C', type: 'timeserie' },
      { refId: 'D', type: 'top', measures: ['p95(bytes)'] },
      { refId: 'E', type: 'top', group_by: ['src_adr'] },
      { refId: 'F', type: 'packets', filter: 'rev_bytes > 1' },
      { refId: 'G', type: 'packets' },
      { refId: 'H', type: 'timeseries', interval_ms: 1 },
      { refId: 'I', type: 'top' },
      { refId: 'J', type: 'flows', limit: 20_000 },
      { refId: 'K', type: 'timeseries', source: 'metrics', group_by: ['src_addr'] },
      { refId: 'L', type: 'events' },
    );
    const said = Object.fromEntries(
      Object.entries(answer).map(([name, { status, error }]) => [name, `${status} ${error}`]),
    );
    expect(said).toMatchObject({
      A: matching(/^400 column 5: .*port/),
      B: matching(/^400 query B: meassure is no key that is known here; did you mean measure\?/),
      C: matching(/^400 query C: type is "timeserie".*did you mean timeseries\?/),
      D: matching(/^400 measure is "p95\(bytes\)": bytes has no p95/),
      E: matching(/^400 "src_adr" is no field of a flow record; did you mean src_addr\?/),
      F: matching(/^400 column 1: /),
      G: matching(/^403 this needs the role operator/),
      H: matching(/^422 intervals of 1 ms give 60000 points/),
      I: '200 undefined',
      J: matching(/^422 limit is 20000; query.max_rows allows 10000/),
      K: matching(/^400 source metrics cannot answer this/),
      L: matching(/^501 the history/),
    });
    expect(Object.values(answer).every(({ frames }) => Array.isArray(frames))).toBe(true);
  });

  it.each([
    [{}, /from is missing/],
    [{ ...range, queries: [] }, /queries/],
    [{ from: 'yesterday', to: 'now', queries: [{ type: 'top' }] }, /^from: "yesterday" is neither/],
    [{ from: startMs + 1, to: startMs, queries: [{ type: 'top' }] }, /it must be earlier than "to"/],
    [
      {
        ...range,
        queries: [
          { refId: 'A', type: 'top' },
          { refId: 'A', type: 'top' },
        ],
      },
      /two queries have the refId "A"/,
    ],
    [
      { ...range, querys: [], queries: [{ type: 'top' }] },
      /querys is no key that is known here; did you mean queries\?/,
    ],
  ])('refuses the request %p', async (payload, reason) => {
    const answer = await post(payload);
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json<{ detail: string }>().detail).toMatch(reason);
  });

  it.each([
    ['now-1h', 'now'],
    ['2023-11-14T22:13:20Z', '2023-11-14T22:14:20Z'],
    [at(0), at(60)],
    [String(startMs), String(startMs + 60_000)],
  ])('reads the range %s to %s', async (from, to) => {
    const answer = await post({ from, to, queries: [{ type: 'top', group_by: ['dst_port'] }] });
    const found = column(answer.json<QueryResults>().results['A']!.frames[0], 'dst_port');
    expect(found).toEqual(from.startsWith('now') ? [] : ['443']);
  });

  it('takes many queries with long filters, and any name of a query', async () => {
    const filter = Array.from({ length: 200 }, (_, port) => `dst port ${port}`).join(' or ');
    const queries = Array.from({ length: 49 }, (_, index) => ({
      refId: `Q${index}`,
      type: 'flows',
      limit: 1,
      filter,
    }));
    const answer = await post({
      ...range,
      queries: [{ refId: '__proto__', type: 'flows', limit: 1 }, ...queries],
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toMatch(/^\{"results":\{"__proto__":\{"status":200/);
    const { status } = answer.json<QueryResults>().results['Q48']!;
    expect(status).toBe(200);
  });

  it('lets operators see packets', async () => {
    api.packets.rows = [];
    const answer = await post(
      { ...range, queries: [{ type: 'packets', filter: 'tcp port 443' }] },
      'operator',
    );
    expect(api.packets.listed).toEqual([
      expect.objectContaining({
        fromNs: BigInt(at(0)),
        toNs: BigInt(at(60)) - 1n,
        filter: matching(/^packet_filter_1 /),
      }),
    ]);
    expect(answer.json<QueryResults>().results['A']).toMatchObject({ status: 200 });
  });

  it('ends a query whose client leaves', async () => {
    const seen: boolean[] = [];
    const gone = await testApi(
      { query: queryLimits },
      {
        flowStore: {
          ...asStore(opened.storage),
          aggregate: (_, signal) =>
            new Promise((_resolve, reject) => {
              signal?.addEventListener('abort', () => {
                seen.push(true);
                reject(Object.assign(new Error('left'), { code: 'query_cancelled' }));
              });
              setImmediate(() => gone.app.server.closeAllConnections());
            }),
        },
      },
    );
    const asked = gone.ask({
      method: 'POST',
      url: '/api/v1/query',
      headers: as('viewer'),
      payload: { ...range, queries: [{ type: 'top' }] },
    });
    await expect(asked).rejects.toThrow();
    await gone.app.close();
    expect(seen).toEqual([true]);
  });
});

describe('what editors of queries ask', () => {
  const get = (url: string) => api.ask({ url: `/api/v1/query/${url}`, headers: as('viewer') });
  const validate = async (payload: object) =>
    (await api.ask({ method: 'POST', url: '/api/v1/query/validate', headers: as('viewer'), payload })).json<{
      ok: boolean;
      error?: { code: string; column?: number; expected?: string[]; reason: string };
      completion?: { from: number; suggestions: { text: string }[]; values_of?: string };
    }>();
  const suggested = async (filter: string) => {
    const { completion } = await validate({ filter, cursor: filter.length });
    return { texts: completion!.suggestions.map(({ text }) => text), valuesOf: completion!.values_of };
  };

  it('lists fields, measures, words and types', async () => {
    const { fields, types } = (await get('fields')).json<{
      fields: { name: string; operators: string[]; measures: string[]; rolled_up: boolean }[];
      types: { name: string; keys: string[] }[];
    }>();
    const field = (name: string) => fields.find((each) => each.name === name);
    expect(field('tls_sni')).toMatchObject({ operators: ['=', '!=', '~', '!~'], measures: [] });
    expect(field('tcp_rtt_us')?.measures).toContain('p95(tcp_rtt_us)');
    expect(field('src_addr')?.rolled_up).toBe(true);
    expect(types.map(({ name }) => name)).toEqual([
      'timeseries',
      'top',
      'flows',
      'topology',
      'packets',
      'captures',
      'events',
      'capture_health',
    ]);
  });

  it('finds values by what they begin with', async () => {
    const window = `from=${at(0)}&to=${at(60)}`;
    const values = async (query: string) =>
      (await get(`values?${query}&${window}`)).json<{
        values: { value: string; records: number }[];
        more: boolean;
      }>();
    expect(await values('field=src_addr&prefix=10.0.0.&limit=2')).toMatchObject({
      values: [
        { value: '10.0.0.0', records: 15 },
        { value: '10.0.0.1', records: 15 },
      ],
      more: true,
    });
    expect((await values('field=src_addr&prefix=10.9')).values).toEqual([{ value: '10.9.9.9', records: 1 }]);
    expect((await values('field=tls_sni&prefix=WWW')).values).toEqual([
      { value: 'www.example.com', records: 61 },
    ]);
    expect((await values('field=dst_port&prefix=44')).values).toEqual([{ value: '443', records: 61 }]);
    expect((await get('values?field=src_adr')).json<{ detail: string }>().detail).toMatch(
      /did you mean src_addr/,
    );
  });

  it('says what is wrong with a filter, where, and what could stand there', async () => {
    expect(await validate({ filter: 'host 10.0.0.1 and' })).toMatchObject({
      ok: false,
      error: { code: 'bad_filter', column: 18, expected: [matching(/^a condition/)] },
    });
    expect(await validate({ filter: 'dst port 443' })).toEqual({ ok: true });
    expect(await validate({ filter: 'rev_bytes > 1', over: 'packets' })).toMatchObject({ ok: false });
    expect(await validate({ query: { type: 'top', tops: 5 } })).toMatchObject({
      ok: false,
      error: { code: 'bad_request', reason: matching(/tops is no key/) },
    });
  });

  it('completes words, fields, comparisons and values at the cursor', async () => {
    expect((await suggested('')).texts).toEqual(expect.arrayContaining(['host', 'src', 'bytes', 'not']));
    expect((await suggested('tls')).texts).toEqual(['tls_sni', 'tls_alpn', 'tls_ja4']);
    expect((await suggested('bytes ')).texts).toEqual(['=', '!=', '<', '<=', '>', '>=']);
    expect((await suggested('end_reason = ')).texts).toContain('idle_timeout');
    expect(await suggested('tls_sni = ')).toEqual({ texts: [], valuesOf: 'tls_sni' });
    expect((await suggested('overlay li')).texts).toEqual(['lisp', 'lisp_gpe']);
    expect((await suggested('port ht')).texts).toEqual(['http', 'https', 'http-alt']);
    expect((await suggested('port 443 ')).texts).toEqual(['and', 'or']);
    expect((await suggested('port 443 and src ')).texts).toEqual(['host', 'net', 'port']);
    expect((await validate({ filter: 'tcp and tl and udp', cursor: 10 })).completion).toMatchObject({
      from: 8,
      suggestions: [{ text: 'tls_sni' }, { text: 'tls_alpn' }, { text: 'tls_ja4' }],
    });
  });
});
