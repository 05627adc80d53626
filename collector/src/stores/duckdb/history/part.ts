import { errorMessage } from '../../../model/errors.js';
import type { DatabaseHost } from '../database-host.js';
import type { Handlers, StoreLog } from '../messages.js';
import type { StorePart } from '../part.js';
import { SerialWriter } from '../serial-writer.js';
import type { HistoryCalls, HistorySettings } from './calls.js';
import { readCaptures, readCounts, readEvents } from './history-reader.js';
import { applyChanges, closeOpen, removeOld } from './history-writer.js';
import { prepareHistoryTables } from './schema.js';

const removalIntervalMs = 60_000;

/** Captures and events: answers calls. Throws `store_incompatible` or `store_failed`. */
export async function openHistoryPart(
  host: DatabaseHost,
  settings: HistorySettings,
  log: StoreLog,
  clock: () => number = Date.now,
): Promise<StorePart & { handlers: Handlers<HistoryCalls>; removeOld: () => Promise<void> }> {
  const nowNs = (): bigint => BigInt(clock()) * 1_000_000n;
  const tables = await SerialWriter.open(host, { ...settings.queries, maxRunning: 1 }, ({ api }) =>
    prepareHistoryTables(api),
  );
  const old = async (): Promise<void> => {
    await tables
      .write((connection) => removeOld(connection, settings, nowNs()))
      .catch((error: unknown) => log('warn', `old history could not be removed: ${errorMessage(error)}`));
  };
  await tables.write((connection) => closeOpen(connection, nowNs()));
  await old();
  const timer = setInterval(() => void old(), removalIntervalMs);
  const handlers: Handlers<HistoryCalls> = {
    'history.apply': async (changes) => {
      await tables.write((connection) => applyChanges(connection, changes));
      return null;
    },
    'history.captures': (query, signal) =>
      tables.read((connection) => readCaptures(connection, query), signal),
    'history.events': (query, signal) => tables.read((connection) => readEvents(connection, query), signal),
    'history.counts': (_, signal) => tables.read(readCounts, signal),
  };
  return {
    handlers,
    removeOld: old,
    close: async () => {
      clearInterval(timer);
      await tables.settled();
    },
  };
}
