import type { CaptureObserver } from './capture/capture-observer.js';
import type { MetricFeed } from './metrics/metric-feed.js';
import type { RunNumber } from './metrics/run-number.js';
import { errorMessage } from './model/errors.js';
import type { Log } from './model/log.js';

export interface Observers {
  runNumber: RunNumber;
  feed: MetricFeed;
  log: Log;
}

/** Tells all who keep something about captures of each of them. */
export function observeCaptures({ runNumber, feed, log }: Observers): CaptureObserver {
  return {
    async begin() {
      const { run, said } = await runNumber.next();
      if (said !== null) log.warn('the number of the capture could not be kept', { run, reason: said });
      feed.begin(run);
    },
    started: () => undefined,
    interval: (report, counters, interfaces) => feed.take(report, counters, interfaces),
    reading: () => undefined,
    async ended({ status, counters }) {
      const interfaces = status.interfaces.map(({ name }) => name);
      const nowNs = BigInt(Date.now()) * 1_000_000n;
      await feed.end(counters, interfaces, nowNs).catch((error: unknown) => {
        log.error(`metric samples of ${status.backend} may not be stored: ${errorMessage(error)}`);
      });
    },
  };
}
