import type { HeavySample, MetricInterval, MetricSample } from '../../../model/metric-sample.js';
import { CorrectionNumbers } from './correction-numbers.js';
import { lineOf, PointRefused, type FieldValue, type Point } from './line-protocol.js';

export interface IntervalLines {
  lines: string[];
  /** begins of the first and the last interval; both 0 when there is no line */
  firstNs: bigint;
  lastNs: bigint;
  /** points that have no line, and why the last one has none */
  refused: number;
  refusal: string | null;
}

/** Names of the measurements that are no model's: the heaviest values, and what their lists leave out. */
export const heaviestMeasurement = 'heaviest';
export const heaviestListMeasurement = 'heaviest_list';

const runsPerInterval = 1_000;

/**
 * Makes points of intervals. Points of one series and time overwrite each other, while samples add up: the time stamp is
 * the interval's begin and below its milliseconds tells run and correction apart. A batch that is sent twice is stored
 * once.
 */
export class IntervalPoints {
  private readonly numbers = new CorrectionNumbers();

  constructor(private readonly settings: { prefix: string; sensor: string }) {}

  linesOf(interval: MetricInterval): IntervalLines {
    const result: IntervalLines = { lines: [], firstNs: 0n, lastNs: 0n, refused: 0, refusal: null };
    const stamp = this.stamps(interval);
    for (const sample of interval.samples) this.add(result, sample.timeNs, stamp, this.samplePoint(sample));
    for (const list of interval.heaviest)
      for (const point of this.heaviestPoints(list)) this.add(result, list.timeNs, stamp, point);
    return result;
  }

  /** Time stamps of the interval's begins: most have only one. */
  private stamps({ run, correction }: MetricInterval): (beginNs: bigint) => bigint {
    const known = new Map<bigint, bigint | null>();
    return (beginNs) => {
      let stamp = known.get(beginNs);
      if (stamp === undefined) {
        const number = this.numbers.numberOf(run, beginNs, correction);
        stamp = number === null ? null : beginNs + BigInt((run % runsPerInterval) * 1_000 + number);
        known.set(beginNs, stamp);
      }
      if (stamp === null) throw new PointRefused(`the interval ${beginNs} was corrected too often`);
      return stamp;
    };
  }

  private add(
    result: IntervalLines,
    beginNs: bigint,
    stamp: (beginNs: bigint) => bigint,
    point: Omit<Point, 'timeNs'>,
  ): void {
    try {
      result.lines.push(lineOf({ ...point, timeNs: stamp(beginNs) }));
    } catch (error) {
      if (!(error instanceof PointRefused)) throw error;
      result.refused += 1;
      result.refusal = error.message;
      return;
    }
    if (result.lines.length === 1) result.firstNs = result.lastNs = beginNs;
    if (beginNs < result.firstNs) result.firstNs = beginNs;
    if (beginNs > result.lastNs) result.lastNs = beginNs;
  }

  private samplePoint({ measurement, tags, counts, intervalMs }: MetricSample): Omit<Point, 'timeNs'> {
    const fields: Record<string, FieldValue> = { interval_ms: BigInt(intervalMs) };
    for (const [name, count] of Object.entries(counts)) fields[name] = wholeNumber(count);
    return {
      measurement: this.settings.prefix + measurement,
      tags: { ...tags, sensor: this.settings.sensor },
      fields,
    };
  }

  private *heaviestPoints(list: HeavySample): Generator<Omit<Point, 'timeNs'>> {
    const { prefix, sensor } = this.settings;
    const { dimension } = list;
    if (list.items.length === 0 && list.othersAtMost === 0) return;
    yield {
      measurement: prefix + heaviestListMeasurement,
      tags: { dimension, sensor },
      fields: {
        interval_ms: BigInt(list.intervalMs),
        listed: BigInt(list.items.length),
        others_at_most: wholeNumber(list.othersAtMost),
      },
    };
    for (const [place, { value, peer, bytes, packets, error }] of list.items.entries()) {
      const fields: Record<string, FieldValue> = {
        value,
        bytes: wholeNumber(bytes),
        packets: wholeNumber(packets),
        error: wholeNumber(error),
        others_at_most: wholeNumber(list.othersAtMost),
      };
      if (peer !== '') fields['peer'] = peer;
      yield {
        measurement: prefix + heaviestMeasurement,
        tags: { dimension, rank: String(place + 1), sensor },
        fields,
      };
    }
  }
}

/** A count that is no whole number stays one: lineOf refuses its point, as a field of two types would be refused later. */
const wholeNumber = (count: number): FieldValue => (Number.isInteger(count) ? BigInt(count) : NaN);
