import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flowFields, type FlowRecord } from '@wireglass/native';
import { parseAddress } from '../../../model/addresses.js';
import { parseMac } from '../../../model/mac.js';
import type { AppError } from '../../../model/errors.js';
import { compileFilter } from '../../../query/compile-filter.js';
import { matchesFilter } from '../../../query/evaluate.js';
import { parseFilter } from '../../../query/parse-filter.js';
import type { FlowQuery } from '../../flows/flow-store.js';
import { ColumnWriter } from '../column-writer.js';
import type { EmbeddedDatabase } from '../database.js';
import { FlowReader } from './reader.js';
import { batchesOf, makeRecord, seededNumbers } from './test-batches.js';
import { randomFilter, randomRecords } from './test-records.js';
import { openFlowDatabase } from './test-storage.js';
import { Serial } from '../../../model/serial.js';
import { LiveView } from './live-view.js';
import { wantedColumns } from './schema.js';
import { FlowSources } from './sources.js';

let directory: string;
let database: EmbeddedDatabase;
let table: string;
let reader: FlowReader;
const records = randomRecords(7, 600);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'wireglass-reader-'));
  const path = join(directory, 'flows.duckdb');
  ({ database, table } = await openFlowDatabase({
    path,
    memoryLimitMb: 256,
    threads: 2,
    checkpointBytes: 1 << 28,
  }));
  const { raw, api } = await database.connect();
  new ColumnWriter(raw, wantedColumns, table).write(batchesOf(records), 1);
  api.closeSync();
  reader = await FlowReader.open(database, new FlowSources(directory));
});

afterAll(() => {
  reader.close();
  database.close();
  rmSync(directory, { recursive: true });
});

const query = (changes: Partial<FlowQuery> = {}): FlowQuery => ({
  scope: 'stored',
  sort: { field: 'flow_id', descending: false },
  limit: 1_000,
  ...changes,
});

const identity = ({ flow_id, record_index }: FlowRecord): string => `${flow_id}/${record_index}`;

/** Strings are ordered by their UTF-8 bytes. */
function sortKey(record: FlowRecord, field: keyof FlowRecord): bigint | string {
  const spec = flowFields.find(({ name }) => name === field);
  if (spec?.type === 'enum') return BigInt(spec.values?.indexOf(String(record[field])) ?? 0);
  if (spec?.type === 'mac') return parseMac(String(record[field])) ?? 0n;
  if (spec?.type === 'string') return Buffer.from(String(record[field])).toString('latin1');
  if (spec?.type !== 'ip') return BigInt(record[field]);
  const address = parseAddress(String(record[field]));
  return ((address?.hi ?? 0n) << 64n) | (address?.lo ?? 0n);
}

function sorted(field: keyof FlowRecord, descending: boolean): FlowRecord[] {
  const keys = [field, 'flow_id', 'record_index'] as const;
  const sign = descending ? -1 : 1;
  return [...records].sort((a, b) => {
    for (const key of keys) {
      const [left, right] = [sortKey(a, key), sortKey(b, key)];
      if (left !== right) return left < right ? -sign : sign;
    }
    return 0;
  });
}

