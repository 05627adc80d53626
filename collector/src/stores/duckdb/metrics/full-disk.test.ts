import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MetricInterval } from '../../../model/metric-sample.js';
import type { CallWorker } from '../messages.js';
import type { MetricCalls } from './calls.js';
import { longRetention, openMetricStorage } from './test-storage.js';
import { WorkerMetricStore } from './worker-metric-store.js';

const mount = mkdtempSync(join(tmpdir(), 'wg-metric-full-disk-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'wireglass-test', mount]).status === 0;
const withMount = mounted ? describe : describe.skip;

afterAll(() => {
  if (mounted) spawnSync('umount', ['-l', mount]);
  rmdirSync(mount);
});

/** 1 000 samples of one packet each. */
function interval(second: number): MetricInterval {
  const at = { timeNs: BigInt(1_700_000_000 + second) * 1_000_000_000n, intervalMs: 1_000 };
  const samples = Array.from({ length: 1_000 }, (_, value) => ({
    ...at,
    measurement: 'protocol' as const,
    tags: { interface: 'eth0', value: String(value) },
    counts: { packets: 1, bytes: Math.floor(Math.random() * 2 ** 40) },
  }));
  return { correction: false, run: 1, samples, heaviest: [] };
}

// needs the right to mount a small file system
withMount('metric samples on a full disk (needs the right to mount a small tmpfs)', () => {
  it('wait, are counted where too many wait, and are stored once when there is room', async () => {
    const said: string[] = [];
    const { storage, close } = await openMetricStorage(join(mount, 'store.duckdb'), longRetention, Date.now, {
      checkpointBytes: 1 << 22,
    });
    const call: CallWorker<MetricCalls> = (async (name: keyof MetricCalls, argument: never) => {
      const signal = new AbortController().signal;
      switch (name) {
        case 'metrics.write': {
          const write = argument as MetricCalls['metrics.write']['argument'];
          return storage.write(write.number, write.intervals).then(() => null);
        }
        case 'metrics.last_write':
          return storage.lastWrite;
        case 'metrics.series':
          return storage.series(argument, signal);
        case 'metrics.heaviest':
          return storage.heaviest(argument, signal);
        case 'metrics.stats':
          return storage.stats();
      }
    }) as never;
    const store = new WorkerMetricStore(call, 50_000, (_, message) => said.push(message));
    await store.start();
    const ballast = join(mount, 'ballast');
    let offered = 0;
    const offer = async (): Promise<void> => {
      store.offer(interval(offered++));
      await store.flush().catch(() => undefined);
    };
    await offer();
    writeFileSync(ballast, Buffer.alloc(20 << 20));
    while ((await store.stats().catch(() => null))?.samplesLost !== 5_000 && offered < 2_000) await offer();

    const stats = await store.stats();
    expect(stats.samplesLost).toBe(5_000);
    expect(stats.samplesWaiting).toBe(50_000);
    expect(stats.lastError).toMatch(/No space left|out of disk|could not write/i);
    // a source that could wait is not made to, for nobody knows how long
    expect(store.room()).toBeNull();

    rmSync(ballast);
    const deadline = Date.now() + 20_000;
    while ((await store.stats()).samplesWaiting > 0 && Date.now() < deadline) await sleep(50);
    await offer();
    await store.flush();
    expect(said).toEqual([
      expect.stringMatching(/wait in memory, storing failed/) as string,
      'metric samples are lost: too many wait to be stored',
      'metric samples are stored again',
    ]);
    const { series } = await store.series({
      measurement: 'protocol',
      count: 'packets',
      fromNs: 0n,
      toNs: 2n ** 62n,
      intervalMs: null,
      groupBy: [],
      where: {},
    });
    expect(series[0]?.points[0]?.value).toBe(offered * 1_000 - 5_000);
    expect(await store.stats()).toMatchObject({ samplesStored: offered * 1_000 - 5_000, samplesWaiting: 0 });
    await store.stop();
    await close();
  }, 120_000);
});
