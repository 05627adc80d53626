import type { MetricInterval, MetricSample, MetricSink } from '../model/metric-sample.js';

interface Sum {
  measurement: MetricSample['measurement'];
  tags: MetricSample['tags'];
  counts: Record<string, number>;
}

/** Sums of all samples since the service began, in memory: one for each series, which are bounded. */
export class SampleSums implements MetricSink {
  private readonly sums = new Map<string, Sum>();

  offer({ samples }: MetricInterval): void {
    for (const { measurement, tags, counts } of samples) {
      const key = JSON.stringify([measurement, ...Object.values(tags)]);
      let sum = this.sums.get(key);
      if (sum === undefined) {
        sum = { measurement, tags, counts: {} };
        this.sums.set(key, sum);
      }
      for (const [count, value] of Object.entries(counts))
        sum.counts[count] = (sum.counts[count] ?? 0) + value;
    }
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  read(): readonly Readonly<Sum>[] {
    return [...this.sums.values()];
  }
}
