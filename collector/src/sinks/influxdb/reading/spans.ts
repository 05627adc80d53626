import type { Resolution } from '../http/endpoints.js';

/** A part of a range that is read from one retention policy; milliseconds, the end is not in it. */
export interface Span {
  resolution: Resolution;
  fromMs: number;
  toMs: number;
}

export interface SpanSettings {
  nowMs: number;
  rawRetentionMs: number;
  /** begins of hours whose sums are not to be trusted */
  waitingHoursMs: ReadonlySet<number>;
  /** sums per minute and hour are made */
  hasRollUps: boolean;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Whole raw samples are read over this range: they need no trust in what the server has summed. */
const rawRangeMs = 6 * hourMs;
/** Continuous queries have seen a bucket's points for good when it ended this long ago. */
const settledMs = { minute: 20 * minuteMs, hour: hourMs };

const ceilTo = (ms: number, step: number): number => Math.ceil(ms / step) * step;
const floorTo = (ms: number, step: number): number => Math.floor(ms / step) * step;

/** The coarsest sums that an answer's intervals can be made of. */
export function coarsestFor(intervalMs: number | null): Resolution {
  if (intervalMs === null || intervalMs % hourMs === 0) return 'hour';
  return intervalMs % minuteMs === 0 ? 'minute' : 'raw';
}

/** Divides [fromMs, toMs): sums where whole hours and minutes fit and are settled, raw samples elsewhere. */
export function spansOf(fromMs: number, toMs: number, coarsest: Resolution, settings: SpanSettings): Span[] {
  const { nowMs, rawRetentionMs, waitingHoursMs, hasRollUps } = settings;
  if (fromMs >= toMs) return [];
  const rawIsKept = fromMs >= nowMs - rawRetentionMs;
  if (!hasRollUps || coarsest === 'raw' || (rawIsKept && toMs - fromMs <= rawRangeMs))
    return [{ resolution: 'raw', fromMs, toMs }];
  const spans: Span[] = [];
  const add = (resolution: Resolution, begin: number, end: number): void => {
    if (begin >= end) return;
    const last = spans.at(-1);
    if (last?.resolution === resolution && last.toMs === begin) last.toMs = end;
    else spans.push({ resolution, fromMs: begin, toMs: end });
  };
  for (let hour = floorTo(fromMs, hourMs); hour < toMs; hour += hourMs) {
    const begin = Math.max(hour, fromMs);
    const end = Math.min(hour + hourMs, toMs);
    // What is gone as raw samples is not summed any more.
    const isTrusted = !waitingHoursMs.has(hour) || hour + hourMs <= nowMs - rawRetentionMs;
    const isWhole = begin === hour && end === hour + hourMs;
    if (coarsest === 'hour' && isWhole && isTrusted && end <= nowMs - settledMs.hour) {
      add('hour', begin, end);
      continue;
    }
    const minutesFrom = Math.min(end, ceilTo(begin, minuteMs));
    const settledTo = isTrusted ? floorTo(Math.min(end, nowMs - settledMs.minute), minuteMs) : minutesFrom;
    const minutesTo = Math.max(minutesFrom, settledTo);
    add('raw', begin, minutesFrom);
    add('minute', minutesFrom, minutesTo);
    add('raw', minutesTo, end);
  }
  return spans;
}
