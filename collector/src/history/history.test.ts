import { noCounters } from '../model/no-counters.js';
import type { EventChange, HistoryEvent, HistoryStore, NewEvent } from '../stores/history/history-store.js';
import { CaptureHistory } from './capture-history.js';
import { LossWatch } from './loss-watch.js';
import { TroubleWatch } from './trouble-watch.js';

/** Events with what became of them. */
class EventList {
  readonly events: HistoryEvent[] = [];

  addEvent(event: NewEvent): string {
    const id = String(this.events.length);
    this.events.push({ ...event, id });
    return id;
  }

  changeEvent(id: string, change: EventChange): void {
    Object.assign(this.events[Number(id)] ?? {}, change);
  }
}

let list: EventList;
let now: number;
const clock = () => now;
const ns = (ms: number) => BigInt(ms) * 1_000_000n;
beforeEach(() => {
  list = new EventList();
  now = 1_000_000;
});

describe('LossWatch', () => {
  const lost = (kernel: number, disk = 0) => ({
    ...noCounters,
    dropped_kernel_packets: kernel,
    packets_lost_to_disk: disk,
  });

  it('makes one event of the losses of a minute, by cause', () => {
    const watch = new LossWatch(list, clock);
    watch.begin({ run: '3' });
    watch.read(lost(0));
    expect(list.events).toEqual([]);
    watch.read(lost(1));
    now += 30_000;
    watch.read(lost(5, 2));
    watch.read(lost(5, 2));
    expect(list.events).toMatchObject([
      {
        kind: 'packets_lost',
        severity: 'warning',
        timeNs: ns(1_000_000),
        endNs: ns(1_030_000),
        text: '5 packets lost: the capture ring was full',
        tags: { run: '3', cause: 'kernel', count: '5' },
      },
      { severity: 'error', text: '2 packets lost: the disk did not take them for recording' },
    ]);
    now += 31_000;
    watch.read(lost(6, 2));
    expect(list.events.map(({ text }) => text).slice(2)).toEqual([
      '1 packet lost: the capture ring was full',
    ]);
  });

  it('begins anew with each capture', () => {
    const watch = new LossWatch(list, clock);
    watch.begin({ run: '1' });
    watch.read(lost(9));
    watch.begin({ run: '2' });
    watch.read(lost(4));
    expect(list.events.map(({ tags }) => [tags['run'], tags['count']])).toEqual([
      ['1', '9'],
      ['2', '4'],
    ]);
  });

  it('counts removed segments by the hour', () => {
    const watch = new LossWatch(list, clock);
    watch.begin({});
    for (let segments = 1; segments <= 70; segments++, now += 60_000)
      watch.read({ ...noCounters, segments_evicted: segments });
    expect(list.events.map(({ kind, tags }) => [kind, tags['count']])).toEqual([
      ['segments_evicted', '60'],
      ['segments_evicted', '10'],
    ]);
  });
});

describe('TroubleWatch', () => {
  it('tells of trouble once, of its end, and of a full disk as such', async () => {
    const state: Record<string, string | null | Error> = { store: null, sink: null, full: null };
    const part = (kind: 'store' | 'sink', name: string) => ({
      kind,
      trouble: async () => {
        const now = state[name] ?? null;
        if (now instanceof Error) throw now;
        return now;
      },
    });
    const watch = new TroubleWatch(
      { flows: part('store', 'store'), influxdb: part('sink', 'sink'), packets: part('store', 'full') },
      list,
      clock,
    );
    await watch.read();
    expect(list.events).toEqual([]);
    Object.assign(state, {
      store: new Error('closed'),
      sink: 'refused',
      full: 'write: No space left on device',
    });
    await watch.read();
    state['sink'] = 'timed out';
    await watch.read();
    expect(list.events).toMatchObject([
      { kind: 'store_failed', severity: 'error', endNs: null, text: 'closed', tags: { part: 'flows' } },
      { kind: 'sink_down', text: 'timed out', tags: { part: 'influxdb' } },
      { kind: 'disk_full', title: 'packets: the disk is full' },
    ]);
    now += 61_000;
    Object.assign(state, { store: null, sink: null });
    await watch.read();
    expect(list.events.slice(3)).toMatchObject([
      { kind: 'store_recovered', severity: 'info', text: 'after 61 s; it said: closed' },
      { kind: 'sink_up', title: 'influxdb works again' },
    ]);
    expect(list.events.slice(0, 3).map(({ endNs }) => endNs)).toEqual([ns(now), ns(now), null]);
    await watch.read();
    expect(list.events).toHaveLength(5);
  });
});

describe('CaptureHistory', () => {
  it('says every half minute that a capture still runs', () => {
    const alive: [number, bigint][] = [];
    const history = Object.assign(list, {
      captureAlive: (run: number, timeNs: bigint) => void alive.push([run, timeNs]),
      captureStarted: () => undefined,
    }) as unknown as HistoryStore;
    const captures = new CaptureHistory(history, clock);
    captures.begin(4);
    captures.started('demo traffic', {
      started_at: new Date(now).toISOString(),
      started_by: 'x',
      backend: null,
      interfaces: [],
      settings: null,
    } as never);
    for (let second = 0; second < 65; second++, now += 1_000) captures.reading(noCounters);
    expect(alive).toEqual([
      [4, ns(1_030_000)],
      [4, ns(1_060_000)],
    ]);
    expect(list.events.map(({ title }) => title)).toEqual(['capture of demo traffic started']);
  });
});
