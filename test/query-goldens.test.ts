/**
 * Answers of POST /query to fixed records, as text under test/goldens/query: what Grafana's SDK has to decode (see
 * grafana-plugin/pkg/frames). WIREGLASS_WRITE_GOLDENS=1 writes them; otherwise they are compared.
 */
import type { FlowRecord, PacketRow } from '@wireglass/native';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answerQueries, type QueriesContext } from '../collector/src/answers/answer-queries.js';
import { makeRecord } from '../collector/src/stores/duckdb/flows/test-batches.js';
import { storageWith } from '../collector/src/stores/duckdb/flows/test-storage.js';
import type { CaptureEntry, HistoryEvent } from '../collector/src/stores/history/history-store.js';
import type { MetricSeriesQuery } from '../collector/src/stores/metrics/metric-store.js';

const directory = join(__dirname, 'goldens/query');
const writes = process.env['WIREGLASS_WRITE_GOLDENS'] === '1';
const second = 1_000_000_000n;
const startNs = 1_700_000_000n * second;
const at = (seconds: number, ns = 0): bigint => startNs + BigInt(seconds) * second + BigInt(ns);

const records: FlowRecord[] = Array.from({ length: 24 }, (_, index) =>
  makeRecord({
    flow_id: String(18_446_744_073_709_000_000n + BigInt(index)),
    start_ns: String(at(index * 5, 123_456)),
    end_ns: String(at(index * 5 + (index % 3) * 20, 999_999)),
    src_addr: index % 5 === 0 ? '2001:db8::1' : `10.0.${index % 3}.1`,
    dst_addr: `192.0.2.${index % 4}`,
    dst_port: [443, 53, 80][index % 3]!,
    protocol: index % 3 === 1 ? 17 : 6,
    overlay: index % 6 === 0 ? 'lisp' : 'none',
    tenant_id: index % 6 === 0 ? 42 : 0,
    outer_src_addr: index % 6 === 0 ? '198.51.100.1' : '::',
    outer_dst_addr: index % 6 === 0 ? '198.51.100.2' : '::',
    bytes: 1_000 * index,
    rev_bytes: 500 * index,
    tcp_rtt_us: index % 2 === 0 ? 0 : 100 * index,
  }),
);

const metrics = {
  series: async ({ measurement, groupBy }: MetricSeriesQuery) => ({
    resolutionMs: 1_000,
    series: (groupBy.length === 0
      ? ['all']
      : measurement === 'loss'
        ? ['kernel', 'disk']
        : ['tcp', 'udp']
    ).map((value, index) => ({
      tags: Object.fromEntries(groupBy.map((tag) => [tag, tag === 'interface' ? 'eth0' : value])),
      points: [0, 1, 3].map((step) => ({ timeNs: at(step), value: 100 * (index + step) })),
    })),
  }),
};

const capture: CaptureEntry = {
  run: 7,
  startNs: at(0, 5),
  startedBy: 'operator:1',
  source: 'interface eth0',
  backend: 'af_packet',
  interfaces: ['eth0', 'a, "b"'],
  settings: {},
  state: 'running',
  endNs: null,
  endedBy: null,
  counters: null,
  ledger: null,
  failures: [],
};
const event: HistoryEvent = {
  id: 'e1',
  timeNs: at(10, 1),
  endNs: null,
  kind: 'packets_lost',
  severity: 'warning',
  title: 'Packets lost',
  text: '12 packets were dropped by the kernel',
  tags: { interface: 'eth0', cause: 'kernel' },
};

const packet: PacketRow = {
  id: '1-00000001-9-0',
  time_ns: String(at(3, 7)),
  captured_length: 60,
  original_length: 1_500,
  interface: 'eth0',
  link_type: 'Ethernet',
  protocol: 'tcp',
  src_addr: '10.0.0.1',
  dst_addr: '10.0.0.2',
  src_port: 1_000,
  dst_port: 443,
  vlan_id: null,
  overlay: null,
  tenant_id: null,
  outer_src_addr: null,
  outer_dst_addr: null,
  decode_status: 'ok',
};

