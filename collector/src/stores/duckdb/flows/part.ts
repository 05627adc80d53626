import { Engine } from '@wireglass/native';
import type { DatabaseHost } from '../database-host.js';
import type { Handlers, StoreLog } from '../messages.js';
import type { StorePart } from '../part.js';
import type { FlowCalls, FlowSettings } from './calls.js';
import { FlowStorage } from './flow-storage.js';

/** Batches that may wait between the engine and this thread: 131 072 rows. */
const queueBatches = 64;

/** Flow records: subscribes to the engine, answers calls. Throws `store_incompatible` or `store_failed`. */
export async function openFlowPart(
  host: DatabaseHost,
  settings: FlowSettings,
  log: StoreLog,
): Promise<StorePart> {
  const engine = Engine.shared();
  const storage = await FlowStorage.open(host, settings, engine, log);
  const subscription = engine.subscribe((batch) => storage.offer(batch), { queueSize: queueBatches });
  const handlers: Handlers<FlowCalls> = {
    'flows.query': (query) => storage.query(query),
    'flows.aggregate': (query, signal) => storage.aggregate(query, signal),
    'flows.values': (query, signal) => storage.values(query, signal),
    'flows.stats': async () => storage.stats(),
    'flows.flush': async () => {
      await subscription.drained();
      await storage.flush();
      return null;
    },
  };
  return {
    handlers,
    close: async () => {
      await subscription.drained();
      subscription.close();
      await storage.close();
    },
  };
}
