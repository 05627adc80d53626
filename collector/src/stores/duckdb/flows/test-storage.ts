import type { FlowRecord } from '@wireglass/native';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedDatabase, type DatabaseSettings } from '../database.js';
import { DatabaseHost } from '../database-host.js';
import type { StoreLog } from '../messages.js';
import type { TableColumn } from '../tables.js';
import type { FlowSettings } from './calls.js';
import { FlowStorage } from './flow-storage.js';
import type { SnapshotSource } from './live-flows.js';
import { prepareFlows } from './schema.js';
import { batchesOf } from './test-batches.js';

/** A database with the tables of flow records, for tests of what works on them. */
export async function openFlowDatabase(
  settings: DatabaseSettings,
): Promise<{ database: EmbeddedDatabase; columns: readonly TableColumn[] }> {
  const database = await EmbeddedDatabase.open(settings);
  try {
    return { database, columns: await prepareFlows(database) };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The store of flow records alone on a file of its own; close() closes both. */
export async function openFlowStorage(
  settings: DatabaseSettings & FlowSettings,
  engine: SnapshotSource,
  log: StoreLog,
): Promise<{ storage: FlowStorage; close: () => Promise<void> }> {
  const host = await DatabaseHost.open(settings);
  const storage = await FlowStorage.open(host, settings, engine, log);
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
      for (const batch of batchesOf(this.alive, 'snapshot')) this.storage()?.offer({ ...batch, snapshotId });
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
  const settings = {
    path: join(directory, 'flows.duckdb'),
    memoryLimitMb: 256,
    threads: 2,
    checkpointBytes: 1 << 28,
    commitIntervalMs: 50,
    maxWaitingRows: 262_144,
    retentionS: 3_600,
    queries: { maxRunning: 2, maxWaiting: 2, timeoutMs: 30_000 },
    ...changes,
  };
  const opened = await openFlowStorage(settings, engine, () => undefined);
  storage = opened.storage;
  for (const batch of batchesOf(records)) storage.offer(batch);
  await storage.flush();
  engine.alive = [...alive];
  return {
    storage,
    close: () => opened.close().finally(() => rmSync(directory, { recursive: true, force: true })),
  };
}
