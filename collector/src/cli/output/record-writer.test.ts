import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flowFields, type FlowRecord } from '@wireglass/native';
import { fieldNamed } from '../../model/columns.js';
import { matchesFilter } from '../../query/evaluate.js';
import { parseFilter } from '../../query/parse-filter.js';
import { batchesOf, makeRecord, seededNumbers } from '../../stores/duckdb/flows/test-batches.js';
import { randomFilter, randomRecords } from '../../stores/duckdb/flows/test-records.js';
import { FlowTable } from './flow-table.js';
import { createRecordWriter, mostBytes, type OutputFormat, type RecordOptions } from './record-writer.js';
import { standardColumns } from './table-columns.js';

let directory: string;
let out: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wireglass-output-'));
  out = join(directory, 'out');
});
afterEach(() => rmSync(directory, { recursive: true }));

const records = Array.from({ length: 5_000 }, (_, index) =>
  makeRecord({ flow_id: String(index + 1), bytes: index, rev_bytes: 0, protocol: index % 2 === 0 ? 6 : 17 }),
);

const field = (name: string) => fieldNamed(name)!;

async function written(
  format: OutputFormat,
  input: readonly FlowRecord[],
  more: Partial<RecordOptions> = {},
): Promise<string[]> {
  const standard = { filter: null, fields: null, wide: false, top: Infinity, order: null };
  const writer = await createRecordWriter({ format, path: out, ...standard, ...more });
  for (const batch of batchesOf(input)) writer.batch(batch);
  // what is not complete is not to be seen under its name
  expect(existsSync(out)).toBe(false);
  await writer.end();
  expect(readdirSync(directory)).toEqual(['out']);
  const text = readFileSync(out, 'utf8');
  rmSync(out);
  return text.split(/\r?\n/).slice(0, -1);
}

const parsed = (lines: string[]): FlowRecord[] => lines.map((line) => JSON.parse(line) as FlowRecord);

describe('lines', () => {
  it.each([
    ['ordinary ones', records],
    ['all kinds of values', randomRecords(3, 3_000)],
    [
      'extremes',
      [
        makeRecord({
          flow_id: '18446744073709551615',
          start_ns: '-1',
          end_ns: '9223372036854775807',
          src_addr: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
          bytes: Number.MAX_SAFE_INTEGER,
          gap_max_us: 4_294_967_295,
          src_mac: 'ff:ff:ff:ff:ff:ff',
          dns_query: '"\\\n\u0000',
        }),
        makeRecord({ flow_id: '9007199254740993', start_ns: '0', end_ns: '999999999' }),
        makeRecord({ start_ns: '-9223372036854775808', end_ns: '1000000000' }),
      ],
    ],
  ])('are JSON objects that say the same as the records: %s', async (_, input) => {
    expect(parsed(await written('json', input))).toEqual(input);
  });

  it('are CSV with a header and CRLF, every field in the order of the field table', async () => {
    const writer = await createRecordWriter({
      format: 'csv',
      path: out,
      filter: null,
      fields: null,
      wide: false,
      top: Infinity,
      order: null,
    });
    for (const batch of batchesOf(records)) writer.batch(batch);
    await writer.end();
    const lines = readFileSync(out, 'utf8').split('\r\n');
    expect(lines[0]).toBe(flowFields.map(({ name }) => name).join(','));
    expect(lines).toHaveLength(records.length + 2);
    lines
      .slice(1, -1)
      .forEach((line, index) =>
        expect(line.split(',')).toEqual(flowFields.map(({ name }) => String(records[index]?.[name]))),
      );
    expect(lines.at(-1)).toBe('');
  });

  it('have the fields that were chosen, in that order', async () => {
    const fields = [field('bytes'), field('dns_query'), field('src_addr')];
    const input = [makeRecord({ dns_query: 'a,b' })];
    expect(await written('json', input, { fields })).toEqual([
      '{"bytes":1000,"dns_query":"a,b","src_addr":"10.0.0.1"}',
    ]);
    expect(await written('csv', input, { fields })).toEqual([
      'bytes,dns_query,src_addr',
      '1000,"a,b",10.0.0.1',
    ]);
    const top = { fields, top: 1 };
    expect(await written('csv', input, top)).toEqual(['bytes,dns_query,src_addr', '1000,"a,b",10.0.0.1']);
    expect(await written('json', input, top)).toEqual([
      '{"bytes":1000,"dns_query":"a,b","src_addr":"10.0.0.1"}',
    ]);
  });

  it('hold only what passes the filter, whatever it is', async () => {
    const number = seededNumbers(5);
    const input = randomRecords(9, 300);
    for (let round = 0; round < 60; round++) {
      const filter = parseFilter(randomFilter(number));
      const expected = input.filter((record) => matchesFilter(filter, record));
      expect(parsed(await written('json', input, { filter }))).toEqual(expected);
    }
  });

  it('are the first ones in an order where that was asked for', async () => {
    const bytes = async (more: Partial<RecordOptions>): Promise<number[]> =>
      parsed(await written('json', records, more)).map((record) => record.bytes);
    expect(await bytes({ top: 3 })).toEqual([4_999, 4_998, 4_997]);
    expect(await bytes({ top: 3, order: { field: field('bytes'), descending: false } })).toEqual([0, 1, 2]);
    expect(await bytes({ order: { field: field('flow_id'), descending: true } })).toHaveLength(5_000);
    const late = records.map((record, index) => ({ ...record, end_ns: String(10n ** 18n + BigInt(index)) }));
    const order = { field: field('end_ns'), descending: true };
    expect(parsed(await written('json', late, { top: 2, order })).map(({ end_ns }) => end_ns)).toEqual([
      '1000000000000004999',
      '1000000000000004998',
    ]);
  });

  it('leave nothing behind when they are given up', async () => {
    const options = { path: out, filter: null, fields: null, wide: false, top: Infinity, order: null };
    for (const format of ['json', 'csv', 'table', 'parquet'] as const) {
      const writer = await createRecordWriter({ format, ...options });
      for (const batch of batchesOf(records)) writer.batch(batch);
      writer.discard();
      expect(readdirSync(directory)).toEqual([]);
    }
  });
});

