import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/schema.js';
import type { Log } from '../../model/log.js';
import { InfluxDbSink } from './sink.js';
import { influxdbSettings, intervalOf, until } from './testing/intervals.js';
import { StrictServer, type StrictServerSettings } from './testing/strict-server.js';
import { losses } from './testing/suite.js';

// 2.x and 3.x: their documented endpoints and errors by a server that is stricter than both.

const nowS = 1_764_000_000;
const token = 'se/cret+token==';
let directory: string;
let server: StrictServer;
let sinks: InfluxDbSink[];
let said: string[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wg-influxdb-'));
  writeFileSync(join(directory, 'token'), `${token}\n`);
  sinks = [];
  said = [];
});
afterEach(async () => {
  for (const sink of sinks) await sink.stop();
  await server.stop();
  expect(server.faults).toEqual([]);
  expect(said.join()).not.toContain(token);
  rmSync(directory, { recursive: true });
});

const note = (message: string, fields?: object): void =>
  void said.push(message + JSON.stringify(fields ?? {}));
const log: Log = { error: note, warn: note, info: note, debug: note };

async function serve(given: Partial<StrictServerSettings> = {}): Promise<StrictServer> {
  server = new StrictServer({ version: 2, token, org: 'o r', database: 'b', ...given });
  await server.start();
  return server;
}

async function start(given: Partial<Config['influxdb']> = {}): Promise<InfluxDbSink> {
  const { version, org, database } = server.settings;
  const settings = influxdbSettings({
    url: server.url,
    version,
    database,
    org: version === 2 ? (org ?? '') : '',
    token_file: join(directory, 'token'),
    ...given,
  });
  const sink = new InfluxDbSink(settings, join(directory, 'spool'), log, 100);
  await sink.start();
  sinks.push(sink);
  return sink;
}
const settled = async (sink: InfluxDbSink): Promise<void> => {
  await sink.flush();
  await until(
    () => sink.stats().spooledPoints + sink.stats().pointsWaiting === 0,
    () => JSON.stringify(sink.stats()),
  );
};
const state = (sink: InfluxDbSink, wanted: string): Promise<void> =>
  until(
    () => sink.stats().state === wanted,
    () => JSON.stringify(sink.stats()),
  );
/** Points of seconds; resolves with the sum of their packets. */
function offer(sink: InfluxDbSink, from: number, count: number): number {
  let sum = 0;
  for (let second = from; second < from + count; second += 1) {
    sink.offer(intervalOf(nowS + second, { tcp: second + 1, udp: 1 }));
    sum += second + 2;
  }
  return sum;
}
const isInOrder = (): boolean =>
  server.order.every((time, place) => place === 0 || time >= (server.order[place - 1] ?? 0n));