describe('FlowReader', () => {
  it('finds by SQL, and on batches, what the plain evaluation finds, for any filter', async () => {
    const number = seededNumbers(11);
    const [batch] = batchesOf(records);
    let hits = 0;
    for (let round = 0; round < 400; round++) {
      const text = randomFilter(number);
      const filter = parseFilter(text);
      const expected = records.filter((record) => matchesFilter(filter, record)).map(identity);
      const { flows } = await reader.page(query({ filter }), null);
      expect([text, flows.map(identity)]).toEqual([text, expected]);
      const passes = compileFilter(filter, batch!);
      expect([text, records.filter((_, row) => passes(row)).map(identity)]).toEqual([text, expected]);
      if (flows.length > 0 && flows.length < records.length) hits++;
    }
    // filters that match all or nothing would prove little
    expect(hits).toBeGreaterThan(160);
  }, 120_000);

  it('returns records whole', async () => {
    const { flows, nextCursor } = await reader.page(query(), null);
    expect(flows).toEqual(records);
    expect(nextCursor).toBeNull();
  });

  it.each(flowFields.map(({ name }) => name))(
    'pages through all records sorted by %s, both ways',
    async (field) => {
      for (const descending of [false, true]) {
        const seen: string[] = [];
        let cursor: string | null | undefined;
        while (cursor !== null) {
          const page = query({
            sort: { field, descending },
            limit: 170,
            ...(cursor === undefined ? {} : { cursor }),
          });
          const { flows, nextCursor } = await reader.page(page, null);
          seen.push(...flows.map(identity));
          cursor = nextCursor;
        }
        expect(seen).toEqual(sorted(field, descending).map(identity));
      }
    },
  );

  it('keeps to the time range, ends included', async () => {
    const fromNs = 1_700_000_001_500_000_000n;
    const toNs = 1_700_000_000_400_000_000n;
    const { flows } = await reader.page(query({ fromNs, toNs }), null);
    const expected = records.filter((it) => BigInt(it.end_ns) >= fromNs && BigInt(it.start_ns) <= toNs);
    expect(flows.map(identity)).toEqual(expected.map(identity));
    expect(expected.length).toBeGreaterThan(10);
  });

  it('refuses a cursor of another query, or none at all', async () => {
    const { nextCursor } = await reader.page(query({ limit: 10 }), null);
    const again = (changes: Partial<FlowQuery>): Promise<unknown> =>
      reader.page(query({ cursor: nextCursor!, ...changes }), null);
    await expect(again({})).resolves.toBeDefined();
    await expect(again({ limit: 20 })).resolves.toBeDefined();
    const others: Partial<FlowQuery>[] = [
      { sort: { field: 'flow_id', descending: true } },
      { sort: { field: 'bytes', descending: false } },
      { scope: 'all' },
      { filter: parseFilter('tcp') },
      { fromNs: 1n },
      { cursor: 'x' },
      { cursor: '' },
      { cursor: Buffer.from('[1]').toString('base64url') },
      { cursor: 'A'.repeat(5_000) },
    ];
    for (const changes of others) {
      const error = await again(changes).catch((thrown: unknown) => thrown as AppError);
      expect([changes, (error as AppError).code]).toEqual([changes, 'bad_cursor']);
    }
    const forged = JSON.parse(Buffer.from(nextCursor!, 'base64url').toString()) as unknown[];
    const tampered = Buffer.from(JSON.stringify([...forged.slice(0, -1), '1; DROP TABLE flows'])).toString(
      'base64url',
    );
    await expect(again({ cursor: tampered })).rejects.toMatchObject({ code: 'bad_cursor' });
  });

  it.each([0, -1, 1_001, 1.5, NaN])('refuses the limit %p', async (limit) => {
    await expect(reader.page(query({ limit }), null)).rejects.toMatchObject({ code: 'bad_request' });
  });

  it('shows a flow once that was closed after its snapshot, and the final record of it', async () => {
    const { raw, api } = await database.connect();
    const stored = records[10]!;
    const alive = [
      makeRecord({ ...stored, bytes: 1, end_reason: 'live' }),
      makeRecord({ flow_id: stored.flow_id, record_index: 99, end_reason: 'live' }),
      makeRecord({ flow_id: '999999', end_reason: 'live' }),
    ];
    const view = new LiveView({ raw, api }, new Serial(), 'closed_race', batchesOf(alive, 'snapshot'), 0);
    const source = await view.with(['start_ns', 'end_ns']);
    const all = await reader.page(query({ scope: 'all' }), source);
    expect(all.flows).toHaveLength(records.length + 2);
    expect(all.flows.filter((flow) => identity(flow) === identity(stored))).toEqual([stored]);
    const live = await reader.page(query({ scope: 'live' }), source);
    expect(live.flows.map(identity)).toEqual(alive.slice(1).map(identity));
    const largest = query({ scope: 'all', sort: { field: 'record_index', descending: true }, limit: 1 });
    expect((await reader.page(largest, source)).flows.map(identity)).toEqual([`${stored.flow_id}/99`]);
    await view.drop();
    api.closeSync();
  });

  it('answers nothing live where nothing is metered', async () => {
    expect(await reader.page(query({ scope: 'live' }), null)).toEqual({ flows: [], nextCursor: null });
  });

  it('answers many queries at once, and refuses what is beyond the queue', async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 80 }, () => reader.page(query({ limit: 1 }), null)),
    );
    const refused = answers.filter(({ status }) => status === 'rejected');
    expect(answers.length - refused.length).toBe(66);
    expect(refused).toHaveLength(14);
    await expect(reader.page(query({ limit: 1 }), null)).resolves.toBeDefined();
  });
});