describe('the table', () => {
  it('lists those with the most bytes and says how many more there are', async () => {
    const lines = await written('table', records, { top: 50 });
    expect(lines).toHaveLength(52);
    expect(lines[1]).toContain('5.00kB');
    expect(lines[50]).toContain('4.95kB');
    expect(lines.at(-1)).toBe('… and 4950 more records (--all shows them)');
  });

  it('lists all when asked', async () => {
    const lines = await written('table', records);
    expect(lines).toHaveLength(5_002);
    expect(lines.at(-1)).toBe('5000 records');
  });

  it('lists more records than a call may have arguments', () => {
    const table = new FlowTable(Infinity, mostBytes, standardColumns(false));
    const [batch] = batchesOf(records);
    for (let round = 0; round < 70; round++) table.add(batch!, null);
    expect([...table.lines()]).toHaveLength(70 * 2_048 + 2);
  });

  it('shows VLAN, tunnel, names and bracketed IPv6 only where there are some', async () => {
    const plain = makeRecord({ tls_sni: '' });
    expect((await written('table', [plain])).join('\n')).not.toMatch(/VLAN|OVERLAY|NAME|LAYER|SAMPLED|MAC/);
    const tunnelled = makeRecord({
      src_addr: '2001:db8::1',
      overlay: 'lisp',
      tenant_id: 42,
      outer_src_addr: '192.0.2.1',
      outer_dst_addr: '192.0.2.2',
    });
    const text = (
      await written('table', [makeRecord({ protocol: 1, src_port: 0, dst_port: 0 }), tunnelled])
    ).join('\n');
    expect(text).toMatch(/\[2001:db8::1\]:40000 .* lisp +42 +192\.0\.2\.1 > 192\.0\.2\.2 +www\.example\.com/);
    expect(text).toMatch(/icmp +10\.0\.0\.1 +10\.0\.0\.2/);
    expect(text).not.toMatch(/VLAN/);
    expect(
      (await written('table', [makeRecord({ sampling_rate: 100, flow_layer: 'outer' })])).join('\n'),
    ).toMatch(/LAYER +SAMPLED.*\n.*outer +1:100/);
  });

  it('shows more where it may be wide, and what was chosen', async () => {
    const wide = (await written('table', [makeRecord()], { wide: true })).join('\n');
    expect(wide).toMatch(
      /SRC MAC.*FLAGS +HANDSHAKE +RTT +RETRANSMITTED.*\n.*FSPA\/FSPA +1\.23ms +1\.00ms\/1\.00ms +1\/1/,
    );
    const fields = ['protocol', 'start_ns', 'bytes', 'tcp_rtt_us', 'packets'].map(field);
    expect(await written('table', [makeRecord()], { fields })).toEqual([
      'PROTOCOL  START_NS                      BYTES  TCP_RTT_US  PACKETS',
      '     tcp  2023-11-14T22:13:20.000000Z  1.00kB      1.00ms       10',
      '1 record',
    ]);
  });

  it('is a table when it is empty', async () => {
    const lines = await written('table', []);
    expect(lines[0]).toMatch(/^START /);
    expect(lines[1]).toBe('0 records');
    expect(await written('json', [])).toEqual([]);
  });
});
