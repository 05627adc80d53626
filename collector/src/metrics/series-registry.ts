import {
  measurements,
  measurementShapes,
  otherValue,
  type Measurement,
  type MetricSample,
} from '../model/metric-sample.js';

type Tags = MetricSample['tags'];

/**
 * Knows every series (measurement and tag values) and keeps their number under a limit for as long as the service runs.
 * Beyond it a value counts under `other`, of its interface where that series is known, else of all interfaces.
 */
export class SeriesRegistry {
  private readonly known = new Map<string, Tags>();
  private othersUsed = 0;

  /** `limit` is at least the number of measurements: each has a series where all tags are `other`. */
  constructor(private readonly limit: number) {
    if (limit < measurements.length) throw new Error(`a limit of ${limit} series has no room for \`other\``);
    for (const measurement of measurements) this.add(measurement, othersOf(measurement));
  }

  /** Tags that the values of that series count under; values stand in the order of the measurement's tags. */
  tagsFor(measurement: Measurement, values: readonly string[]): Tags {
    const known = this.known.get(keyOf(measurement, values));
    if (known !== undefined) return known;
    const rest = restOf(values);
    const needed = rest === null || this.known.has(keyOf(measurement, rest)) ? 1 : 2;
    if (this.known.size + needed <= this.limit) {
      if (needed === 2 && rest !== null) this.add(measurement, rest);
      return this.add(measurement, values);
    }
    this.othersUsed += 1;
    const ofInterface = rest === null ? undefined : this.known.get(keyOf(measurement, rest));
    return ofInterface ?? this.add(measurement, othersOf(measurement));
  }

  stats(): { series: number; limit: number; samplesUnderOther: number } {
    return { series: this.known.size, limit: this.limit, samplesUnderOther: this.othersUsed };
  }

  private add(measurement: Measurement, values: readonly string[]): Tags {
    const names = measurementShapes[measurement].tags;
    const tags = Object.freeze(
      Object.fromEntries(names.map((name, place) => [name, values[place] ?? otherValue])),
    );
    this.known.set(keyOf(measurement, values), tags);
    return tags;
  }
}

// no tag value holds a line feed (the sampler sees to it), so that no two series share a key
export const keyOf = (measurement: Measurement, values: readonly string[]): string =>
  `${measurement}\n${values.join('\n')}`;

const othersOf = (measurement: Measurement): string[] =>
  measurementShapes[measurement].tags.map(() => otherValue);

/** The series of the same interface that takes what has no series of its own; null where that would be itself. */
function restOf(values: readonly string[]): string[] | null {
  const [first, second] = values;
  return first === undefined || second === undefined || second === otherValue ? null : [first, otherValue];
}