describe.each([2, 3] as const)('InfluxDB %i.x', (version) => {
  it('gets compressed batches over one connection, in order', async () => {
    await serve({ version });
    const sink = await start({ batch_points: 25 });
    const sum = offer(sink, 0, 100);
    await settled(sink);
    expect(server.sum('wireglass_protocol', 'packets')).toBe(sum);
    expect(isInOrder()).toBe(true);
    expect(server.seen.every(({ points }) => points <= 25)).toBe(true);
    expect(new Set(server.seen.map(({ connection }) => connection)).size).toBe(1);
    expect(sink.stats()).toMatchObject({ state: 'up', pointsStored: 200, detail: null });
    expect(losses(sink)).toEqual({});
  });

  it('gets everything once, in order, after it was away, and after the service was', async () => {
    await serve({ version });
    const first = await start({ batch_points: 50 });
    let sum = offer(first, 0, 50);
    await settled(first);
    await server.stop();
    sum += offer(first, 50, 200);
    await first.flush();
    await state(first, 'unreachable');
    expect(first.trouble()).toMatch(/ECONNREFUSED/);
    sinks = [];
    await first.stop();
    const second = await start({ batch_points: 50 });
    sum += offer(second, 250, 50);
    await server.start();
    await settled(second);
    expect(server.sum('wireglass_protocol', 'packets')).toBe(sum);
    expect(server.points.size).toBe(600);
    expect(isInOrder()).toBe(true);
    expect(losses(second)).toEqual({});
  });

  it.each([
    ['asks for patience', { kind: 'busy', status: 429, retryAfter: '0' }, 'busy', /HTTP 429/],
    ['is unavailable', { kind: 'busy', status: 503 }, 'busy', /HTTP 503: try again/],
    ['is full', { kind: 'failing', status: 500 }, 'failing', /no space left on device/],
    [
      'stands behind a proxy that is alone',
      { kind: 'failing', status: 502, body: '<html>' },
      'failing',
      /HTTP 502/,
    ],
    [
      'is no InfluxDB',
      { kind: 'failing', status: 405, body: '<html>' },
      'misunderstood',
      /check influxdb.url/,
    ],
    ['does not answer', { kind: 'mute' }, 'slow', /no answer within 300 ms/],
    ['hangs up', { kind: 'hangs_up', within: false }, 'unreachable', /closed the connection/],
    [
      'hangs up in the middle of an answer',
      { kind: 'hangs_up', within: true },
      'unreachable',
      /closed|aborted/,
    ],
  ] as const)('loses nothing when it %s', async (_, mood, wanted, message) => {
    await serve({ version });
    const sink = await start({ request_timeout_ms: 300, batch_points: 150 });
    let sum = offer(sink, 0, 30);
    await settled(sink);
    server.mood = mood;
    sum += offer(sink, 30, 100);
    await sink.flush();
    await state(sink, wanted);
    expect(sink.trouble()).toMatch(message);
    sum += offer(sink, 130, 20);
    server.mood = { kind: 'well' };
    await settled(sink);
    expect(server.sum('wireglass_protocol', 'packets')).toBe(sum);
    expect(server.points.size).toBe(300);
    expect(isInOrder()).toBe(true);
    expect(losses(sink)).toEqual({});
    await state(sink, 'up');
    expect(sink.trouble()).toBeNull();
  });

  it('has what it refuses of a batch counted, and the rest stored, without a second try', async () => {
    await serve({ version });
    server.refuses = ({ tags, time }) =>
      tags['value'] === 'udp' && time % 5_000_000_000n < 1_000_000_000n ? 'field type conflict: x' : null;
    const sink = await start({ flush_interval_ms: 50 });
    offer(sink, 0, 100);
    await settled(sink);
    expect(server.points.size).toBe(180);
    expect(server.overwritten).toBe(0);
    expect(losses(sink)).toEqual({ field_type_conflict: 20 });
    expect(sink.stats()).toMatchObject({
      pointsStored: 180,
      state: 'up',
      lastRefusal: expect.stringContaining('conflict') as string,
    });
  });

  it('has a batch that it refuses whole taken apart, so that only the bad points are lost', async () => {
    await serve({ version });
    server.refuses = ({ time }) =>
      [7n, 8n, 90n].includes(time / 1_000_000_000n - BigInt(nowS)) ? 'out of its mind' : null;
    const sink = await start();
    offer(sink, 0, 100);
    await settled(sink);
    expect(server.points.size).toBe(194);
    expect(isInOrder()).toBe(true);
    expect(losses(sink)).toEqual({ [version === 2 ? 'unparsable' : 'refused']: 6 });
  });

  it('gets smaller requests when it finds them too large', async () => {
    await serve({ version, maxBodyBytes: 700 });
    const sink = await start();
    const sum = offer(sink, 0, 500);
    await settled(sink);
    expect(server.sum('wireglass_protocol', 'packets')).toBe(sum);
    expect(server.points.size).toBe(1_000);
    expect(losses(sink)).toEqual({});
    expect(sink.stats().requests['too_large']).toBeLessThan(12);
  });

  it('is told apart from a wrong token, which is kept secret', async () => {
    await serve({ version });
    writeFileSync(join(directory, 'token'), `not${token}\n`);
    const sink = await start();
    const sum = offer(sink, 0, 5);
    await state(sink, 'denied');
    expect(sink.trouble()).toMatch(/HTTP 401: .*; check influxdb.token_file/);
    expect(JSON.stringify(sink.stats())).not.toContain(token);
    sinks = [];
    await sink.stop();
    writeFileSync(join(directory, 'token'), token);
    const again = await start();
    await settled(again);
    expect(server.sum('wireglass_protocol', 'packets')).toBe(sum);
  });
});

