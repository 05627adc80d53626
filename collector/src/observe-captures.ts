import type { EngineCounters } from '@wireglass/native';
import type { CaptureObserver } from './capture/capture-observer.js';
import type { Config } from './config/schema.js';
import { CaptureHistory } from './history/capture-history.js';
import { MetricFeed } from './metrics/metric-feed.js';
import { RunNumber } from './metrics/run-number.js';
import { SampleSums } from './metrics/sample-sums.js';
import { errorMessage } from './model/errors.js';
import type { Log } from './model/log.js';
import type { MetricSink } from './model/metric-sample.js';
import type { HistoryStore } from './stores/history/history-store.js';
import { LifeCounters } from './telemetry/life-counters.js';

export interface ObserverParts {
  config: Pick<Config, 'metrics' | 'intervals'>;
  runNumberPath: string;
  history: HistoryStore;
  sinks: readonly MetricSink[];
  log: Log;
  counters: () => EngineCounters;
}

export interface CaptureObservation {
  observer: CaptureObserver;
  feed: MetricFeed;
  /** what Prometheus is told of all captures */
  life: { captures: () => number; counters: () => EngineCounters; samples: SampleSums['read'] };
}

/** Tells all who keep something about captures of each of them. Error: `data_dir_unwritable`. */
export async function observeCaptures(parts: ObserverParts): Promise<CaptureObservation> {
  const { config, log, sinks } = parts;
  const runNumber = new RunNumber(parts.runNumberPath);
  await runNumber.start(await parts.history.lastRun());
  const sums = new SampleSums();
  const life = new LifeCounters(parts.counters);
  const feed = new MetricFeed(config.metrics.max_series, config.intervals.interval_ms, [sums, ...sinks]);
  const history = new CaptureHistory(parts.history);
  const observer: CaptureObserver = {
    async begin() {
      const { run, said } = await runNumber.next();
      if (said !== null) log.warn('the number of the capture could not be kept', { run, reason: said });
      feed.begin(run);
      history.begin(run);
    },
    started: (source, status) => {
      life.started();
      history.started(source, status);
    },
    interval: (report, counters, interfaces) => feed.take(report, counters, interfaces),
    reading: (counters) => history.reading(counters),
    async ended(end) {
      life.ended(end.counters);
      history.ended(end);
      const interfaces = end.status.interfaces.map(({ name }) => name);
      const nowNs = BigInt(Date.now()) * 1_000_000n;
      await feed.end(end.counters, interfaces, nowNs).catch((error: unknown) => {
        log.error(`metric samples of ${end.source} may not be stored: ${errorMessage(error)}`);
      });
    },
  };
  return {
    observer,
    feed,
    life: { captures: () => life.captures, counters: () => life.read(), samples: () => sums.read() },
  };
}
