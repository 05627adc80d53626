import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { FlowRecord } from '@wireglass/native';
import { parseAddress, parsePrefix } from '../../model/addresses.js';
import { parseFilter } from '../../query/parse-filter.js';
import { matchesFilter } from '../../query/evaluate.js';
import { parseGroupBy } from '../../query/group-by.js';
import { batchesOf, makeRecord, seededNumbers } from '../../stores/duckdb/flows/test-batches.js';
import { randomFilter, randomRecords } from '../../stores/duckdb/flows/test-records.js';
import { parseDuration } from '../meter/durations.js';
import { GroupWriter, type GroupOptions } from './group-writer.js';

let directory: string;
let path: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'wireglass-groups-'));
  path = join(directory, 'out');
});
afterAll(() => rmSync(directory, { recursive: true }));

const byBytes = { by: 'bytes' as const, descending: true, top: Infinity };

async function write(
  by: string,
  records: readonly FlowRecord[],
  more: Partial<GroupOptions>,
): Promise<string> {
  const keys = parseGroupBy(by, parseDuration);
  const writer = await GroupWriter.open({
    format: 'json',
    path,
    filter: null,
    keys,
    order: byBytes,
    ...more,
  });
  for (const batch of batchesOf(records)) writer.batch(batch);
  await writer.end();
  return readFileSync(path, 'latin1');
}

type Row = Record<string, string | number | null>;

const rowsOf = (text: string): Row[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(Buffer.from(line, 'latin1').toString()) as Row);

const groups = async (
  by: string,
  records: readonly FlowRecord[],
  more: Partial<GroupOptions> = {},
): Promise<Row[]> => rowsOf(await write(by, records, more));

function netOf(text: string, v4: number, v6: number): string {
  const length = text.includes(':') ? v6 : v4;
  const prefix = parsePrefix(`${text}/${length}`)!;
  const candidates = networks.filter((network) => {
    const address = parseAddress(network)!;
    return address.hi === prefix.firstHi && address.lo === prefix.firstLo;
  });
  expect(candidates).toHaveLength(1);
  return `${candidates[0]}/${length}`;
}

/** Networks that the test's addresses lie in, as they are written. */
const networks = ['10.1.2.0', '10.1.200.0', '10.2.0.0', '192.0.2.0', '0.0.0.0', '255.255.255.0'].concat([
  '10.0.0.0',
  '2001:db8::',
  '2001:db8:1::',
  'fe80::',
  '::',
  'ffff:ffff:ffff:ffff::',
]);

/** The plain way: a value per record for every key. */
const keyValues: Record<string, (record: FlowRecord) => [string, string | number]> = {
  'src_net/24': ({ src_addr }) => ['src_net', netOf(src_addr, 24, 64)],
  'dst_addr/24/64': ({ dst_addr }) => ['dst_net', netOf(dst_addr, 24, 64)],
  'time:1s': ({ start_ns }) => ['time_ns', `${BigInt(start_ns) / 1_000_000_000n}000000000`],
  'time:100ms': ({ start_ns }) => ['time_ns', `${BigInt(start_ns) / 100_000_000n}00000000`],
};
const plainKeys = [
  'src_addr',
  'dst_addr',
  'dst_port',
  'protocol',
  'overlay',
  'vlan_id',
  'src_mac',
  'dns_query',
].concat(['start_ns', 'flow_id', 'end_reason', 'tenant_id', 'tcp_flags']);

function bruteForce(by: string[], records: readonly FlowRecord[]): Row[] {
  const found = new Map<string, Row>();
  for (const record of records) {
    const keys = by.map((key) => keyValues[key]?.(record) ?? [key, record[key as keyof FlowRecord]]);
    const row: Row = { flow_layer: record.flow_layer, ...(Object.fromEntries(keys) as Row) };
    const group = found.get(JSON.stringify(row)) ?? {
      ...row,
      flows: 0,
      packets: 0,
      bytes: 0,
      estimated_packets: 0,
      estimated_bytes: 0,
    };
    found.set(JSON.stringify(row), group);
    const add = (name: string, value: number): void => void (group[name] = Number(group[name]) + value);
    add('flows', 1);
    for (const name of ['packets', 'bytes'] as const) {
      const sum = record[name] + record[`rev_${name}`];
      add(name, sum);
      add(`estimated_${name}`, sum * record.sampling_rate);
    }
  }
  return [...found.values()];
}

const sorted = (rows: Row[]): string[] =>
  rows
    .map((row) =>
      JSON.stringify(
        Object.entries(row)
          .filter(([name]) => name !== 'share_percent')
          .sort(),
      ),
    )
    .sort();

const smallBytes = (records: FlowRecord[]): FlowRecord[] =>
  records.map((record) => ({ ...record, bytes: Math.min(record.bytes, 2 ** 30) }));

