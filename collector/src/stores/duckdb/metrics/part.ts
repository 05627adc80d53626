import type { DatabaseHost } from '../database-host.js';
import type { Handlers, StoreLog } from '../messages.js';
import type { StorePart } from '../part.js';
import type { MetricCalls, MetricSettings } from './calls.js';
import { MetricStorage } from './metric-storage.js';

/** Metric samples: answers calls. Throws `store_incompatible` or `store_failed`. */
export async function openMetricPart(
  host: DatabaseHost,
  settings: MetricSettings,
  log: StoreLog,
): Promise<StorePart> {
  const storage = await MetricStorage.open(host, settings, log);
  const handlers: Handlers<MetricCalls> = {
    'metrics.write': async ({ number, intervals }) => {
      await storage.write(number, intervals);
      return null;
    },
    'metrics.last_write': () => storage.lastWrite,
    'metrics.series': (query, signal) => storage.series(query, signal),
    'metrics.heaviest': (query, signal) => storage.heaviest(query, signal),
    'metrics.stats': async () => storage.stats(),
  };
  return { handlers, close: () => storage.close() };
}
