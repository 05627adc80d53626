// Runs the compiled worker with the real engine: `npm run build` first.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from './config/load.js';
import { heavyDimensions, measurements, measurementShapes } from './model/metric-sample.js';
import { createEmbeddedStore } from './stores/duckdb/root.js';
import { expectedSums, IntervalList, runCapture, sumsOf, type Sums } from './metrics/test-run.js';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'wg-metrics-root-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const everything = { fromNs: 0n, toNs: 2n ** 62n, where: {} };

describe('the embedded metric store', () => {
  it('holds what the engine counted, to the packet, at every resolution and after a restart', async () => {
    const config = loadConfig({ environment: {}, flags: { data_dir: directory } }).config;
    const stores = createEmbeddedStore({}, config);
    await stores.start();
    await stores.metrics.start();
    const list = new IntervalList();
    const source = {
      kind: 'traffic',
      profile: 'demo',
      seed: 3,
      packets: 200_000,
      packetsPerSecond: 1_500,
      paced: false,
    } as const;
    const { counters } = await runCapture({ source, workers: 2 }, [list, stores.metrics]);
    const truth: Sums = expectedSums(counters, 'as a whole');
    expect(Object.keys(truth).length).toBeGreaterThan(20);

    const stored = async (intervalMs: number | null): Promise<Sums> => {
      const sums: Sums = {};
      for (const measurement of measurements) {
        for (const count of measurementShapes[measurement].counts) {
          const query = { ...everything, measurement, count, intervalMs, groupBy: [] };
          const { series } = await stores.metrics.series(query);
          const total = series[0]?.points.reduce((sum, { value }) => sum + value, 0) ?? 0;
          if (total !== 0) sums[`${measurement} ${count}`] = total;
        }
      }
      return sums;
    };
    for (const intervalMs of [1_000, 60_000, 3_600_000, null])
      expect(await stored(intervalMs)).toEqual(truth);
    expect(sumsOf(list.intervals)).toEqual(expectedSums(counters));

    for (const dimension of heavyDimensions) {
      const answer = await stores.metrics.heaviest({ ...everything, dimension, limit: 10 });
      expect(answer.totalBytes).toBe(counters.metered_ip_bytes);
      expect(answer.items.length).toBeGreaterThan(0);
    }
    await stores.metrics.stop();
    await stores.stop();

    await stores.start();
    await stores.metrics.start();
    expect(await stored(null)).toEqual(truth);
    expect(await stores.metrics.stats()).toMatchObject({
      samplesWaiting: 0,
      samplesLost: 0,
      lastError: null,
    });
    await stores.metrics.stop();
    await stores.stop();
  }, 60_000);
});
