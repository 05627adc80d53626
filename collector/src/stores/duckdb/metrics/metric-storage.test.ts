import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MetricInterval } from '../../../model/metric-sample.js';
import type { MetricSeriesQuery } from '../../metrics/metric-store.js';
import type { MetricStorage } from './metric-storage.js';
import {
  hour,
  longRetention,
  makeInterval,
  numbersFrom,
  openMetricStorage,
  type TrueInterval,
} from './test-storage.js';

const never = new AbortController().signal;
/** a whole hour */
const begin = 1_700_000_400 - (1_700_000_400 % 3_600);
const ns = (seconds: number): bigint => BigInt(Math.round(seconds * 1_000)) * 1_000_000n;

let directory: string;
let path: string;
let now: number;
let open: { storage: MetricStorage; close: () => Promise<void> } | null = null;
let written: number;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wg-metric-store-'));
  path = join(directory, 'store.duckdb');
  now = begin * 1_000;
  written = 0;
});
afterEach(async () => {
  await open?.close();
  open = null;
  rmSync(directory, { recursive: true });
});

async function reopen(settings = longRetention): Promise<MetricStorage> {
  await open?.close();
  open = await openMetricStorage(path, settings, () => now);
  return open.storage;
}

/** Writes as the service does: about a second's intervals at a time, upkeep between. */
async function write(storage: MetricStorage, intervals: readonly MetricInterval[]): Promise<void> {
  written += 1;
  await storage.write(written, intervals);
}

async function live(storage: MetricStorage, seconds: number, seed: number): Promise<TrueInterval[]> {
  const number = numbersFrom(seed);
  const all: TrueInterval[] = [];
  for (let second = 0; second < seconds; second++) {
    const at = Math.floor(now / 1_000);
    const made = [makeInterval(at, number)];
    // what comes late, by up to two hours
    if (number(20) === 0) made.push(makeInterval(at - number(7_200), number, true));
    all.push(...made);
    now += 1_000;
    await write(
      storage,
      made.map(({ interval }) => interval),
    );
    if (second % 17 === 0) await storage.upkeep();
  }
  return all;
}

type Cells = Record<string, number>;

/** The same answer by adding up the samples one by one. */
function bruteForce(intervals: readonly TrueInterval[], query: MetricSeriesQuery): Cells {
  const cells: Cells = {};
  const stepNs = query.intervalMs === null ? null : BigInt(query.intervalMs) * 1_000_000n;
  for (const { measurement, timeNs, tags, counts } of intervals.flatMap(({ interval }) => interval.samples)) {
    if (measurement !== query.measurement || timeNs < query.fromNs || timeNs >= query.toNs) continue;
    if (Object.entries(query.where).some(([tag, value]) => tags[tag] !== value)) continue;
    const bucket = stepNs === null ? query.fromNs : timeNs - (timeNs % stepNs);
    const key = [...query.groupBy.map((tag) => tags[tag]), bucket].join(' ');
    cells[key] = (cells[key] ?? 0) + (counts[query.count] ?? 0);
  }
  return cells;
}

async function answered(storage: MetricStorage, query: MetricSeriesQuery): Promise<Cells> {
  const { series } = await storage.series(query, never);
  const cells: Cells = {};
  for (const { tags, points } of series)
    for (const { timeNs, value } of points)
      cells[[...query.groupBy.map((tag) => tags[tag]), timeNs].join(' ')] = value;
  return cells;
}

const queryOf = (over: Partial<MetricSeriesQuery>): MetricSeriesQuery => ({
  measurement: 'protocol',
  count: 'bytes',
  fromNs: ns(begin - 10_000),
  toNs: ns(begin + 100_000),
  intervalMs: 1_000,
  groupBy: ['value'],
  where: {},
  ...over,
});

