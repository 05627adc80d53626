import type { AnswerContext } from './query-type.js';

const nsPerMs = 1_000_000n;
const nsPerS = 1_000_000_000n;
/** Points of a series where nobody says how many. */
const standardPoints = 300;

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Lengths that people read easily; from a minute on each is made of whole minutes or hours, as roll-ups are. */
const steps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].flatMap((ms) => [ms]),
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * 1_000),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * minute),
  ...[1, 2, 3, 6, 12].map((hours) => hours * hour),
  ...[1, 2, 7, 30].map((days) => days * day),
];

/** The smallest step that is as long as `ms`. */
export const stepOf = (ms: number): number =>
  steps.find((step) => step >= ms) ?? Math.ceil(ms / (30 * day)) * 30 * day;

/** The length of a series' intervals: as asked for, else Grafana's suggestion and the number of points, rounded up. */
export function intervalMs(asked: number | undefined, context: AnswerContext): number {
  if (asked !== undefined) return asked;
  const rangeMs = Number((context.toNs - context.fromNs) / nsPerMs);
  const points = Math.min(context.maxDataPoints ?? standardPoints, context.limits.maxPoints);
  return stepOf(Math.max(context.suggestedIntervalMs ?? 1_000, rangeMs / points));
}

export interface Intervals {
  /** begins, in nanoseconds since 1970 */
  times: bigint[];
  /** seconds of each within the range and before now: what rates are made of */
  seconds: number[];
  /** whether something can have happened in it: it has begun and is not expired */
  possible: boolean[];
}

/** The intervals of an answer. */
export function intervalsOf(
  firstNs: bigint,
  count: number,
  lengthNs: bigint,
  { fromNs, toNs, nowNs }: Pick<AnswerContext, 'fromNs' | 'toNs' | 'nowNs'>,
  expired: readonly { fromNs: bigint; toNs: bigint }[],
): Intervals {
  const intervals: Intervals = { times: [], seconds: [], possible: [] };
  for (let index = 0; index < count; index++) {
    const time = firstNs + BigInt(index) * lengthNs;
    const begin = time > fromNs ? time : fromNs;
    const stops = [time + lengthNs, toNs, ...(nowNs > begin ? [nowNs] : [])];
    const stop = stops.reduce((least, value) => (value < least ? value : least));
    intervals.times.push(time);
    intervals.seconds.push(Number(stop - begin) / 1e9);
    intervals.possible.push(
      begin < nowNs && !expired.some((range) => range.fromNs <= begin && stop <= range.toNs),
    );
  }
  return intervals;
}

/**
 * The end of what metric samples can tell by now: the interval that goes on has none yet, and would look like a fall to
 * zero.
 */
export function sampledUntil({ nowNs, limits }: Pick<AnswerContext, 'nowNs' | 'limits'>): bigint {
  const until = nowNs - BigInt(limits.samplesAfterMs) * nsPerMs;
  return until - (until % nsPerS);
}
