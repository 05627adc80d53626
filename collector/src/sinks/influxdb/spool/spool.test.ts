import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch } from '../batch.js';
import { fileHeaderBytes } from './record.js';
import { Spool } from './spool.js';

let directory: string;
let said: string[];
let open: Spool[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wg-spool-'));
  said = [];
  open = [];
});
afterEach(async () => {
  for (const spool of open) await spool.close();
  rmSync(directory, { recursive: true });
});

const limit = 1 << 20;
async function opened(bytes = limit): Promise<Spool> {
  const spool = await Spool.open(directory, bytes, (message) => said.push(message));
  open.push(spool);
  return spool;
}
const batch = (number: number, bytes = 100): Batch => ({
  points: number,
  textBytes: 5,
  packed: Buffer.concat([Buffer.from(`${number} `), randomBytes(bytes)]),
  madeMs: 1_000 + number,
  firstNs: BigInt(-number),
  lastNs: BigInt(number),
});
const numbersOf = (batches: readonly Batch[]): number[] =>
  batches.map(({ packed }) => parseInt(packed.toString('latin1')));

/** Takes and acknowledges all; resolves with the batches' numbers in order. */
async function drain(spool: Spool, maxPoints = 1_000): Promise<number[]> {
  const numbers: number[] = [];
  for (let taken = await spool.take(maxPoints); taken !== null; taken = await spool.take(maxPoints)) {
    numbers.push(...numbersOf(taken.batches));
    await spool.acknowledge(taken);
  }
  return numbers;
}
const upTo = (count: number, from = 1): number[] => Array.from({ length: count }, (_, place) => place + from);
const files = (): string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.spool'))
    .sort();

it('gives batches back as they were, in order, as many as fit', async () => {
  const spool = await opened();
  const batches = upTo(20).map((number) => batch(number));
  await spool.append(batches.slice(0, 3));
  await spool.append(batches.slice(3));
  expect(spool.stats()).toMatchObject({ points: 210, oldestMs: 1_001, pointsForcedOut: 0 });
  const taken = await spool.take(10);
  expect(taken?.batches).toEqual(batches.slice(0, 4));
  spool.release();
  expect((await spool.take(1))?.batches).toEqual(batches.slice(0, 1));
  spool.release();
  expect(await drain(spool)).toEqual(upTo(20));
  expect(spool.stats()).toMatchObject({ points: 0, oldestMs: null });
  expect(await spool.take(1)).toBeNull();
});

it('goes on after a restart where it was, and from the beginning when nobody knows where that was', async () => {
  const first = await opened();
  await first.append(upTo(10).map((number) => batch(number)));
  const taken = await first.take(6);
  if (taken !== null) await first.acknowledge(taken);
  await first.close();
  const second = await opened();
  expect(second.stats()).toMatchObject({ points: 55 - 6, oldestMs: 1_004 });
  await second.append([batch(11)]);
  await second.close();
  writeFileSync(join(directory, 'cursor.json'), '{"torn');
  expect(await drain(await opened())).toEqual(upTo(11));
});

it('keeps whole what a crash left whole, wherever it cut the last batch', async () => {
  const spool = await opened();
  await spool.append([batch(1), batch(2)]);
  const path = join(directory, files()[0] ?? '');
  const whole = statSync(path).size;
  await spool.append([batch(3, 30)]);
  await spool.close();
  const bytes = readFileSync(path);
  for (let size = whole; size <= bytes.length; size += 1) {
    writeFileSync(path, bytes.subarray(0, size));
    const again = await opened();
    expect(again.stats().bytesDamaged).toBe(size === bytes.length ? 0 : size - whole);
    await again.append([batch(4)]);
    expect(await drain(again)).toEqual(size === bytes.length ? [1, 2, 3, 4] : [1, 2, 4]);
    await again.close();
    rmSync(join(directory, 'cursor.json'));
    for (const name of files()) if (!path.endsWith(name)) rmSync(join(directory, name));
  }
});

it('gives up the rest of a file that was damaged, counts it, and goes on with the next', async () => {
  const spool = await opened();
  for (const number of upTo(30)) await spool.append([batch(number, 10_000)]);
  await spool.close();
  const names = files();
  expect(names.length).toBeGreaterThan(3);
  const path = join(directory, names[1] ?? '');
  const bytes = readFileSync(path);
  bytes[fileHeaderBytes + 10_100 + 5_000]! ^= 1;
  writeFileSync(path, bytes);
  const again = await opened();
  const numbers = await drain(again);
  const { pointsDamaged } = again.stats();
  expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
  expect(pointsDamaged).toBe(465 - numbers.reduce((sum, number) => sum + number, 0));
  expect(pointsDamaged).toBeGreaterThan(0);
  expect(numbers.at(-1)).toBe(30);
  expect(said.join()).toMatch(/is damaged: \d+ points/);
});