describe('metric samples in the store', () => {
  it('add up as they were given, whatever is asked, before and after sums and a restart', async () => {
    let storage = await reopen();
    now += 3_595_000;
    const all = await live(storage, 200, 11);
    const number = numbersFrom(12);
    const compare = async (): Promise<void> => {
      for (let round = 0; round < 40; round++) {
        const from = begin + number(4_500) - 500;
        const query = queryOf({
          count: number(2) === 0 ? 'bytes' : 'packets',
          fromNs: ns(from + number(2) * 0.25),
          toNs: ns(from + number(5_000)),
          intervalMs: [1_000, 5_000, 60_000, 300_000, 3_600_000, null][number(6)] as number | null,
          groupBy: [[], ['value'], ['interface'], ['interface', 'value']][number(4)] as string[],
          where: [{}, { value: 'tcp' }, { interface: 'eth1' }, { value: 'none' }][number(4)] as Record<
            string,
            string
          >,
        });
        expect(await answered(storage, query)).toEqual(bruteForce(all, query));
      }
    };
    await compare();
    now += 2 * hour;
    await storage.upkeep();
    await compare();
    storage = await reopen();
    await compare();
    all.push(...(await live(storage, 90, 13)));
    await compare();
    expect(storage.stats().samplesWritten).toBe(all.flatMap(({ interval }) => interval.samples).length);
  });

  it('remain in coarser sums, once each, when finer ones are removed', async () => {
    const settings = {
      ...longRetention,
      secondRetentionMs: hour,
      minuteRetentionMs: 3 * hour,
      hourRetentionMs: 100 * hour,
    };
    const storage = await reopen(settings);
    const all: TrueInterval[] = [];
    // four stretches, two hours apart: those at last are there as hours, minutes and seconds
    for (let stretch = 0; stretch < 4; stretch++) {
      all.push(...(await live(storage, 130, 20 + stretch)));
      now += 2 * hour;
      await storage.upkeep();
    }
    all.push(...(await live(storage, 130, 30)));
    for (const intervalMs of [3_600_000, null]) {
      const query = queryOf({ intervalMs, fromNs: ns(begin - 7_200) });
      expect(await answered(storage, query)).toEqual(bruteForce(all, query));
    }
    const seconds = await storage.series(queryOf({}), never);
    expect(seconds.resolutionMs).toBe(3_600_000);
    const total = (cells: Cells) => Object.values(cells).reduce((sum, value) => sum + value, 0);
    expect(total(await answered(storage, queryOf({ fromNs: 0n })))).toBe(
      total(bruteForce(all, queryOf({ fromNs: 0n }))),
    );
    const last = queryOf({ fromNs: ns(now / 1_000 - 130) });
    expect(await answered(storage, last)).toEqual(bruteForce(all, last));
    expect((await storage.series(last, never)).resolutionMs).toBe(1_000);
  });

  it('are gone after the longest retention only', async () => {
    const settings = {
      ...longRetention,
      secondRetentionMs: hour,
      minuteRetentionMs: 2 * hour,
      hourRetentionMs: 5 * hour,
    };
    const storage = await reopen(settings);
    await live(storage, 70, 40);
    const everything = queryOf({ fromNs: 0n, intervalMs: null, groupBy: [] });
    const before = await answered(storage, everything);
    for (const hours of [1.5, 1.5, 1.5]) {
      now += hours * hour;
      await storage.upkeep();
      expect(await answered(storage, everything)).toEqual(before);
    }
    now += 3 * hour;
    await storage.upkeep();
    expect(await answered(storage, everything)).toEqual({});
  });

  it('of a write that is repeated are stored once', async () => {
    let storage = await reopen();
    const { interval } = makeInterval(begin, numbersFrom(50));
    await storage.write(7, [interval]);
    await storage.write(7, [interval]);
    storage = await reopen();
    await storage.write(7, [interval]);
    await storage.write(6, [interval]);
    expect(await storage.lastWrite).toBe(7);
    expect(storage.stats().samplesWritten).toBe(interval.samples.length);
  });

  it.each<[string, Partial<MetricSeriesQuery>, string]>([
    ['a count it does not have', { count: 'flows' }, 'protocol has no count flows; expected packets, bytes'],
    ['a tag it does not have', { groupBy: ['reason'] }, 'no tag reason; expected interface or value'],
    ['a condition on such a tag', { where: { "x' OR 1": 'y' } }, 'no tag x'],
    ['an interval of nothing', { intervalMs: 0 }, 'interval is 0 ms'],
    ['a range that ends before it begins', { fromNs: 5n, toNs: 4n }, 'expected nanoseconds since 1970'],
  ])('cannot be asked for %s', async (_, over, reason) => {
    const storage = await reopen();
    await expect(storage.series(queryOf(over), never)).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining(reason) as string,
    });
  });

  it('keep names with quotes and spaces apart', async () => {
    const storage = await reopen();
    const { interval } = makeInterval(begin, numbersFrom(60));
    const names = ["a'b", 'a"b', 'a b', 'ä,=\\'];
    const samples = names.map((name, place) => ({
      measurement: 'protocol' as const,
      timeNs: ns(begin),
      intervalMs: 1_000,
      tags: { interface: name, value: 'tcp' },
      counts: { packets: place + 1, bytes: 1 },
    }));
    await write(storage, [{ ...interval, samples }]);
    const query = queryOf({ count: 'packets', intervalMs: null, groupBy: ['interface'] });
    const { series } = await storage.series(query, never);
    expect(
      Object.fromEntries(series.map(({ tags, points }) => [tags['interface'], points[0]?.value])),
    ).toEqual(Object.fromEntries(names.map((name, place) => [name, place + 1])));
    const one = await storage.series({ ...query, where: { interface: "a'b" } }, never);
    expect(one.series).toHaveLength(1);
  });

  it('are no longer read when nobody waits for the answer', async () => {
    const storage = await reopen();
    const controller = new AbortController();
    controller.abort();
    await expect(storage.series(queryOf({}), controller.signal)).rejects.toMatchObject({
      code: 'query_cancelled',
    });
  });
});

