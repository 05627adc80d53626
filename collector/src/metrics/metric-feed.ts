import type { EngineCounters, IntervalInterface, IntervalReport } from '@wireglass/native';
import {
  allInterfaces,
  heavyDimensions,
  otherValue,
  type HeavySample,
  type MetricInterval,
  type MetricSink,
} from '../model/metric-sample.js';
import { CounterReader } from './counter-deltas.js';
import { IntervalSamples } from './interval-samples.js';
import { RunTotals } from './run-totals.js';
import { SeriesRegistry } from './series-registry.js';

export interface MetricFeedStats {
  intervals: number;
  samples: number;
  series: number;
  seriesLimit: number;
  /** samples that count under `other` because of the limit on series */
  samplesUnderOther: number;
  /** packets of reports that were dropped on the way, counted under `other` when their capture ended */
  packetsMadeGood: number;
}

const valueDimensions = ['protocol', 'overlay', 'ip_version', 'dscp', 'size', 'tcp_flags'] as const;

/**
 * Makes metric samples of a capture's interval reports and of the engine's counters, and hands them to every sink. What
 * the sinks got of a run adds up to its final counters when it has ended.
 */
export class MetricFeed {
  private readonly registry: SeriesRegistry;
  private readonly counters = new CounterReader();
  private readonly totals = new RunTotals();
  private run = 0;
  /** of the latest interval, for what is known after it only */
  private lastInterval: { timeNs: bigint; intervalMs: number } | null = null;
  private intervals = 0;
  private samples = 0;
  private packetsMadeGood = 0;

  constructor(
    maxSeries: number,
    private readonly intervalMs: number,
    private readonly sinks: readonly MetricSink[],
  ) {
    this.registry = new SeriesRegistry(maxSeries);
  }

  /** A capture begins: before its first report, and with the counters at zero. */
  begin(run: number): void {
    this.run = run;
    this.lastInterval = null;
    this.counters.reset();
    this.totals.reset();
  }

  /**
   * Takes a report with the counters as they are now. A promise: the sinks ask a source that can wait to do so until it
   * resolves.
   */
  take(
    report: IntervalReport,
    counters: EngineCounters,
    interfaces: readonly string[],
  ): Promise<void> | null {
    const timeNs = BigInt(report.start_ns);
    const intervalMs = report.interval_ms;
    const samples = new IntervalSamples(this.registry);
    for (const part of report.interfaces) {
      this.totals.add(part);
      addInterface(samples, nameOf(part.interface, interfaces), part);
    }
    this.addCounters(samples, counters, interfaces);
    const latest = this.lastInterval;
    if (latest === null || timeNs >= latest.timeNs) this.lastInterval = { timeNs, intervalMs };
    return this.offer({
      correction: report.correction,
      run: this.run,
      samples: samples.finish(timeNs, intervalMs),
      heaviest: heaviestOf(report, timeNs),
    });
  }

  /** The capture has ended with these counters. Returns when the sinks have stored what they got. */
  async end(counters: EngineCounters, interfaces: readonly string[], nowNs: bigint): Promise<void> {
    const lengthNs = BigInt(this.intervalMs) * 1_000_000n;
    const { timeNs, intervalMs } = this.lastInterval ?? {
      timeNs: nowNs - (nowNs % lengthNs),
      intervalMs: this.intervalMs,
    };
    const samples = new IntervalSamples(this.registry);
    this.addCounters(samples, counters, interfaces);
    const missing = this.totals.missing(counters);
    if (missing !== null) {
      this.packetsMadeGood += missing.captured_packets;
      addInterface(samples, otherValue, missing);
    }
    if (!samples.isEmpty) {
      const correction = this.lastInterval !== null;
      void this.offer({
        correction,
        run: this.run,
        samples: samples.finish(timeNs, intervalMs),
        heaviest: [],
      });
    }
    await Promise.all(this.sinks.map((sink) => sink.flush()));
  }

  stats(): MetricFeedStats {
    const { series, limit, samplesUnderOther } = this.registry.stats();
    const { intervals, samples, packetsMadeGood } = this;
    return { intervals, samples, series, seriesLimit: limit, samplesUnderOther, packetsMadeGood };
  }

  private addCounters(
    samples: IntervalSamples,
    counters: EngineCounters,
    interfaces: readonly string[],
  ): void {
    const whole = interfaces.length === 1 ? (interfaces[0] ?? allInterfaces) : allInterfaces;
    const { capture, loss } = this.counters.read(counters);
    samples.add('capture', [whole], capture);
    for (const [cause, packets] of loss) samples.add('loss', [whole, cause], [packets]);
  }

  private offer(interval: MetricInterval): Promise<void> | null {
    this.intervals += 1;
    this.samples += interval.samples.length;
    for (const sink of this.sinks) sink.offer(interval);
    const waits = this.sinks.flatMap((sink) => sink.room?.() ?? []);
    return waits.length === 0 ? null : Promise.all(waits).then(() => undefined);
  }
}

const nameOf = (place: number | null, interfaces: readonly string[]): string =>
  place === null ? otherValue : (interfaces[place] ?? `interface ${place}`);

function addInterface(samples: IntervalSamples, name: string, part: IntervalInterface): void {
  samples.add(
    'interface',
    [name],
    [
      part.captured_packets,
      part.captured_bytes,
      part.metered_packets,
      part.metered_ip_bytes,
      part.flows_started,
      part.flows_ended,
    ],
  );
  for (const dimension of valueDimensions) {
    for (const [value, { packets, bytes }] of Object.entries(part[dimension]))
      samples.add(dimension, [name, value], [packets, bytes]);
  }
  for (const [reason, packets] of Object.entries(part.refused_packets))
    samples.add('refused', [name, reason], [packets]);
}

function heaviestOf(report: IntervalReport, timeNs: bigint): HeavySample[] {
  return heavyDimensions
    .map((dimension) => ({
      dimension,
      timeNs,
      intervalMs: report.interval_ms,
      items: report.top[dimension].items.map(({ value, peer = '', bytes, packets, error }) => ({
        value,
        peer,
        bytes,
        packets,
        error,
      })),
      othersAtMost: report.top[dimension].others_at_most,
    }))
    .filter(({ items, othersAtMost }) => items.length > 0 || othersAtMost > 0);
}
