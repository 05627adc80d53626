import type { FlowRecord } from '@wireglass/native';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedDatabase, type DatabaseSettings } from '../database.js';
import { DatabaseHost } from '../database-host.js';
import type { StoreLog } from '../messages.js';
import type { FlowSettings } from './calls.js';
import { FlowStorage } from './flow-storage.js';
import type { SnapshotSource } from './live-flows.js';
import type { SealPoint } from './seal.js';
import { prepareFlows, type FlowTables } from './schema.js';
import { batchesOf } from './test-batches.js';

/** A database with the tables of flow records, for tests of what works on them. */
export async function openFlowDatabase(
  settings: DatabaseSettings,
): Promise<{ database: EmbeddedDatabase; table: string } & FlowTables> {
  const database = await EmbeddedDatabase.open(settings);
  try {
    const tables = await prepareFlows(database);
    return { database, table: tables.hot.at(-1)?.table ?? '', ...tables };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Settings of a store in a directory; nothing is sealed by itself. */
export const testSettings = (directory: string): DatabaseSettings & FlowSettings => ({
  path: join(directory, 'flows.duckdb'),
  memoryLimitMb: 256,
  threads: 2,
  checkpointBytes: 1 << 28,
  directory: join(directory, 'records'),
  commitIntervalMs: 50,
  upkeepIntervalMs: 1_000_000,
  maxWaitingRows: 262_144,
  sealAgeS: 86_400,
  sealRows: 1_000_000,
  compactBytes: 1 << 27,
  retentionS: 3_600,
  maxTotalBytes: 2 ** 40,
  topValues: 100,
  cubeRows: 2_000,
  minuteRetentionS: 2_592_000,
  hourRetentionS: 63_072_000,
  queries: { maxRunning: 2, maxWaiting: 2, timeoutMs: 30_000 },
});

/** The store of flow records alone on a file of its own; close() closes both. */
export async function openFlowStorage(
  settings: DatabaseSettings & FlowSettings,
  engine: SnapshotSource,
  log: StoreLog,
  reached?: (point: SealPoint) => void,
): Promise<{ storage: FlowStorage; close: () => Promise<void> }> {
  const host = await DatabaseHost.open(settings);
  const storage = await FlowStorage.open(host, settings, engine, log, reached);
  return { storage, close: () => storage.close().finally(() => host.close()) };
}

/** The engine's side of a snapshot: live flows that a test sets, given when asked. */
export class FakeSnapshots implements SnapshotSource {
  alive: FlowRecord[] = [];
  private requests = 0;

  constructor(private readonly storage: () => FlowStorage | null) {}

  status() {
    return { state: this.alive.length > 0 ? ('running' as const) : ('idle' as const) };
  }

  requestSnapshot(): number {
    const snapshotId = ++this.requests;
    setImmediate(() => {
      for (const batch of batchesOf(this.alive, 'snapshot'))
        void this.storage()?.offer({ ...batch, snapshotId });
    });
    return snapshotId;
  }
}

/** A store of flow records in a temporary directory with records in it, and live flows beside them. */
export async function storageWith(
  records: readonly FlowRecord[],
  alive: readonly FlowRecord[] = [],
  changes: Partial<DatabaseSettings & FlowSettings> = {},
): Promise<{ storage: FlowStorage; close: () => Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'wireglass-flows-'));
  let storage: FlowStorage | null = null;
  const engine = new FakeSnapshots(() => storage);
  const settings = { ...testSettings(directory), ...changes };
  const opened = await openFlowStorage(settings, engine, () => undefined);
  storage = opened.storage;
  for (const batch of batchesOf(records)) void storage.offer(batch);
  await storage.flush();
  engine.alive = [...alive];
  return {
    storage,
    close: () => opened.close().finally(() => rmSync(directory, { recursive: true, force: true })),
  };
}
