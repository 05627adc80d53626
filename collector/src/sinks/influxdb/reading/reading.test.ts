import { coarsestFor, spansOf, type SpanSettings } from './spans.js';
import { HeavyMerge } from './heavy-merge.js';

const hour = 3_600_000;
const minute = 60_000;
const settings = (over: Partial<SpanSettings> = {}): SpanSettings => ({
  nowMs: 1_000 * hour,
  rawRetentionMs: 168 * hour,
  waitingHoursMs: new Set(),
  hasRollUps: true,
  ...over,
});

describe('spansOf', () => {
  it('reads raw samples over short ranges, over fine intervals, and where there are no sums', () => {
    const raw = (fromMs: number, toMs: number) => [{ resolution: 'raw', fromMs, toMs }];
    expect(spansOf(990 * hour, 996 * hour, 'hour', settings())).toEqual(raw(990 * hour, 996 * hour));
    expect(spansOf(900 * hour, 996 * hour, 'raw', settings())).toEqual(raw(900 * hour, 996 * hour));
    expect(spansOf(900 * hour, 996 * hour, 'hour', settings({ hasRollUps: false }))).toEqual(
      raw(900 * hour, 996 * hour),
    );
    expect(spansOf(5, 5, 'hour', settings())).toEqual([]);
  });

  it('tiles a range with hours, minutes and raw samples', () => {
    expect(
      spansOf(900 * hour + 1, 1_000 * hour, 'hour', settings({ waitingHoursMs: new Set([950 * hour]) })),
    ).toEqual([
      { resolution: 'raw', fromMs: 900 * hour + 1, toMs: 900 * hour + minute },
      { resolution: 'minute', fromMs: 900 * hour + minute, toMs: 901 * hour },
      { resolution: 'hour', fromMs: 901 * hour, toMs: 950 * hour },
      { resolution: 'raw', fromMs: 950 * hour, toMs: 951 * hour },
      { resolution: 'hour', fromMs: 951 * hour, toMs: 999 * hour },
      { resolution: 'minute', fromMs: 999 * hour, toMs: 999 * hour + 40 * minute },
      { resolution: 'raw', fromMs: 999 * hour + 40 * minute, toMs: 1_000 * hour },
    ]);
  });

  it('leaves no gap and no overlap, whatever the range', () => {
    let seed = 3;
    const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 500; round += 1) {
      const fromMs = 700 * hour + next(200 * hour);
      const toMs = fromMs + 1 + next(120 * hour);
      const waiting = new Set([next(1_000), next(1_000), 950].map((at) => at * hour));
      const spans = spansOf(
        fromMs,
        toMs,
        (['minute', 'hour'] as const)[next(2)] ?? 'hour',
        settings({ waitingHoursMs: waiting }),
      );
      expect(spans[0]?.fromMs).toBe(fromMs);
      expect(spans.at(-1)?.toMs).toBe(toMs);
      for (const [place, span] of spans.entries()) {
        expect(span.fromMs).toBeLessThan(span.toMs);
        if (place > 0) expect(span.fromMs).toBe(spans[place - 1]?.toMs);
        const step = { raw: 1, minute, hour }[span.resolution];
        expect([span.fromMs % step, span.toMs % step]).toEqual([0, 0]);
      }
    }
  });

  it.each([
    [null, 'hour'],
    [hour, 'hour'],
    [24 * hour, 'hour'],
    [5 * minute, 'minute'],
    [90_000, 'raw'],
    [1_000, 'raw'],
  ])('makes intervals of %p ms of sums per %s', (interval, resolution) =>
    expect(coarsestFor(interval)).toBe(resolution),
  );
});

describe('HeavyMerge', () => {
  const item = (value: string, bytes: number, error = 0) => ({ value, peer: '', bytes, packets: 1, error });

  it('bounds what lists did not name', () => {
    const merge = new HeavyMerge();
    merge.addList(10);
    merge.addItem(item('a', 100, 5), 10);
    merge.addItem(item('b', 90), 10);
    merge.addList(7);
    merge.addItem(item('a', 50), 7);
    merge.addItem(item('c', 20), 7);
    const { items, othersAtMost } = merge.result(2);
    expect(items).toEqual([
      { value: 'a', peer: '', bytes: 150, packets: 2, error: 5 },
      { value: 'b', peer: '', bytes: 97, packets: 1, error: 7 },
    ]);
    expect(othersAtMost).toBe(30);
  });

  it('holds the truth within its bounds when there are more values than it tells apart', () => {
    const merge = new HeavyMerge();
    const truth = new Map<string, number>();
    let seed = 5;
    const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let list = 0; list < 40; list += 1) {
      merge.addList(0);
      for (let place = 0; place < 8_000; place += 1) {
        const name = place < 50 ? `heavy ${place}` : `light ${next(1_000_000_000)}`;
        const bytes = place < 50 ? 10_000 + next(1_000) : 1 + next(50);
        truth.set(name, (truth.get(name) ?? 0) + bytes);
        merge.addItem(item(name, bytes), 0);
      }
    }
    const { items, othersAtMost } = merge.result(100);
    expect(items.slice(0, 50).every(({ value }) => value.startsWith('heavy'))).toBe(true);
    for (const { value, bytes, error } of items) {
      expect(truth.get(value)).toBeLessThanOrEqual(bytes);
      expect(truth.get(value)).toBeGreaterThanOrEqual(bytes - error);
    }
    const listed = new Set(items.map(({ value }) => value));
    const others = [...truth.entries()].filter(([name]) => !listed.has(name)).map(([, bytes]) => bytes);
    expect(others.reduce((most, bytes) => Math.max(most, bytes), 0)).toBeLessThanOrEqual(othersAtMost);
  });
});
