import { mkdtempSync, readdirSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import type { FlowRecord } from '@wireglass/native';
import { spreadRecords } from './aggregate/aggregate-records.js';
import type { FlowSettings } from './calls.js';
import type { FlowStorage } from './flow-storage.js';
import { records as recordsOf } from './records-sql.js';
import { batchesOf, seededNumbers } from './test-batches.js';
import { openFlowStorage, testSettings } from './test-storage.js';
import { storeSums } from './test-sums.js';

let directory: string;
let storage: FlowStorage;
let close: () => Promise<void>;
const said: string[] = [];
const idle = { status: () => ({ state: 'idle' as const }), requestSnapshot: () => 1 };

async function open(changes: Partial<FlowSettings> = {}): Promise<void> {
  const settings = { ...testSettings(directory), ...changes };
  ({ storage, close } = await openFlowStorage(settings, idle, (_, message) => said.push(message)));
}

async function reopen(changes: Partial<FlowSettings> = {}): Promise<void> {
  await close();
  await open(changes);
}

async function offer(records: readonly FlowRecord[]): Promise<void> {
  for (const batch of batchesOf(records)) void storage.offer(batch);
  await storage.flush();
}

const files = (): string[] =>
  readdirSync(join(directory, 'records'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

/** Changes a store that is closed. */
async function alterParts(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(join(directory, 'flows.duckdb'));
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'wireglass-upkeep-'));
  said.length = 0;
  await open();
});
afterEach(async () => {
  await close();
  rmSync(directory, { recursive: true });
});

/** Every sum that the store has, by records, by minutes, by hours and by each list, is the same. */
async function expectSums(count: number): Promise<void> {
  const { records, minutes, hours, lists } = await storeSums(storage);
  expect(records['records']).toBe(BigInt(count));
  expect(minutes).toEqual(records);
  expect(hours).toEqual(records);
  for (const [name, sums] of Object.entries(lists)) expect([name, sums]).toEqual([name, records]);
}

const dayAgo = (days: number): number => Math.floor(Date.now() / 1_000) - days * 86_400;
const identities = async (): Promise<string[]> => {
  const page = await storage.query({
    scope: 'stored',
    sort: { field: 'flow_id', descending: false },
    limit: 1_000,
  });
  return page.flows.map(({ flow_id, record_index }) => `${flow_id}/${record_index}`);
};

