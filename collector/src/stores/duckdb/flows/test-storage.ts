import { EmbeddedDatabase, type DatabaseSettings } from '../database.js';
import { DatabaseHost } from '../database-host.js';
import type { StoreLog } from '../messages.js';
import type { TableColumn } from '../tables.js';
import type { FlowSettings } from './calls.js';
import { FlowStorage } from './flow-storage.js';
import type { SnapshotSource } from './live-flows.js';
import { prepareFlows } from './schema.js';

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