const cases: Record<string, object[]> = {
  'timeseries-total': [
    { type: 'timeseries', measure: 'bits_per_second', source: 'flows', interval_ms: 20_000 },
  ],
  'timeseries-grouped': [
    {
      refId: 'A',
      type: 'timeseries',
      measure: 'total_bytes',
      group_by: ['src_addr', 'dst_port'],
      top: 3,
      interval_ms: 30_000,
    },
    { refId: 'B', type: 'timeseries', measure: 'flows', group_by: ['overlay'], interval_ms: 60_000 },
  ],
  'timeseries-statistic': [
    { type: 'timeseries', measure: 'p95(tcp_rtt_us)', group_by: ['protocol'], interval_ms: 20_000 },
  ],
  'timeseries-metrics': [
    { refId: 'B', type: 'timeseries', measure: 'packets_per_second', interval_ms: 30_000 },
    {
      refId: 'A',
      type: 'timeseries',
      measure: 'bits_per_second',
      group_by: ['protocol'],
      source: 'metrics',
      interval_ms: 10_000,
    },
  ],
  'timeseries-empty': [
    { refId: 'A', type: 'timeseries', filter: 'port 9', interval_ms: 60_000 },
    { refId: 'B', type: 'timeseries', filter: 'port 9', group_by: ['src_addr'], interval_ms: 60_000 },
  ],
  'top-table': [
    { type: 'top', measures: ['total_bytes', 'flows', 'max(tcp_rtt_us)'], group_by: ['src_net/16'], top: 2 },
  ],
  'top-numeric': [{ type: 'top', format: 'numeric', group_by: ['dst_addr', 'dst_port'], top: 3 }],
  flows: [{ type: 'flows', limit: 3, sort: '-bytes' }],
  topology: [
    { refId: 'A', type: 'topology' },
    { refId: 'B', type: 'topology', by: 'tenant' },
    { refId: 'C', type: 'topology', by: 'outer' },
  ],
  packets: [{ type: 'packets', limit: 5 }],
  captures: [{ type: 'captures' }],
  events: [{ type: 'events' }],
  'capture-health': [
    { refId: 'A', type: 'capture_health', interval_ms: 60_000 },
    { refId: 'B', type: 'capture_health', view: 'ledger' },
  ],
  errors: [
    { refId: 'A', type: 'top' },
    { refId: 'B', type: 'top', filter: 'dst prt 443' },
    { refId: 'C', type: 'nonsense' },
  ],
};

let opened: Awaited<ReturnType<typeof storageWith>>;
let context: QueriesContext;

beforeAll(async () => {
  opened = await storageWith(records);
  const { storage } = opened;
  const signal = new AbortController().signal;
  context = {
    fromNs: at(0),
    toNs: at(120),
    nowNs: at(3_600),
    limits: { maxRows: 1_000, maxSeries: 100, maxPoints: 1_000, timeoutMs: 10_000, samplesAfterMs: 2_000 },
    sources: {
      flows: {
        query: (query) => storage.query(query),
        aggregate: (query) => storage.aggregate(query, signal),
      },
      metrics,
      history: {
        captures: async () => ({ entries: [capture], more: false }),
        events: async () => ({ entries: [event], more: true }),
      },
      packets: { page: async () => ({ packets: [packet], nextBefore: null }) },
    },
    mayReadPackets: true,
    signal,
    onFailure: (error) => {
      throw error;
    },
  };
});
afterAll(() => opened.close());

describe('answers of POST /query', () => {
  it.each(Object.entries(cases))('%s', async (name, queries) => {
    const text = `${JSON.stringify(await answerQueries(queries, context), null, 1)}\n`;
    const file = join(directory, `${name}.json`);
    if (writes) {
      mkdirSync(directory, { recursive: true });
      writeFileSync(file, text);
    }
    expect(existsSync(file)).toBe(true);
    expect(text).toBe(readFileSync(file, 'utf8'));
  });

  it('are all there, and no others', () => {
    expect(readdirSync(directory).sort()).toEqual(
      Object.keys(cases)
        .map((name) => `${name}.json`)
        .sort(),
    );
  });
});
