// Runs the compiled store in a process of its own and kills it: `npm run build` first.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { numbersFrom, openMetricStorage } from './test-storage.js';

const built = resolve(__dirname.replace('/src/', '/dist/'), 'test-storage.js');
const stepS = 20;
const firstS = 1_700_000_400;

/** Writes one sample after the other, 20 s apart, with sums made all the time, and says what is stored. */
const script = `
  const { openMetricStorage } = require(process.argv[1]);
  const [path, from] = process.argv.slice(2);
  let place = Number(from);
  const second = () => ${firstS} + place * ${stepS};
  (async () => {
    const { storage } = await openMetricStorage(path, undefined, () => second() * 1000);
    for (let number = (await storage.lastWrite) + 1; ; number++, place++) {
      const at = { timeNs: BigInt(second()) * 1_000_000_000n, intervalMs: 1_000 };
      await storage.write(number, [{
        correction: false,
        run: 1,
        samples: [{ ...at, measurement: 'loss', tags: { interface: 'eth0', cause: 'disk' }, counts: { packets: 1 } }],
        heaviest: [{ ...at, dimension: 'service', items: [{ value: 'tcp/1', peer: '', bytes: 1, packets: 1, error: 0 }], othersAtMost: 0 }],
      }]);
      console.log(place + 1);
      if (place % 3 === 0) await storage.upkeep();
    }
  })();`;

/** Kills it when so many more samples are acknowledged; returns how many are altogether. */
async function runAndKill(path: string, from: number, after: number): Promise<number> {
  const child = spawn(process.execPath, ['-e', script, built, path, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: resolve(built, '../../../../../..'),
  });
  let text = '';
  child.stdout.on('data', (part: Buffer) => {
    text += part.toString();
    if (text.split('\n').length > after) child.kill('SIGKILL');
  });
  await new Promise((done) => child.once('exit', done));
  const lines = text.split('\n').slice(0, -1);
  return Number(lines.at(-1) ?? from);
}

describe('metric samples after kill -9', () => {
  it('are stored once when they were acknowledged, in every sum', async () => {
    if (!existsSync(built)) throw new Error('not built: npm run build');
    const directory = mkdtempSync(join(tmpdir(), 'wg-metric-crash-'));
    const path = join(directory, 'store.duckdb');
    const number = numbersFrom(5);
    let stored = 0;
    for (let round = 0; round < 8; round++) {
      const acknowledged = await runAndKill(path, stored, 20 + number(120));
      const { storage, close } = await openMetricStorage(path);
      const nsOf = (place: number): bigint => BigInt(firstS + place * stepS) * 1_000_000_000n;
      const ask = (intervalMs: number | null) =>
        storage.series(
          {
            measurement: 'loss',
            count: 'packets',
            fromNs: nsOf(0),
            toNs: nsOf(1_000_000),
            intervalMs,
            groupBy: [],
            where: {},
          },
          new AbortController().signal,
        );
      const points = (await ask(1_000)).series[0]?.points ?? [];
      stored = points.length;
      expect(stored).toBeGreaterThanOrEqual(acknowledged);
      expect(points).toEqual(points.map((_, place) => ({ timeNs: nsOf(place), value: 1 })));
      for (const intervalMs of [60_000, 3_600_000, null]) {
        const sums = (await ask(intervalMs)).series[0]?.points ?? [];
        expect(sums.reduce((sum, { value }) => sum + value, 0)).toBe(stored);
      }
      const { items } = await storage.heaviest(
        { dimension: 'service', fromNs: nsOf(0), toNs: nsOf(1_000_000), limit: 1 },
        new AbortController().signal,
      );
      expect(items[0]?.bytes).toBe(stored);
      await close();
    }
    rmSync(directory, { recursive: true });
  }, 120_000);
});