it('waits for a bucket or organisation of 2.x that is missing, and says what is', async () => {
  await serve();
  const sink = await start({ database: 'other' });
  offer(sink, 0, 5);
  await state(sink, 'missing');
  expect(sink.trouble()).toMatch(/bucket "other" not found; make the bucket other in the organisation o r/);
  const other = await start({ org: 'x' });
  offer(other, 0, 5);
  await state(other, 'missing');
  expect(other.trouble()).toMatch(/organization name "x" not found/);
});

it('writes to 3.x by its endpoint for 2.x where that is asked for', async () => {
  server = new StrictServer({ version: 2, token, database: 'b' });
  await server.start();
  const sink = await start({ version: 3, v3_endpoint: 'v2' });
  offer(sink, 0, 5);
  await settled(sink);
  expect(server.points.size).toBe(10);
});

it('waits as long as it was asked to', async () => {
  await serve();
  const sink = await start();
  server.mood = { kind: 'busy', status: 503, retryAfter: '3600' };
  offer(sink, 0, 5);
  await state(sink, 'busy');
  const requests = server.seen.length;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(server.seen.length).toBe(requests);
});

it('counts what the limit of the spool forces out, and sends the rest in order', async () => {
  await serve();
  await server.stop();
  const sink = await start({ spool_bytes: 1 << 20, batch_points: 2_000 });
  // numbers that cannot be compressed fill the spool
  let offered = 0;
  let seed = 1;
  const next = (): number => (seed = (seed * 48_271) % 2_147_483_647);
  while (sink.stats().pointsDropped['spool_limit'] === 0) {
    const packets = Object.fromEntries(
      Array.from({ length: 400 }, (_, place) => [`${place}-${next().toString(36)}`, next()]),
    );
    sink.offer(intervalOf(nowS + offered, packets));
    offered += 400;
    await sink.flush();
  }
  expect(sink.stats().spooledBytes).toBeLessThanOrEqual(1 << 20);
  expect(said.join()).toMatch(/the spool is full .* points are lost/);
  await server.start();
  await settled(sink);
  const lost = sink.stats().pointsDropped['spool_limit'] ?? 0;
  expect(server.points.size + lost).toBe(offered);
  expect(sink.stats().pointsStored).toBe(server.points.size);
  expect(isInOrder()).toBe(true);
});

it('says what answers when the address is none of InfluxDB', async () => {
  await serve();
  const echo = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9\r\n'));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  const sink = await start({ url: `http://127.0.0.1:${(echo.address() as { port: number }).port}` });
  offer(sink, 0, 1);
  await state(sink, 'unreachable');
  expect(sink.trouble()).toMatch(/Parse Error/);
  echo.close();
});

it('asks a source that can wait for patience while memory or the spool fills, never for long', async () => {
  await serve();
  await server.stop();
  const sink = await start({ max_waiting_points: 10_000, batch_points: 10_000, flush_interval_ms: 60_000 });
  expect(sink.room()).toBeNull();
  offer(sink, 0, 4_000);
  const room = sink.room();
  expect(room).not.toBeNull();
  await sink.flush();
  await room;
  expect(sink.room()).toBeNull();
});
