import { Engine, type EngineCounters, type EngineOptions, type IntervalReport } from '@wireglass/native';
import { refusedPackets } from '../model/ledger.js';
import { measurementShapes, type MetricInterval, type MetricSink } from '../model/metric-sample.js';
import { lossesOf } from './counter-deltas.js';
import { MetricFeed } from './metric-feed.js';
import { reportedReasons } from './run-totals.js';

// What tests of metrics share: a real capture by the real engine, its intervals, and the ledger's view of their sums.

/** Keeps what it is offered. */
export class IntervalList implements MetricSink {
  readonly intervals: MetricInterval[] = [];

  offer(interval: MetricInterval): void {
    this.intervals.push(interval);
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }
}

export interface TestRun {
  source: EngineOptions['source'];
  workers?: number;
  intervalMs?: number;
  maxSeries?: number;
  run?: number;
  /** reports that get lost on the way */
  loses?: (report: IntervalReport, place: number) => boolean;
}

/** Runs a capture to its end with its intervals going to the sinks; resolves with its final counters. */
export async function runCapture(test: TestRun, sinks: MetricSink[]) {
  const engine = Engine.shared();
  const { intervalMs = 1_000 } = test;
  const feed = new MetricFeed(test.maxSeries ?? 10_000, intervalMs, sinks);
  const names = () => engine.status().interfaces.map(({ name }) => name);
  let place = 0;
  let begun: () => void = () => undefined;
  const started = new Promise<void>((resolve) => (begun = resolve));
  const subscription = engine.subscribeIntervals(async (report) => {
    // until then the engine tells the names and counters of the capture before
    await started;
    if (test.loses?.(report, place++) === true) return undefined;
    return feed.take(report, engine.counters(), names());
  });
  feed.begin(test.run ?? 1);
  await engine.start({
    source: test.source,
    intervals: { intervalMs },
    workers: test.workers ?? 1,
    meter: { maxFlows: 4_096 },
  });
  begun();
  await engine.finished();
  subscription.close();
  const counters = engine.counters();
  await feed.end(counters, names(), BigInt(Date.now()) * 1_000_000n);
  return { counters, feed, interfaces: names() };
}

/** Measurement and count, tag values other than the interface first where there are any → sum. */
export type Sums = Record<string, number>;

export function sumsOf(intervals: readonly MetricInterval[]): Sums {
  const sums: Sums = {};
  const add = (key: string, value: number) => (sums[key] = (sums[key] ?? 0) + value);
  for (const { measurement, tags, counts } of intervals.flatMap(({ samples }) => samples)) {
    for (const [count, value] of Object.entries(counts)) {
      add(`${measurement} ${count}`, value);
      const special = tags['reason'] ?? tags['cause'];
      if (special !== undefined) add(`${measurement} ${special} ${count}`, value);
    }
  }
  return sums;
}

/** What the sums must be, by the engine's final counters. */
export function expectedSums(counters: EngineCounters, told: 'by reason' | 'as a whole' = 'by reason'): Sums {
  const { metered_packets: packets, metered_ip_bytes: bytes } = counters;
  const sums: Sums = {
    'interface captured_packets': counters.captured_packets,
    'interface captured_bytes': counters.captured_bytes,
    'interface metered_packets': packets,
    'interface metered_ip_bytes': bytes,
    'interface flows_started': counters.flows_created,
    'interface flows_ended': counters.flows_created - counters.flows_live,
    'refused packets': refusedPackets(counters),
    'capture refused_packets': refusedPackets(counters),
  };
  for (const measurement of ['protocol', 'overlay', 'ip_version', 'dscp', 'size', 'tcp_flags']) {
    sums[`${measurement} packets`] = packets;
    sums[`${measurement} bytes`] = bytes;
  }
  for (const count of measurementShapes.capture.counts)
    if (count !== 'refused_packets') sums[`capture ${count}`] = counters[count];
  const losses = Object.entries(lossesOf(counters));
  sums['loss packets'] = losses.reduce((sum, [, lost]) => sum + lost, 0);
  if (told === 'by reason') {
    for (const [reason, lost] of Object.entries(reportedReasons(counters.refused_packets)))
      sums[`refused ${reason} packets`] = lost;
    for (const [cause, lost] of losses) sums[`loss ${cause} packets`] = lost;
  }
  return Object.fromEntries(Object.entries(sums).filter(([, value]) => value !== 0));
}