describe('sums over groups', () => {
  it('are those of the records, for any keys and any filter', async () => {
    const number = seededNumbers(31);
    const records = smallBytes(randomRecords(32, 3_000));
    const candidates = [...Object.keys(keyValues), ...plainKeys];
    for (let round = 0; round < 40; round++) {
      const by = [
        ...new Set(Array.from({ length: 1 + number(3) }, () => candidates[number(candidates.length)]!)),
      ];
      if (by.filter((key) => key.startsWith('time:')).length > 1) continue;
      const filter = round % 2 === 0 ? null : parseFilter(randomFilter(number));
      const expected = bruteForce(
        by,
        filter === null ? records : records.filter((it) => matchesFilter(filter, it)),
      );
      const given = await groups(by.join(','), records, { filter });
      // columns that say nothing are left out
      const comparable = given.map((row) => ({
        flow_layer: 'innermost',
        estimated_packets: row['packets']!,
        estimated_bytes: row['bytes']!,
        ...row,
      }));
      expect([by, sorted(comparable)]).toEqual([by, sorted(expected)]);
    }
  }, 120_000);

  it('come with the most first, and one row for the rest of each layer', async () => {
    const records = smallBytes(randomRecords(33, 2_000));
    const all = await groups('src_addr,dst_port', records);
    for (const by of ['bytes', 'packets', 'flows'] as const) {
      for (const descending of [true, false]) {
        const top = await groups('src_addr,dst_port', records, { order: { by, descending, top: 5 } });
        expect(top).toHaveLength(12);
        for (const layer of ['innermost', 'outer']) {
          const ofLayer = (rows: Row[]): Row[] => rows.filter((row) => row['flow_layer'] === layer);
          const values = ofLayer(all)
            .map((row) => Number(row[by]))
            .sort((a, b) => (descending ? b - a : a - b));
          const shown = ofLayer(top);
          expect(shown.slice(0, 5).map((row) => row[by])).toEqual(values.slice(0, 5));
          const rest = shown[5]!;
          expect(rest).toMatchObject({ src_addr: null, dst_port: null, other_groups: values.length - 5 });
          expect(rest[by]).toBe(values.slice(5).reduce((sum, value) => sum + value, 0));
          const shares = shown.reduce((sum, row) => sum + Number(row['share_percent']), 0);
          expect(shares).toBeCloseTo(100, 2);
        }
      }
    }
  });

  it('are ordered by a key where that was asked for', async () => {
    const records = randomRecords(34, 500);
    const order = { by: 0, descending: false, top: Infinity };
    const ports = (await groups('dst_port', records, { order })).map((row) => [
      row['flow_layer'],
      row['dst_port'],
    ]);
    const expected = ['innermost', 'outer'].flatMap((layer) =>
      [0, 22, 80, 443, 40_000, 65_535].map((port) => [layer, port]),
    );
    expect(ports).toEqual(expected);
  });

  it('give estimates only where packets were sampled', async () => {
    const plain = await groups('protocol', [makeRecord()]);
    expect(plain).toEqual([{ protocol: 6, flows: 1, packets: 18, bytes: 10_000, share_percent: 100 }]);
    const sampled = await groups('protocol', [makeRecord(), makeRecord({ sampling_rate: 100 })]);
    expect(sampled).toEqual([
      {
        protocol: 6,
        flows: 2,
        packets: 36,
        bytes: 20_000,
        estimated_packets: 1_818,
        estimated_bytes: 1_010_000,
        share_percent: 100,
      },
    ]);
  });

  it('never hold outer flows and the flows inside them together', async () => {
    const outer = makeRecord({ flow_layer: 'outer', bytes: 20_000, rev_bytes: 0 });
    const rows = await groups('protocol', [makeRecord(), outer, makeRecord()]);
    expect(rows).toEqual([
      { flow_layer: 'innermost', protocol: 6, flows: 2, packets: 36, bytes: 20_000, share_percent: 100 },
      { flow_layer: 'outer', protocol: 6, flows: 1, packets: 18, bytes: 20_000, share_percent: 100 },
    ]);
  });

  it('are exact beyond 2^32 and where one record fills a number', async () => {
    const big = makeRecord({ bytes: Number.MAX_SAFE_INTEGER - 9_000, rev_bytes: 9_000 });
    expect((await groups('protocol', [big]))[0]).toMatchObject({ bytes: Number.MAX_SAFE_INTEGER });
  });

  it('read the same as CSV, as a table and from Parquet', async () => {
    const records = [
      makeRecord({ src_addr: '10.0.0.1', dns_query: 'a,b' }),
      makeRecord({ src_addr: '10.0.0.2', dns_query: '', bytes: 0, rev_bytes: 5_000 }),
      makeRecord({ src_addr: '10.0.0.3', dns_query: '\u001b[2J', bytes: 0, rev_bytes: 0 }),
    ];
    const options = { order: { ...byBytes, top: 2 } };
    expect(await write('src_addr,dns_query', records, { ...options, format: 'csv' })).toBe(
      'src_addr,dns_query,flows,packets,bytes,share_percent,other_groups\r\n' +
        '10.0.0.1,"a,b",1,18,10000,66.6667,0\r\n10.0.0.2,,1,18,5000,33.3333,0\r\n,,1,18,0,0,1\r\n',
    );
    expect((await write('src_addr,dns_query', records, { ...options, format: 'table' })).split('\n')).toEqual(
      [
        'SRC_ADDR  DNS_QUERY  FLOWS  PACKETS   BYTES   SHARE',
        '10.0.0.1  a,b            1       18  10.0kB   66.7%',
        '10.0.0.2                 1       18  5.00kB   33.3%',
        '1 other                  1       18      0B    0.0%',
        'total                    3       54  15.0kB  100.0%',
        '',
      ],
    );
    await write('src_addr,dns_query,time:1m,dst_port', records, { ...options, format: 'parquet' });
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(
      `SELECT * REPLACE (epoch_ns(time_ns) AS time_ns) FROM read_parquet('${path}')`,
    );
    const [first, , last] = reader.getRowObjects();
    expect(first).toMatchObject({
      src_addr: '10.0.0.1',
      time_ns: 1_699_999_980_000_000_000n,
      dst_port: 443,
      bytes: 10_000n,
    });
    expect(last).toMatchObject({ src_addr: null, time_ns: null, dst_port: null, other_groups: 1 });
    connection.closeSync();
    instance.closeSync();
  });

  it('are nothing where there is nothing', async () => {
    expect(await groups('src_addr', [])).toEqual([]);
    expect(await write('src_addr', [], { format: 'csv' })).toBe(
      'src_addr,flows,packets,bytes,share_percent\r\n',
    );
  });
});
