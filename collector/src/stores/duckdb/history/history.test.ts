import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ledger } from '../../../model/ledger.js';
import { noCounters } from '../../../model/no-counters.js';
import type { CaptureStart, EventQuery, NewEvent } from '../../history/history-store.js';
import { DatabaseHost } from '../database-host.js';
import type { CallWorker } from '../messages.js';
import type { HistoryCalls, HistorySettings } from './calls.js';
import { openHistoryPart } from './part.js';
import { maxWaitingChanges, WorkerHistoryStore } from './worker-history-store.js';

const second = 1_000_000_000n;
const begin = 1_700_000_000n * second;
const standard: HistorySettings = {
  retentionMs: 86_400_000,
  maxCaptures: 100,
  maxEvents: 100,
  queries: { maxWaiting: 8, timeoutMs: 10_000 },
};

let directory: string;
let now: number;
let store: WorkerHistoryStore;
let close: () => Promise<void>;
let removeOld: () => Promise<void>;
/** the next calls fail with it */
let failing: Error | null;
const said: string[] = [];

async function open(settings: HistorySettings = standard): Promise<void> {
  const path = join(directory, 'store.duckdb');
  const host = await DatabaseHost.open({ path, memoryLimitMb: 128, threads: 1, checkpointBytes: 1 << 24 });
  const log = (_: unknown, message: string): void => void said.push(message);
  const part = await openHistoryPart(host, settings, log, () => now);
  const call: CallWorker<HistoryCalls> = (async (name: keyof HistoryCalls, argument: never) => {
    if (failing !== null) throw failing;
    return part.handlers[name](argument, new AbortController().signal);
  }) as never;
  store = new WorkerHistoryStore(call, log);
  removeOld = part.removeOld;
  close = async () => {
    await part.close();
    host.close();
  };
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'wg-history-'));
  now = Number(begin / 1_000_000n);
  failing = null;
  said.length = 0;
  await open();
});
afterEach(async () => {
  await close();
  rmSync(directory, { recursive: true });
});

const capture = (run: number, startS: number): CaptureStart => ({
  run,
  startNs: begin + BigInt(startS) * second,
  startedBy: "local:o'neill",
  source: 'interface "eth0"',
  backend: null,
  interfaces: ['eth0', 'a "b" \n ü'],
  settings: { workers: 2, meter: { max_flows: 4_096 } },
});

const event = (timeS: number, over: Partial<NewEvent> = {}): NewEvent => ({
  timeNs: begin + BigInt(timeS) * second,
  endNs: begin + BigInt(timeS) * second,
  kind: 'packets_lost',
  severity: 'warning',
  title: 'packets lost',
  text: "5 packets; the ring's full",
  tags: { cause: 'kernel' },
  ...over,
});

const range = (fromS: number, toS: number, limit = 100) => ({
  fromNs: begin + BigInt(fromS) * second,
  toNs: begin + BigInt(toS) * second,
  limit,
});

const ending = (endS: number) => ({
  endNs: begin + BigInt(endS) * second,
  endedBy: null,
  state: 'failed' as const,
  interfaces: ['eth0'],
  counters: { ...noCounters, captured_packets: 7, refused_packets: { not_ip: 7 } },
  ledger: ledger({ ...noCounters, captured_packets: 7 }, true),
  failures: [{ code: 'capture_failed', message: "it's gone" }],
});

