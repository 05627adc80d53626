import type { EngineCounters } from '@wireglass/native';

export interface Rates {
  /** time between the two readings that the rates come from, 0 where there are not two yet */
  interval_ms: number;
  packets_per_s: number;
  bits_per_s: number;
  dropped_packets_per_s: number;
  records_per_s: number;
}

interface Reading {
  atMs: number;
  counters: EngineCounters;
}

const rateNone: Rates = {
  interval_ms: 0,
  packets_per_s: 0,
  bits_per_s: 0,
  dropped_packets_per_s: 0,
  records_per_s: 0,
};

/** Rates between the last two readings, so that they do not depend on who asks and how often. */
export class RateMeter {
  private last: Reading | null = null;
  private rates: Rates = rateNone;

  /** A new capture counts from zero. */
  reset(): void {
    this.last = null;
    this.rates = rateNone;
  }

  /** `atMs` from a clock that does not jump. */
  read(atMs: number, counters: EngineCounters): void {
    const before = this.last;
    this.last = { atMs, counters };
    if (before === null || atMs <= before.atMs) return;
    const seconds = (atMs - before.atMs) / 1_000;
    const perSecond = (value: (from: EngineCounters) => number) =>
      Math.max(0, value(counters) - value(before.counters)) / seconds;
    this.rates = {
      interval_ms: Math.round(atMs - before.atMs),
      packets_per_s: perSecond((from) => from.captured_packets),
      bits_per_s: perSecond((from) => from.captured_bytes * 8),
      dropped_packets_per_s: perSecond(
        (from) => from.dropped_kernel_packets + from.dropped_interface_packets,
      ),
      records_per_s: perSecond((from) => from.records),
    };
  }

  current(): Rates {
    return this.rates;
  }
}
