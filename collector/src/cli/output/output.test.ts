import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flowFields } from '@wireglass/native';
import { parseFilter } from '../../query/parse-filter.js';
import { batchesOf, makeRecord } from '../../stores/flows/duckdb/test-batches.js';
import { FlowTable } from './flow-table.js';
import { alignedTable, humanCount, humanSeconds, humanTime } from './human.js';
import { progressLine } from './progress.js';
import { createRecordWriter, csvField, type OutputFormat } from './record-writer.js';
import { TextOutput } from './text-output.js';

const records = Array.from({ length: 5_000 }, (_, index) =>
  makeRecord({ flow_id: String(index + 1), bytes: index, rev_bytes: 0, protocol: index % 2 === 0 ? 6 : 17 }),
);

function written(format: OutputFormat, limit: number, filter: string | null, input = records): string {
  const directory = mkdtempSync(join(tmpdir(), 'wireglass-output-'));
  const output = TextOutput.open(join(directory, 'out'));
  const writer = createRecordWriter(format, output, {
    limit,
    filter: filter === null ? null : parseFilter(filter),
  });
  for (const batch of batchesOf(input)) writer.batch(batch);
  writer.end();
  output.close();
  const text = readFileSync(join(directory, 'out'), 'utf8');
  rmSync(directory, { recursive: true });
  return text;
}

describe('record output', () => {
  it('writes one JSON object per record and line', () => {
    const lines = written('json', 50, null).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(records);
  });

  it('writes CSV with a header and CRLF, every field in the order of the field table', () => {
    const lines = written('csv', 50, null).split('\r\n');
    expect(lines[0]).toBe(flowFields.map(({ name }) => name).join(','));
    expect(lines).toHaveLength(records.length + 2);
    expect(lines[1]?.split(',')).toEqual(flowFields.map(({ name }) => String(records[0]?.[name])));
    expect(lines.at(-1)).toBe('');
  });

  it.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['two\nlines', '"two\nlines"'],
    ['two\rlines', '"two\rlines"'],
  ])('quotes the CSV field %j as RFC 4180 says', (value, field) => expect(csvField(value)).toBe(field));

  it('lists in the table those with the most bytes and says how many more there are', () => {
    const lines = written('table', 50, null).trimEnd().split('\n');
    expect(lines).toHaveLength(52);
    expect(lines[1]).toContain('5.00kB');
    expect(lines[50]).toContain('4.95kB');
    expect(lines.at(-1)).toBe('… and 4950 more records (--all shows them)');
  });

  it('lists all when asked', () => {
    const lines = written('table', Infinity, null).trimEnd().split('\n');
    expect(lines).toHaveLength(5_002);
    expect(lines.at(-1)).toBe('5000 records');
  });

  it('lists more records than a call may have arguments', () => {
    const table = new FlowTable(Infinity);
    const [batch] = batchesOf(records);
    for (let round = 0; round < 70; round++) table.add(batch!, null);
    expect([...table.lines()]).toHaveLength(70 * 2_048 + 2);
  });

  it.each(['json', 'csv', 'table'] as const)('writes as %s only what passes the filter', (format) => {
    const lines = written(format, Infinity, 'udp and bytes >= 4k').trimEnd().split('\n');
    expect(lines).toHaveLength({ json: 500, csv: 501, table: 502 }[format]);
  });

  it('shows VLAN, tunnel and bracketed IPv6 only where there are some', () => {
    const tunnelled = makeRecord({
      src_addr: '2001:db8::1',
      overlay: 'lisp',
      tenant_id: 42,
      outer_src_addr: '192.0.2.1',
      outer_dst_addr: '192.0.2.2',
    });
    expect(written('table', 50, null, [makeRecord()])).not.toMatch(/VLAN|OVERLAY/);
    const text = written('table', 50, null, [
      makeRecord({ protocol: 1, src_port: 0, dst_port: 0 }),
      tunnelled,
    ]);
    expect(text).toMatch(/\[2001:db8::1\]:40000 .* lisp +42 +192\.0\.2\.1 > 192\.0\.2\.2/);
    expect(text).toMatch(/icmp +10\.0\.0\.1 +10\.0\.0\.2/);
    expect(text).not.toMatch(/VLAN/);
  });

  it('writes an empty table as such', () => {
    expect(written('table', 50, null, [])).toMatch(/^START .*\n0 records\n$/);
    expect(written('json', 50, null, [])).toBe('');
  });
});

describe('figures', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1.00k'],
    [999_499, '999k'],
    [999_500, '1.00M'],
    [1_234_567, '1.23M'],
    [45_600_000_000, '45.6G'],
  ])('writes the count %i as %s', (value, text) => expect(humanCount(value)).toBe(text));

  it.each([
    [0.0123, '0.012s'],
    [59.94, '59.9s'],
    [245, '4m05s'],
    [11_220, '3h07m'],
  ])('writes %d seconds as %s', (seconds, text) => expect(humanSeconds(seconds)).toBe(text));

  it.each([
    [1_700_000_000_123_456_789n, '2023-11-14T22:13:20.123456Z'],
    [0n, '1970-01-01T00:00:00.000000Z'],
    [-1_000n, '1969-12-31T23:59:59.999999Z'],
    [9_223_372_036_854_775_807n, '2262-04-11T23:47:16.854775Z'],
  ])('writes the time %s', (timeNs, text) => expect(humanTime(timeNs)).toBe(text));

  it('aligns numbers right and text left', () => {
    const rows = [
      ['xx', '1'],
      ['y', '22'],
    ];
    expect(alignedTable(['A', 'N'], rows, new Set(['N']))).toBe('A    N\nxx   1\ny   22\n');
  });

  it.each([
    [
      { packets: 1_000, progress: 0.5 },
      2,
      '[############------------]  50 %  1.00k packets  500/s  2.0s left',
    ],
    [{ packets: 10, progress: 1 }, 2, '[########################] 100 %  10 packets  5/s'],
    [{ packets: 10, progress: null }, 0, '10 packets  0/s'],
  ])('draws %j after %i s', (reading, seconds, line) => expect(progressLine(reading, seconds)).toBe(line));
});