describe('the history', () => {
  it('gives captures back as they were told, over a restart', async () => {
    store.captureStarted(capture(1, 0));
    store.captureEnded(1, ending(60));
    store.captureStarted(capture(2, 100));
    await store.flush();
    const check = async (state: string): Promise<void> => {
      const { entries, more } = await store.captures(range(0, 1_000));
      expect(more).toBe(false);
      expect(entries.map(({ run }) => run)).toEqual([2, 1]);
      expect(entries[1]).toEqual({ ...capture(1, 0), ...ending(60) });
      expect(entries[0]).toMatchObject({ ...capture(2, 100), state, counters: null, failures: [] });
    };
    await check('running');
    store.captureAlive(2, begin + 130n * second);
    await store.flush();
    await close();
    await open();
    await check('interrupted');
    expect((await store.captures(range(0, 1_000))).entries[0]?.endNs).toBe(begin + 130n * second);
    expect(await store.lastRun()).toBe(2);
    expect(await store.stats()).toMatchObject({ captures: 2, events: 0, waiting: 0, lost: 0 });
  });

  it('lists captures that touch a range, the latest first, and says when there are more', async () => {
    for (const run of [1, 2, 3]) {
      store.captureStarted(capture(run, run * 100));
      if (run < 3) store.captureEnded(run, ending(run * 100 + 50));
    }
    await store.flush();
    const runs = async (fromS: number, toS: number, limit?: number) =>
      (await store.captures(range(fromS, toS, limit))).entries.map(({ run }) => run);
    expect(await runs(0, 100)).toEqual([]);
    expect(await runs(0, 101)).toEqual([1]);
    expect(await runs(150, 200)).toEqual([1]);
    expect(await runs(151, 200)).toEqual([]);
    // the third one still runs
    expect(await runs(1_000, 2_000)).toEqual([3]);
    expect(await runs(0, 2_000, 2)).toEqual([3, 2]);
    expect((await store.captures(range(0, 2_000, 2))).more).toBe(true);
  });

  it('lists events by range, kind, severity and tags', async () => {
    store.addEvent(event(10));
    store.addEvent(
      event(20, { kind: 'sink_down', severity: 'error', endNs: null, tags: { part: 'in"flux' } }),
    );
    store.addEvent(
      event(30, { kind: 'capture_started', severity: 'info', tags: { part: 'x","cause":"kernel' } }),
    );
    await store.flush();
    const kinds = async (over: Partial<EventQuery>) =>
      (await store.events({ ...range(0, 100), ...over })).entries.map(({ kind }) => kind);
    expect(await kinds({})).toEqual(['capture_started', 'sink_down', 'packets_lost']);
    expect(await kinds({ severity: 'warning' })).toEqual(['sink_down', 'packets_lost']);
    expect(await kinds({ kinds: ['sink_down', 'sink_up'] })).toEqual(['sink_down']);
    expect(await kinds({ kinds: [] })).toEqual([]);
    expect(await kinds({ tags: { cause: 'kernel' } })).toEqual(['packets_lost']);
    expect(await kinds({ tags: { part: 'in"flux' } })).toEqual(['sink_down']);
    // what goes on is met by every later range
    expect(await kinds(range(50, 60))).toEqual(['sink_down']);
    expect(await kinds(range(10, 20))).toEqual(['packets_lost']);
    expect((await store.events(range(0, 100, 1))).more).toBe(true);
  });

  it('changes events, before and after they are stored, and ends those that the service left open', async () => {
    const first = store.addEvent(event(1));
    store.changeEvent(first, { text: 'six' });
    await store.flush();
    store.changeEvent(first, { endNs: begin + 9n * second });
    store.changeEvent(first, { tags: { cause: 'disk' } });
    store.changeEvent('unknown', { text: 'x' });
    store.addEvent(event(2, { endNs: null }));
    await store.flush();
    const { entries } = await store.events(range(0, 100));
    expect(entries[1]).toEqual({
      ...event(1),
      id: first,
      text: 'six',
      endNs: begin + 9n * second,
      tags: { cause: 'disk' },
    });
    await close();
    now += 60_000;
    await open();
    expect((await store.events(range(0, 100))).entries[0]?.endNs).toBe(begin + 60n * second);
  });

  it('is bounded by age and by number, and keeps what goes on', async () => {
    await close();
    await open({ ...standard, retentionMs: 1_000_000, maxCaptures: 3, maxEvents: 4 });
    for (let place = 0; place < 8; place++) {
      store.captureStarted(capture(place + 1, place));
      if (place > 0) store.captureEnded(place + 1, ending(place));
      store.addEvent(event(place, place === 0 ? { endNs: null } : {}));
    }
    await store.flush();
    await removeOld();
    expect((await store.captures(range(0, 100))).entries.map(({ run }) => run)).toEqual([8, 7, 6, 1]);
    expect(
      (await store.events(range(0, 100))).entries.map(({ timeNs }) => Number((timeNs - begin) / second)),
    ).toEqual([7, 6, 5, 4, 0]);
    now += 1_006_500;
    await removeOld();
    expect((await store.captures(range(0, 5_000))).entries.map(({ run }) => run)).toEqual([8, 1]);
    expect((await store.events(range(0, 5_000))).entries).toHaveLength(2);
  });

  it('keeps what the store does not take, in order, counts what is too much, and goes on', async () => {
    failing = new Error('no space left');
    store.captureStarted(capture(1, 0));
    const first = store.addEvent(event(1));
    await expect(store.flush()).rejects.toMatchObject({ code: 'store_failed' });
    for (let second = 0; second < 100; second++) store.changeEvent(first, { text: `changed ${second}` });
    for (let more = 0; more < maxWaitingChanges; more++) store.addEvent(event(2));
    failing = null;
    expect(await store.stats()).toMatchObject({
      waiting: maxWaitingChanges,
      lost: 3,
      lastError: 'no space left',
    });
    await store.flush();
    expect(await store.stats()).toMatchObject({ events: maxWaitingChanges - 2, waiting: 0, lastError: null });
    const { entries } = await store.events(range(1, 2));
    expect(entries.map(({ text }) => text)).toEqual(['changed 99']);
    expect(said).toEqual([
      'the history waits in memory, storing failed: no space left',
      'the history is stored again',
    ]);
  });

  it.each([
    [range(5, 4), 'expected nanoseconds'],
    [range(0, 1, 0), 'expected 1 to 10000'],
    [range(0, 1, 10_001), 'expected 1 to 10000'],
  ])('refuses the range %p', async (asked, reason) => {
    for (const answer of [store.captures(asked), store.events(asked)])
      await expect(answer).rejects.toMatchObject({
        code: 'bad_request',
        message: expect.stringContaining(reason) as string,
      });
  });
});