describe('heaviest lists in the store', () => {
  /** True bytes of every value in the range. */
  function truthOf(intervals: readonly TrueInterval[], dimension: string, fromS: number, toS: number) {
    const sums = new Map<string, number>();
    for (const { interval, truth } of intervals) {
      const time = interval.heaviest[0]?.timeNs ?? 0n;
      if (time < ns(fromS) || time >= ns(toS)) continue;
      for (const [key, bytes] of truth) {
        const [its, value = ''] = key.split(' ');
        if (its === dimension) sums.set(value, (sums.get(value) ?? 0) + bytes);
      }
    }
    return sums;
  }

  it('hold true bytes within their bounds, at every resolution', async () => {
    const storage = await reopen();
    now += 3_500_000;
    const all = await live(storage, 260, 70);
    now += 2 * hour;
    await storage.upkeep();
    const ranges = [
      [begin + 3_500, begin + 3_520, 1_000],
      [begin + 3_590, begin + 3_700, 1_000],
      [begin - 3_600, begin + 7_200, 60_000],
      [begin - 7_200, begin + 50 * 3_600, 3_600_000],
    ] as const;
    for (const [from, to, resolutionMs] of ranges) {
      for (const dimension of ['src_addr', 'conversation'] as const) {
        for (const limit of [3, 100]) {
          const answer = await storage.heaviest({ dimension, fromNs: ns(from), toNs: ns(to), limit }, never);
          expect(answer.resolutionMs).toBe(resolutionMs);
          const truth = truthOf(all, dimension, from, to);
          expect(answer.items.length).toBe(Math.min(limit, answer.items.length));
          for (const { value, bytes, error } of answer.items) {
            const real = truth.get(value) ?? 0;
            expect(real).toBeLessThanOrEqual(bytes);
            expect(real).toBeGreaterThanOrEqual(bytes - error);
          }
          const named = new Set(answer.items.map(({ value }) => value));
          const rest = [...truth].filter(([value]) => !named.has(value)).map(([, bytes]) => bytes);
          expect(Math.max(0, ...rest)).toBeLessThanOrEqual(answer.othersAtMost);
          const least = answer.items.map(({ bytes, error }) => bytes - error);
          expect(least).toEqual([...least].sort((a, b) => b - a));
        }
      }
    }
  });

  it('are exact where every list was', async () => {
    const storage = await reopen();
    const lists = [0, 1, 61, 3_700].map((after) => ({
      correction: false,
      run: 1,
      samples: [],
      heaviest: [
        {
          dimension: 'service' as const,
          timeNs: ns(begin + after),
          intervalMs: 1_000,
          items: [
            { value: 'tcp/443', peer: '', bytes: 100 + after, packets: 2, error: 0 },
            { value: `udp/${after}`, peer: '', bytes: 5, packets: 1, error: 0 },
          ],
          othersAtMost: 0,
        },
      ],
    }));
    await write(storage, lists);
    now += 3 * hour;
    await storage.upkeep();
    const answer = await storage.heaviest(
      { dimension: 'service', fromNs: ns(begin), toNs: ns(begin + 7_200), limit: 2 },
      never,
    );
    expect(answer.items[0]).toEqual({ value: 'tcp/443', peer: '', bytes: 400 + 3_762, packets: 8, error: 0 });
    expect(answer.othersAtMost).toBe(5);
  });

  it('without an item still say what others had', async () => {
    const storage = await reopen();
    const { interval } = makeInterval(begin, numbersFrom(80));
    const heaviest = [
      { dimension: 'tenant' as const, timeNs: ns(begin), intervalMs: 1_000, items: [], othersAtMost: 77 },
    ];
    await write(storage, [{ ...interval, heaviest }]);
    const ask = (toS: number) =>
      storage.heaviest({ dimension: 'tenant', fromNs: ns(begin), toNs: ns(toS), limit: 5 }, never);
    expect(await ask(begin + 60)).toMatchObject({ items: [], othersAtMost: 77 });
    now += 3 * hour;
    await storage.upkeep();
    expect(await ask(begin + 7_200)).toMatchObject({ items: [], othersAtMost: 77 });
  });

  it.each([0, 10_001, 1.5])('have no limit of %p', async (limit) => {
    const storage = await reopen();
    await expect(
      storage.heaviest({ dimension: 'tenant', fromNs: 0n, toNs: 1n, limit }, never),
    ).rejects.toMatchObject({ code: 'bad_request' });
  });
});
