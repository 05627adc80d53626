import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InfluxDbSink } from './sink.js';
import { Influxd } from './testing/influxd.js';
import { intervalOf, until } from './testing/intervals.js';
import { describeInfluxd, InfluxdSuite, losses } from './testing/suite.js';

const nowS = Math.floor(Date.now() / 1_000) - 3_600;

describeInfluxd('when InfluxDB 1.x does not take points', () => {
  const suite = new InfluxdSuite();
  suite.register();

  /** Offers a point per second; resolves with the sum of their packets. */
  function offer(sink: InfluxDbSink, from: number, count: number): number {
    let sum = 0;
    for (let second = from; second < from + count; second += 1) {
      sink.offer(intervalOf(nowS + second, { tcp: second + 1 }));
      sum += second + 1;
    }
    return sum;
  }
  const stored = () => suite.number('SELECT sum(packets) FROM wireglass_protocol');
  const count = () => suite.number('SELECT count(packets) FROM wireglass_protocol');

  it('has it all once when it comes back, restarted in mid-run, again and again', async () => {
    const sink = await suite.start({ batch_points: 20 });
    let sum = 0;
    for (let round = 0; round < 4; round += 1) {
      sum += offer(sink, round * 200, 100);
      await sink.flush();
      // at any moment, within a request as well
      await suite.server.kill(round % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
      sum += offer(sink, round * 200 + 100, 100);
      await sink.flush();
      await until(
        () => sink.stats().state === 'unreachable',
        () => JSON.stringify(sink.stats()),
      );
      await suite.server.run();
      await until(
        () => sink.stats().spooledPoints === 0,
        () => JSON.stringify(sink.stats()),
      );
    }
    await suite.settled(sink);
    expect([await count(), await stored()]).toEqual([800, sum]);
    expect(losses(sink)).toEqual({});
    await until(
      () => sink.stats().rollUpHoursWaiting === 0,
      () => JSON.stringify(sink.stats()),
    );
    expect(await suite.number('SELECT sum(packets) FROM wireglass_minute.wireglass_protocol')).toBe(sum);
  });

  it('has it all once after it was too slow to answer', async () => {
    const sink = await suite.start({ request_timeout_ms: 200, batch_points: 50 });
    let sum = offer(sink, 0, 100);
    await suite.settled(sink);
    await suite.server.freeze();
    sum += offer(sink, 100, 300);
    await sink.flush();
    await until(
      () => sink.stats().state === 'slow',
      () => JSON.stringify(sink.stats()),
    );
    suite.server.thaw();
    await suite.settled(sink);
    expect([await count(), await stored()]).toEqual([400, sum]);
    expect(losses(sink)).toEqual({});
  });

  it('counts what it refuses of a batch, and has the rest', async () => {
    const sink = await suite.start({ raw_retention_h: 6 });
    const sum = offer(sink, 0, 10);
    offer(sink, -7 * 3_600, 5);
    await suite.settled(sink);
    expect([await count(), await stored()]).toEqual([10, sum]);
    expect(losses(sink)).toEqual({ beyond_retention: 5 });
    const wrongType = await fetch(`${suite.server.url}/write?db=${suite.database}&rp=wireglass_raw`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`admin:${Influxd.password}`).toString('base64')}` },
      body: `wireglass_overlay packets="text" ${BigInt(nowS) * 1_000_000_000n}`,
    });
    expect(wrongType.status).toBe(204);
    const interval = intervalOf(nowS + 100, { tcp: 1 });
    const samples = interval.samples.map((sample) => ({ ...sample, measurement: 'overlay' as const }));
    sink.offer({ ...interval, samples: [...interval.samples, ...samples] });
    await suite.settled(sink);
    expect(losses(sink)).toEqual({ beyond_retention: 5, field_type_conflict: 1 });
    expect(await count()).toBe(11);
  });

  it('is sent again what a service that was killed had in its spool', async () => {
    await suite.server.kill();
    const bin = join(__dirname, '../../../bin/wireglass.js');
    const data = join(suite.directory, 'data');
    mkdirSync(data);
    const environment = {
      ...process.env,
      WIREGLASS_INFLUXDB_URL: suite.server.url,
      WIREGLASS_INFLUXDB_USERNAME: 'admin',
      WIREGLASS_INFLUXDB_PASSWORD: Influxd.password,
      WIREGLASS_INFLUXDB_DATABASE: suite.database,
      WIREGLASS_INFLUXDB_FLUSH_INTERVAL_MS: '50',
      WIREGLASS_INFLUXDB_RETRY_MAX_MS: '500',
      WIREGLASS_METRICS_STORE: 'influxdb',
    };
    const run = async (...options: string[]) => {
      const child = spawn(process.execPath, [bin, 'run', '--port', '0', '--data-dir', data, ...options], {
        env: environment,
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (part: Buffer) => (output += String(part)));
      const exit = new Promise((resolve) => child.once('exit', resolve));
      await until(
        () => output.includes('answers at') || child.exitCode !== null,
        () => output,
      );
      return {
        child,
        exit,
        url: /answers at (http:\S+)/.exec(output)?.[1] ?? '',
        token: /wg_viewer_[\w-]{43}/.exec(output)?.[0] ?? '',
        output: () => output,
      };
    };
    const first = await run('--rate', '2000');
    const metric = async (name: string): Promise<number> => {
      const answer = await fetch(`${first.url}/metrics`, {
        headers: { authorization: `Bearer ${first.token}` },
      });
      return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await answer.text())?.[1] ?? NaN);
    };
    await until(
      async () => (await metric('wireglass_influxdb_spooled_points')) > 100,
      () => first.output(),
    );
    const ready = (await (await fetch(`${first.url}/readyz`)).json()) as {
      checks?: Record<string, { detail: string }>;
    };
    expect(JSON.stringify(ready)).toMatch(/ECONNREFUSED/);
    const spooled = await metric('wireglass_influxdb_spooled_points');
    first.child.kill('SIGKILL');
    await first.exit;

    await suite.server.run();
    const second = await run();
    await until(
      async () =>
        (await suite.number('SELECT count(metered_packets) FROM wireglass_interface').catch(() => 0)) > 0,
      () => second.output(),
    );
    const all = async (): Promise<number> => {
      const series = await suite.server.query('SELECT count(interval_ms) FROM /.*/', suite.database);
      const items = await suite.server.query('SELECT count(bytes) FROM wireglass_heaviest', suite.database);
      return [...series, ...items].reduce((sum, { values }) => sum + Number(values[0]?.[1] ?? 0), 0);
    };
    await until(
      async () => (await all()) >= spooled,
      () => second.output(),
    );
    expect(`${first.output()}${second.output()}`).not.toContain(Influxd.password);
    second.child.kill('SIGTERM');
    await second.exit;
  }, 120_000);
});

const mounts: string[] = [];
/** A small file system of its own at a path. */
function mountSmall(path: string, size: string): boolean {
  mkdirSync(path, { recursive: true });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'wireglass-test', path]).status !== 0)
    return false;
  mounts.push(path);
  return true;
}
/** Fills it to the last byte. */
function fill(path: string): void {
  try {
    for (const size of [1 << 20, 4_096, 1])
      for (;;) writeFileSync(join(path, 'ballast'), Buffer.alloc(size), { flag: 'a' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
const probe = join(tmpdir(), `wg-mount-${process.pid}`);
const canMount = mountSmall(probe, '1m');
spawnSync('umount', ['-l', probe]);
rmSync(probe, { recursive: true });
mounts.length = 0;

const withMounts = canMount
  ? describeInfluxd
  : (name: string, body: () => void) => describe.skip(`${name} (skipped: no right to mount)`, body);

withMounts('full disks', () => {
  const suite = new InfluxdSuite();
  // in front of what the suite does afterwards: directories are removed then
  afterEach(() => {
    for (const path of mounts.splice(0)) spawnSync('umount', ['-l', path]);
  });
  suite.register();

  it('of the spool: points wait in memory, go on from there, and what has no room is counted', async () => {
    const spool = join(suite.directory, 'spool');
    mountSmall(spool, '1m');
    const sink = await suite.start({ max_waiting_points: 10_000, batch_points: 1_000 });
    let next = 0;
    const offer = (points: number): void => {
      for (let count = 0; count < points; count += 1)
        sink.offer(intervalOf(nowS - 40_000 + (next += 1), { tcp: 1 }));
    };
    offer(100);
    await suite.settled(sink);
    fill(spool);
    offer(3_000);
    await suite.settled(sink);
    expect(sink.trouble()).toMatch(/the spool cannot be written: ENOSPC/);
    await suite.server.kill();
    offer(15_000);
    await sink.flush();
    expect(losses(sink)).toEqual({ memory_limit: 5_000 });
    expect(sink.stats().pointsWaiting).toBe(10_000);
    await suite.server.run();
    await suite.settled(sink);
    expect(await suite.number('SELECT count(packets) FROM wireglass_protocol')).toBe(13_100);
    rmSync(join(spool, 'ballast'));
    offer(10);
    await suite.settled(sink);
    expect(sink.trouble()).toBeNull();
    expect(await suite.number('SELECT count(packets) FROM wireglass_protocol')).toBe(13_110);
    expect(losses(sink)).toEqual({ memory_limit: 5_000 });
    await suite.stop(sink);
  });

  it('of the server: everything waits in the spool until there is room', async () => {
    const wal = (directory: string): string => join(directory, 'wal');
    const server = await Influxd.start({}, (directory) => mountSmall(wal(directory), '4m'));
    try {
      const sink = await suite.start({ url: server.url });
      sink.offer(intervalOf(nowS, { tcp: 1 }));
      await suite.settled(sink);
      fill(wal(server.directory));
      for (let second = 1; second <= 5_000; second += 1)
        sink.offer(intervalOf(nowS - 20_000 + second, { tcp: second }));
      await sink.flush();
      await until(
        () => sink.stats().state === 'failing',
        () => JSON.stringify(sink.stats()),
      );
      expect(sink.trouble()).toMatch(/HTTP 500: .*no space left on device/);
      rmSync(join(wal(server.directory), 'ballast'));
      // A write-ahead log of 1.6.7 that could not be written once is not written again before a restart.
      await server.kill();
      await server.run();
      await suite.settled(sink);
      expect(await server.number('SELECT sum(packets) FROM wireglass_protocol', suite.database)).toBe(
        1 + (5_000 * 5_001) / 2,
      );
      expect(losses(sink)).toEqual({});
      await suite.stop(sink);
    } finally {
      await server.kill('SIGKILL');
      for (const path of mounts.splice(0)) spawnSync('umount', ['-l', path]);
      await server.end();
    }
  });
});
