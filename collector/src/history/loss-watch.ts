import type { EngineCounters } from '@wireglass/native';
import type { EventKind, HistoryStore, Severity } from '../stores/history/history-store.js';

type Events = Pick<HistoryStore, 'addEvent' | 'changeEvent'>;

/** What is watched: a counter that should not grow, and how its growth is told. */
interface Watched {
  cause: string;
  kind: EventKind;
  severity: Severity;
  count: (from: EngineCounters) => number;
  title: string;
  text: (count: number) => string;
  /** growth within this time of the first makes one event */
  windowMs: number;
}

const minuteMs = 60_000;
const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

const lost = (cause: string, severity: Severity, count: Watched['count'], why: string): Watched => ({
  cause,
  kind: 'packets_lost',
  severity,
  count,
  title: `packets lost: ${why}`,
  text: (packets) => `${plural(packets, 'packet')} lost: ${why}`,
  windowMs: minuteMs,
});

const watched: readonly Watched[] = [
  lost('kernel', 'warning', (from) => from.dropped_kernel_packets, 'the capture ring was full'),
  lost('interface', 'warning', (from) => from.dropped_interface_packets, 'the interface dropped them'),
  lost('workers', 'warning', (from) => from.digests_lost, 'a worker was too far behind to meter them'),
  lost('disk', 'error', (from) => from.packets_lost_to_disk, 'the disk did not take them for recording'),
  {
    cause: 'retention',
    kind: 'segments_evicted',
    severity: 'info',
    count: (from) => from.segments_evicted,
    title: 'oldest packets removed',
    text: (segments) => `${plural(segments, 'segment')} removed to stay within packets.max_total_bytes`,
    windowMs: 60 * minuteMs,
  },
];

interface Current {
  last: number;
  event: { id: string; sinceMs: number; count: number } | null;
}

/** Makes events of losses: one when a cause is met, grown while more follows within its window. */
export class LossWatch {
  private readonly current = new Map<string, Current>();
  private tags: Readonly<Record<string, string>> = {};

  constructor(
    private readonly events: Events,
    private readonly clock: () => number = Date.now,
  ) {}

  /** A capture begins, its counters at zero. */
  begin(tags: Readonly<Record<string, string>>): void {
    this.tags = tags;
    this.current.clear();
  }

  read(counters: EngineCounters): void {
    for (const one of watched) this.readOne(one, one.count(counters));
  }

  private readOne(one: Watched, now: number): void {
    const current = this.current.get(one.cause) ?? { last: 0, event: null };
    this.current.set(one.cause, current);
    const grown = now - current.last;
    current.last = now;
    if (grown <= 0) return;
    const nowMs = this.clock();
    const timeNs = BigInt(nowMs) * 1_000_000n;
    if (current.event !== null && nowMs - current.event.sinceMs < one.windowMs) {
      current.event.count += grown;
      this.events.changeEvent(current.event.id, {
        endNs: timeNs,
        text: one.text(current.event.count),
        tags: this.tagsOf(one, current.event.count),
      });
      return;
    }
    const { kind, severity, title } = one;
    const event = { timeNs, endNs: timeNs, kind, severity, title, text: one.text(grown) };
    const id = this.events.addEvent({ ...event, tags: this.tagsOf(one, grown) });
    current.event = { id, sinceMs: nowMs, count: grown };
  }

  private tagsOf(one: Watched, count: number): Record<string, string> {
    return { ...this.tags, cause: one.cause, count: String(count) };
  }
}
