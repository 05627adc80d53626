import {
  measurementShapes,
  type Measurement,
  type MetricInterval,
  type MetricSample,
} from '../model/metric-sample.js';
import { keyOf, type SeriesRegistry } from './series-registry.js';

/** Collects the counts of one interval, one sample for each series, and leaves out what is zero. */
export class IntervalSamples {
  private readonly samples = new Map<
    string,
    { measurement: Measurement; tags: MetricSample['tags']; counts: Map<string, number> }
  >();

  constructor(private readonly registry: SeriesRegistry) {}

  /** Values of the tags and of the counts stand in the order of the measurement's shape. */
  add(measurement: Measurement, tagValues: readonly string[], counts: readonly number[]): void {
    if (counts.every((count) => count === 0)) return;
    const tags = this.registry.tagsFor(measurement, tagValues.map(tagText));
    const key = keyOf(measurement, Object.values(tags));
    let sample = this.samples.get(key);
    if (sample === undefined) {
      sample = { measurement, tags, counts: new Map() };
      this.samples.set(key, sample);
    }
    const names = measurementShapes[measurement].counts;
    for (const [place, count] of counts.entries()) {
      const name = names[place];
      if (name !== undefined && count !== 0) sample.counts.set(name, (sample.counts.get(name) ?? 0) + count);
    }
  }

  get isEmpty(): boolean {
    return this.samples.size === 0;
  }

  finish(timeNs: bigint, intervalMs: number): MetricInterval['samples'] {
    return [...this.samples.values()].map(({ measurement, tags, counts }) => ({
      measurement,
      timeNs,
      intervalMs,
      tags,
      counts: Object.fromEntries(counts),
    }));
  }
}

const longestTag = 255;

const controls = /[\p{Cc}\p{Cs}\u2028\u2029]/gu;

/** A name out of a capture file may hold anything; a tag is one line without control characters and never empty. */
function tagText(text: string): string {
  const line = text.slice(0, longestTag).replace(controls, ' ').trim();
  return line === '' ? 'unnamed' : line;
}
