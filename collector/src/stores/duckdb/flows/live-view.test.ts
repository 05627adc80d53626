import type { FlowRecord } from '@wireglass/native';
import { matchesFilter } from '../../../query/evaluate.js';
import { parseFilter } from '../../../query/parse-filter.js';
import type { FlowQuery } from '../../flows/flow-store.js';
import type { EmbeddedDatabase } from '../database.js';
import { Serial } from '../../../model/serial.js';
import { LiveView } from './live-view.js';
import { pageFields } from './page-sql.js';
import { FlowReader } from './reader.js';
import { FlowSources } from './sources.js';
import { batchesOf, makeRecord, seededNumbers } from './test-batches.js';
import { randomFilter, randomRecords } from './test-records.js';
import { openFlowDatabase } from './test-storage.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let directory: string;
let database: EmbeddedDatabase;
let reader: FlowReader;
// three batches of 2 048 rows at most
const alive = randomRecords(11, 5_000).map((record, index) =>
  makeRecord({ ...record, flow_id: String(index + 1), record_index: 0 }),
);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'wireglass-live-'));
  const path = join(directory, 'flows.duckdb');
  ({ database } = await openFlowDatabase({ path, memoryLimitMb: 256, threads: 2, checkpointBytes: 1 << 28 }));
  reader = await FlowReader.open(database, new FlowSources(directory));
});

afterAll(() => {
  reader.close();
  database.close();
  rmSync(directory, { recursive: true });
});

const tables = async (): Promise<string[]> => {
  const { api } = await database.connect();
  const found = await api.runAndReadAll(
    "SELECT table_name FROM duckdb_tables() WHERE database_name = 'live' ORDER BY table_name",
  );
  api.closeSync();
  return found.getRows().map(([name]) => String(name));
};

async function withView(use: (view: LiveView) => Promise<void>): Promise<void> {
  const connection = await database.connect();
  const view = new LiveView(connection, new Serial(), 'snapshot_1', batchesOf(alive, 'snapshot'), 0);
  await use(view);
  await view.drop();
  connection.api.closeSync();
}

describe('LiveView', () => {
  it('gives pages of whole records from tables with the columns of their query only', async () => {
    const number = seededNumbers(3);
    await withView(async (view) => {
      for (let round = 0; round < 12; round++) {
        const filter = parseFilter(randomFilter(number));
        const field = (['flow_id', 'bytes', 'end_ns', 'dns_query'] as const)[round % 4]!;
        const query: FlowQuery = {
          scope: 'live',
          sort: { field, descending: round % 2 === 0 },
          limit: 700,
          filter,
        };
        const live = await view.with(pageFields(query));
        const flows: FlowRecord[] = [];
        let cursor: string | null = null;
        do {
          const page = await reader.page({ ...query, ...(cursor === null ? {} : { cursor }) }, live);
          flows.push(...page.flows);
          cursor = page.nextCursor;
        } while (cursor !== null);
        const byId = (a: FlowRecord, b: FlowRecord): number => Number(a.flow_id) - Number(b.flow_id);
        expect(flows.sort(byId)).toEqual(alive.filter((record) => matchesFilter(filter, record)));
      }
    });
  });

  it('shares a table among queries that read no other columns, and drops them all', async () => {
    await withView(async (view) => {
      const sources = await Promise.all([
        view.with(['start_ns', 'end_ns', 'bytes']),
        view.with(['end_ns']),
        view.with(['start_ns', 'src_addr']),
      ]);
      expect(sources.map(({ table }) => table)).toEqual([
        'live.snapshot_1_0',
        'live.snapshot_1_0',
        'live.snapshot_1_1',
      ]);
      expect(sources[2].columns).toEqual(
        new Set(['flow_id', 'record_index', 'start_ns', 'src_addr_hi', 'src_addr_lo']),
      );
      expect(await tables()).toEqual(['snapshot_1_0', 'snapshot_1_1']);
    });
    expect(await tables()).toEqual([]);
  });
});