it.each([
  ['a foreign file', Buffer.from('not of the spool, but long enough'), /not a file of the spool/],
  [
    'a later version',
    Buffer.concat([Buffer.from('WGSPOOL\0'), Buffer.from([9, 0, 0, 0, 0, 0, 0, 0])]),
    /version 9/,
  ],
])('puts %s aside and says so', async (_, content, message) => {
  writeFileSync(join(directory, '0000000007.spool'), content);
  const spool = await opened();
  expect(said.join()).toMatch(message);
  expect(readdirSync(directory)).toContain('0000000007.spool.unreadable');
  await spool.append([batch(1)]);
  expect(files()).toEqual(['0000000008.spool']);
  expect(await drain(spool)).toEqual([1]);
});

it('forgets a file that a crash left without its header', async () => {
  writeFileSync(join(directory, '0000000003.spool'), 'WGS');
  expect(await drain(await opened())).toEqual([]);
  expect(said).toEqual([]);
});

describe('the limit', () => {
  it('forces out the oldest, counts them, and holds', async () => {
    const spool = await opened();
    const all = 400;
    for (const number of upTo(all)) {
      await spool.append([batch(number, 9_000)]);
      expect(spool.bytes).toBeLessThanOrEqual(limit);
    }
    const { pointsForcedOut, points } = spool.stats();
    expect(pointsForcedOut).toBeGreaterThan(0);
    expect(pointsForcedOut + points).toBe((all * (all + 1)) / 2);
    const left = await drain(spool);
    expect(left).toEqual(upTo(left.length, all - left.length + 1));
    expect(left.length * 9_000).toBeGreaterThan(limit * 0.8);
    expect(said.join()).toMatch(/the spool is full \(1048576 bytes\): its oldest \d+ points are lost/);
  });

  it('spares what is being sent, so that nothing is counted twice', async () => {
    const spool = await opened();
    await spool.append([batch(1, 9_000), batch(2, 9_000)]);
    const taken = await spool.take(1);
    for (const number of upTo(300, 3)) await spool.append([batch(number, 9_000)]);
    if (taken !== null) await spool.acknowledge(taken);
    const { pointsForcedOut } = spool.stats();
    const left = await drain(spool);
    expect(1 + pointsForcedOut + left.reduce((sum, number) => sum + number, 0)).toBe((302 * 303) / 2);
    expect(left[0]).toBe(2);
  });

  it('gives the disk back what was sent', async () => {
    const spool = await opened();
    for (const number of upTo(600)) {
      await spool.append([batch(number, 9_000)]);
      expect(await drain(spool)).toEqual([number]);
    }
    expect(spool.bytes).toBeLessThan(150_000);
    expect(files().length).toBeLessThanOrEqual(2);
    expect(spool.stats().pointsForcedOut).toBe(0);
  });
});

it('survives any interleaving of appending, taking and losing', async () => {
  let seed = 11;
  const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  let spool = await opened(200_000);
  let given = 0;
  let lost = 0;
  const sent: number[] = [];
  for (let round = 0; round < 500; round += 1) {
    const action = next(10);
    if (action < 5)
      await Promise.all([
        spool.append([batch((given += 1), next(3_000))]),
        spool.append([batch((given += 1), 10)]),
      ]);
    else if (action < 9) {
      const taken = await spool.take(given * 2);
      if (taken === null) continue;
      if (next(4) === 0) spool.release();
      else {
        sent.push(...numbersOf(taken.batches));
        await spool.acknowledge(taken);
      }
    } else {
      lost += spool.stats().pointsForcedOut;
      await spool.close();
      spool = await opened(200_000);
    }
  }
  sent.push(...(await drain(spool, 1e9)));
  lost += spool.stats().pointsForcedOut;
  expect(sent).toEqual([...new Set(sent)].sort((one, other) => one - other));
  expect(sent.reduce((sum, number) => sum + number, 0) + lost).toBe((given * (given + 1)) / 2);
  truncateSync(join(directory, 'cursor.json'), 0);
});
