import type { MetricInterval } from '../../../model/metric-sample.js';
import { configSchema, type Config } from '../../../config/schema.js';
import { Value } from '@sinclair/typebox/value';

/** Settings as they are without a configuration, with those given, quick to retry. */
export const influxdbSettings = (given: Partial<Config['influxdb']>): Config['influxdb'] => ({
  ...Value.Create(configSchema).influxdb,
  flush_interval_ms: 20,
  retry_initial_ms: 20,
  retry_max_ms: 100,
  sensor: 'test',
  ...given,
});

/** An interval with packets of protocols, one second long. */
export function intervalOf(
  second: number,
  packets: Record<string, number>,
  over: Partial<MetricInterval> = {},
): MetricInterval {
  const timeNs = BigInt(second) * 1_000_000_000n;
  return {
    run: 1,
    correction: false,
    samples: Object.entries(packets).map(([value, count]) => ({
      measurement: 'protocol' as const,
      timeNs,
      intervalMs: 1_000,
      tags: { interface: 'eth0', value },
      counts: { packets: count, bytes: count * 100 },
    })),
    heaviest: [],
    ...over,
  };
}

/** Waits for what must happen, for so long at most. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: () => string,
  seconds = 30,
): Promise<void> {
  for (const deadline = Date.now() + seconds * 1_000; Date.now() < deadline;) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`it did not happen within ${seconds} s: ${what()}`);
}
