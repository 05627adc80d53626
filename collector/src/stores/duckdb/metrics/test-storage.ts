import type { DatabaseSettings } from '../database.js';
import { DatabaseHost } from '../database-host.js';
import type { StoreLog } from '../messages.js';
import type {
  HeavyDimension,
  HeavySample,
  MetricInterval,
  MetricSample,
} from '../../../model/metric-sample.js';
import type { MetricSettings } from './calls.js';
import { MetricStorage } from './metric-storage.js';

export const hour = 3_600_000;
export const longRetention: MetricSettings = {
  secondRetentionMs: 24 * hour,
  minuteRetentionMs: 720 * hour,
  hourRetentionMs: 17_520 * hour,
  queries: { maxRunning: 2, maxWaiting: 8, timeoutMs: 30_000 },
};

/** The store of metric samples alone on a file of its own, with a clock that tests set. */
export async function openMetricStorage(
  path: string,
  settings: MetricSettings = longRetention,
  clock: () => number = Date.now,
  database: Partial<DatabaseSettings> = {},
  log: StoreLog = () => undefined,
): Promise<{ storage: MetricStorage; close: () => Promise<void> }> {
  const host = await DatabaseHost.open({
    path,
    memoryLimitMb: 256,
    threads: 2,
    checkpointBytes: 1 << 24,
    ...database,
  });
  const storage = await MetricStorage.open(host, settings, log, clock);
  return { storage, close: () => storage.close().finally(() => host.close()) };
}

export type Numbers = (below: number) => number;

/** Numbers that are the same for the same seed (xorshift32). */
export function numbersFrom(seed: number): Numbers {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

const protocols = ['tcp', 'udp', 'icmp', 'sctp', 'other'];
const dimensions: HeavyDimension[] = ['src_addr', 'conversation'];

/** What an interval really had, beside the sample made of it. */
export interface TrueInterval {
  interval: MetricInterval;
  /** dimension and value → bytes */
  truth: Map<string, number>;
}

/** A made-up interval: counts of protocols, and heaviest lists that tell a part of what there was. */
export function makeInterval(seconds: number, number: Numbers, correction = false): TrueInterval {
  const timeNs = BigInt(seconds) * 1_000_000_000n;
  const at = { timeNs, intervalMs: 1_000 };
  const samples: MetricSample[] = [];
  for (const [place, value] of protocols.entries()) {
    if (number(3) === 0) continue;
    const counts = { packets: number(1_000) + 1, bytes: number(1_000_000) + place };
    samples.push({ ...at, measurement: 'protocol', tags: { interface: `eth${number(2)}`, value }, counts });
  }
  const truth = new Map<string, number>();
  const heaviest: HeavySample[] = [];
  for (const dimension of dimensions) {
    const values = Array.from({ length: 4 + number(12) }, () => `10.0.0.${number(30)}`);
    const own = new Map<string, number>();
    for (const value of values) own.set(value, (own.get(value) ?? 0) + number(5_000));
    for (const [value, bytes] of own) truth.set(`${dimension} ${value}`, bytes);
    const sorted = [...own].sort(([, a], [, b]) => b - a);
    const items = sorted.slice(0, 5).map(([value, bytes]) => {
      const error = number(100);
      return { value, peer: '', bytes: bytes + number(error + 1), packets: 1, error };
    });
    heaviest.push({ ...at, dimension, items, othersAtMost: (sorted[5]?.[1] ?? 0) + number(10) });
  }
  return { interval: { correction, run: 1, samples, heaviest }, truth };
}