describe('the upkeep of flow records', () => {
  it('seals what is stored; records and every sum stay, over seals, merges, restarts', async () => {
    const number = seededNumbers(3);
    let count = 0;
    const more = async (): Promise<void> => {
      const records = spreadRecords(count + 1, 200 + number(300), 1_000 + count);
      count += records.length;
      await offer(records);
    };
    for (let round = 0; round < 10; round++) {
      await more();
      if (round % 4 !== 3) await storage.upkeep.sealNow();
      if (round % 5 === 4) {
        await expectSums(count);
        await reopen();
      }
      if (round === 6) await more();
    }
    await expectSums(count);
    await storage.upkeep.sealNow();
    expect(storage.stats()).toMatchObject({ rowsStored: count, hotRows: 0, lastError: null });
    // eight neighbours were merged on the way
    expect(files().length).toBeLessThan(9);
    await expectSums(count);
  }, 120_000);

  it('lists no more values than it shall, and tells how much the others can have had', async () => {
    await close();
    await open({ topValues: 3, cubeRows: 10 });
    const records = spreadRecords(5, 3_000);
    await offer(records.slice(0, 1_500));
    await storage.upkeep.sealNow();
    await offer(records.slice(1_500));
    await storage.upkeep.sealNow();
    await expectSums(3_000);
    await storage.read({}, async (connection) => {
      const one = async (sql: string): Promise<unknown[]> => {
        const reader = await connection.runAndReadAll(sql);
        return reader.getRows()[0] ?? [];
      };
      const [listed] = await one(
        `SELECT max(n) FROM (SELECT count(*) AS n FROM top_minute WHERE NOT other
         GROUP BY time_s, flow_layer, interface, dimension)`,
      );
      expect(Number(listed)).toBe(3);
      const [cube] = await one(
        'SELECT max(n) FROM (SELECT count(*) AS n FROM rollup_minute GROUP BY time_s)',
      );
      expect(Number(cube)).toBeLessThanOrEqual(12);
      // no address has more than its listed bytes and the bound of its hour
      const [worst] = await one(
        `WITH truth AS (SELECT start_ns // 3600000000000 * 3600 AS time_s, src_addr_hi AS key_0, src_addr_lo AS key_1,
             sum(bytes + rev_bytes) AS bytes
           FROM read_parquet('${join(directory, 'records')}/**/*.parquet')
           WHERE start_ns // 3600000000000 = end_ns // 3600000000000 AND flow_layer = 0 GROUP BY ALL),
         told AS (SELECT time_s, key_0, key_1, sum(bytes + rev_bytes) AS bytes FROM top_hour
           WHERE dimension = 'src_addr' AND NOT other AND flow_layer = 0 GROUP BY ALL),
         bound AS (SELECT time_s, sum(most_bytes) AS most FROM top_hour
           WHERE dimension = 'src_addr' AND other AND flow_layer = 0 GROUP BY ALL)
         SELECT max(truth.bytes::HUGEINT - coalesce(told.bytes, 0) - coalesce(bound.most, 0))
         FROM truth LEFT JOIN told USING (time_s, key_0, key_1) LEFT JOIN bound USING (time_s)`,
      );
      expect(Number(worst)).toBeLessThanOrEqual(0);
    });
  }, 60_000);

  it('answers pages over tables and files in every order as if they were one', async () => {
    const records = spreadRecords(9, 900);
    for (let at = 0; at < 900; at += 150) {
      await offer(records.slice(at, at + 150));
      if (at < 750) await storage.upkeep.sealNow();
    }
    expect(storage.stats()).toMatchObject({ sealedFiles: 5, hotRows: 150 });
    for (const field of ['end_ns', 'start_ns', 'bytes'] as const) {
      for (const descending of [true, false]) {
        const seen: FlowRecord[] = [];
        let cursor: string | null | undefined;
        while (cursor !== null) {
          const page = await storage.query({
            scope: 'stored',
            sort: { field, descending },
            limit: 90,
            ...(cursor === undefined ? {} : { cursor }),
          });
          seen.push(...page.flows);
          cursor = page.nextCursor;
        }
        const key = (record: FlowRecord): bigint => BigInt(record[field]);
        const sign = descending ? -1 : 1;
        const sorted = [...records].sort(
          (a, b) =>
            sign *
            (Number(key(a) - key(b)) ||
              Number(BigInt(a.flow_id) - BigInt(b.flow_id)) ||
              a.record_index - b.record_index),
        );
        expect(seen.map(({ flow_id, record_index }) => [flow_id, record_index])).toEqual(
          sorted.map(({ flow_id, record_index }) => [flow_id, record_index]),
        );
      }
    }
  }, 60_000);

  it('seals by age, and by number of rows without being asked', async () => {
    await close();
    await open({ upkeepIntervalMs: 20, sealRows: 3_000 });
    await offer(spreadRecords(1, 2_000));
    await offer(spreadRecords(2, 2_000, 5_000));
    const deadline = Date.now() + 20_000;
    while (storage.stats().sealedRows < 4_000 && Date.now() < deadline) await sleep(20);
    expect(storage.stats()).toMatchObject({ sealedRows: 4_000, hotRows: 0 });
    await reopen({ upkeepIntervalMs: 20, sealAgeS: 1 });
    await offer(spreadRecords(3, 10, 9_000));
    while (storage.stats().hotRows > 0 && Date.now() < deadline) await sleep(20);
    expect(storage.stats()).toMatchObject({ rowsStored: 4_010, hotRows: 0 });
  }, 60_000);

  it('removes whole files by age and says what went; their sums stay', async () => {
    await offer(spreadRecords(1, 1_000));
    await storage.upkeep.sealNow();
    await offer(spreadRecords(2, 500, 5_000));
    await storage.upkeep.sealNow();
    const before = await storeSums(storage);
    const [older] = files();
    await close();
    await alterParts(`UPDATE flow_parts SET last_stored_s = ${dayAgo(2)} WHERE row_count = 1000`);
    await open({ retentionS: 86_400 });
    await storage.upkeep.run();
    expect(storage.stats()).toMatchObject({ rowsStored: 500, rowsRemoved: 1_000, sealedFiles: 1 });
    await storage.read({}, async (_, { parts, removed }) => {
      expect(parts.map(({ rows }) => rows)).toEqual([500]);
      expect(removed).toMatchObject([{ rows: 1_000, records: false, removedBecause: 'age', minutes: true }]);
    });
    expect(files()).toHaveLength(1);
    expect(files()).not.toContain(older);
    const after = await storeSums(storage);
    expect(after.minutes).toEqual(before.minutes);
    expect(after.records['records']).toBe(500n);
  });

  it('removes the oldest files beyond the total, not before a query that reads them is done', async () => {
    for (const seed of [1, 2, 3]) {
      await offer(spreadRecords(seed, 1_000, seed * 10_000));
      await storage.upkeep.sealNow();
    }
    await reopen();
    const { fileBytes, sealedBytes } = storage.stats();
    expect(sealedBytes).toBe(files().reduce((sum, path) => sum + statSync(path).size, 0));
    await reopen({ maxTotalBytes: fileBytes - Math.floor(sealedBytes / 2) });
    await storage.read({}, async (connection, sources) => {
      await storage.upkeep.run();
      expect(storage.stats()).toMatchObject({ sealedFiles: 1, rowsRemoved: 2_000 });
      expect(files()).toHaveLength(3);
      const reader = await connection.runAndReadAll(`SELECT count(*) FROM ${recordsOf(sources)}`);
      expect(Number(reader.getRows()[0]?.[0])).toBe(3_000);
    });
    const deadline = Date.now() + 5_000;
    while (files().length > 1 && Date.now() < deadline) await sleep(10);
    expect(files()).toHaveLength(1);
    const [first] = await identities();
    expect(first).toMatch(/^30000/);
  });

  it('removes roll-ups by whole days', async () => {
    await offer(spreadRecords(1, 300));
    await storage.upkeep.sealNow();
    await close();
    await alterParts(`UPDATE flow_parts SET stored_day = ${Math.floor(dayAgo(10) / 86_400)}`);
    for (const table of ['rollup_minute', 'top_minute', 'rollup_hour', 'top_hour'])
      await alterParts(`UPDATE ${table} SET stored_day = ${Math.floor(dayAgo(10) / 86_400)}`);
    await open({ minuteRetentionS: 5 * 86_400 });
    await storage.upkeep.run();
    const { records, minutes, hours } = await storeSums(storage);
    expect(minutes['records']).toBe(0n);
    expect(hours).toEqual(records);
    await storage.read({}, async (_, { parts }) =>
      expect(parts).toMatchObject([{ minutes: false, hours: true, records: true }]),
    );
  });

  it('removes files of no manifest, tells of files that are missing or damaged', async () => {
    await offer(spreadRecords(1, 300));
    await storage.upkeep.sealNow();
    await offer(spreadRecords(2, 200, 5_000));
    await storage.upkeep.sealNow();
    await offer(spreadRecords(3, 100, 9_000));
    await storage.upkeep.sealNow();
    const [one = '', two = ''] = files().sort();
    await close();
    unlinkSync(one);
    writeFileSync(two, 'damaged');
    const strays = ['999.parquet', '1000.parquet.tmp'].map((name) => join(two, '..', name));
    for (const stray of strays) writeFileSync(stray, 'half');
    await open();
    expect(storage.stats()).toMatchObject({ rowsStored: 100, sealedFiles: 1 });
    expect(said.join()).toMatch(/300 flow records are lost: .*1\.parquet is missing/);
    expect(said.join()).toMatch(
      /200 flow records are lost: .*2\.parquet has 7 bytes instead of \d+ and is set aside/,
    );
    expect(files().some((path) => strays.includes(path))).toBe(false);
    await storage.read({}, async (_, { removed }) =>
      expect(removed.map(({ removedBecause }) => removedBecause)).toEqual(['missing', 'damaged']),
    );
  });

  it('reads files of a version that had fewer columns', async () => {
    await offer(spreadRecords(1, 50));
    await storage.upkeep.sealNow();
    await close();
    const [path = ''] = files();
    await alterParts(
      `COPY (SELECT * EXCLUDE (sampling_rate, tls_sni) FROM read_parquet('${path}')) TO '${path}.new' (FORMAT parquet)`,
    );
    renameSync(`${path}.new`, path);
    await alterParts(
      `UPDATE flow_parts SET file_bytes = ${statSync(path).size}, columns = replace(replace(columns, ',sampling_rate', ''), ',tls_sni', '')`,
    );
    await open();
    await offer(spreadRecords(2, 50, 5_000));
    const { flows } = await storage.query({
      scope: 'stored',
      sort: { field: 'flow_id', descending: false },
      limit: 100,
    });
    expect(flows).toHaveLength(100);
    expect(flows[0]).toMatchObject({ sampling_rate: 1, tls_sni: '' });
  });

  it('keeps the table and tries again when sealing fails', async () => {
    await offer(spreadRecords(1, 400));
    // a file where the directory should be
    rmSync(join(directory, 'records'), { recursive: true, force: true });
    writeFileSync(join(directory, 'records'), '');
    await storage.upkeep.sealNow();
    expect(storage.stats()).toMatchObject({
      rowsStored: 400,
      hotRows: 400,
      lastError: expect.stringMatching(/^sealing failed: /) as string,
    });
    expect(said.join()).toMatch(/flow records stay in the database for now, sealing failed/);
    await expectSums(400);
    unlinkSync(join(directory, 'records'));
    await storage.upkeep.sealNow();
    expect(storage.stats()).toMatchObject({ rowsStored: 400, hotRows: 0, lastError: null });
    expect(said.at(-1)).toBe('flow records are sealed again');
    await expectSums(400);
  });
});
