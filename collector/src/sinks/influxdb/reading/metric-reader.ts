import { hostname } from 'node:os';
import type { Config } from '../../../config/schema.js';
import { AppError } from '../../../model/errors.js';
import { measurementShapes } from '../../../model/metric-sample.js';
import type {
  HeaviestAnswer,
  HeaviestQuery,
  MetricSeries,
  MetricSeriesAnswer,
  MetricSeriesQuery,
} from '../../../stores/metrics/metric-store.js';
import { policyOf, type Resolution } from '../http/endpoints.js';
import { identifier, textLiteral, timeLiteral } from '../influxql.js';
import { heaviestListMeasurement, heaviestMeasurement } from '../points/interval-lines.js';
import { plainText, writtenText } from '../points/line-protocol.js';
import { HeavyMerge } from './heavy-merge.js';
import type { QueryClient, ResultSeries } from './query-client.js';
import { coarsestFor, spansOf, type Span, type SpanSettings } from './spans.js';

type Settings = Config['influxdb'];

/** As of the embedded store. */
const maxPoints = 500_000;
const maxHeaviest = 10_000;
/** Items of heaviest lists that are read at once, and at all. */
const itemsAtOnce = 200_000;
const maxItems = 20_000_000;
const resolutionMs: Readonly<Record<Resolution, number>> = { raw: 0, minute: 60_000, hour: 3_600_000 };

/** Points lie up to a millisecond behind the interval's begin, which is a whole millisecond: see IntervalPoints. */
const firstMs = (timeNs: bigint): number => Number((timeNs + 999_999n) / 1_000_000n);

const refuse = (reason: string): never => {
  throw new AppError('bad_request', { reason });
};

/** Reads samples back by InfluxQL. */
export class MetricReader {
  private readonly sensor: string;

  constructor(
    private readonly settings: Settings,
    private readonly client: Pick<QueryClient, 'ask'>,
    private readonly spanSettings: () => SpanSettings,
  ) {
    this.sensor = settings.sensor || hostname();
  }

  /** Errors: `bad_request`, `store_failed`. */
  async series(query: MetricSeriesQuery, signal?: AbortSignal): Promise<MetricSeriesAnswer> {
    checkSeries(query);
    const { intervalMs, fromNs } = query;
    const spans = spansOf(
      firstMs(query.fromNs),
      firstMs(query.toNs),
      coarsestFor(intervalMs),
      this.spanSettings(),
    );
    if (spans.length === 0) return { series: [], resolutionMs: 0 };
    const results = await this.client.ask(
      spans.map((span) => this.seriesStatement(query, span)),
      signal,
    );
    const merged = new SeriesMerge(query.groupBy);
    let coarsestMs = 0;
    for (const [place, span] of spans.entries())
      for (const found of results[place] ?? []) {
        for (const [timeMs, sum, interval] of found.values) {
          if (sum === null) continue;
          const timeNs = intervalMs === null ? fromNs : BigInt(Number(timeMs)) * 1_000_000n;
          merged.add(found.tags, timeNs, Number(sum));
          coarsestMs = Math.max(coarsestMs, resolutionMs[span.resolution] || Number(interval ?? 0));
        }
      }
    return { series: merged.result(), resolutionMs: coarsestMs };
  }

  /** Errors: `bad_request`, `store_failed`. */
  async heaviest(query: HeaviestQuery, signal?: AbortSignal): Promise<HeaviestAnswer> {
    const { dimension, limit } = query;
    checkRange(query);
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > maxHeaviest)
      refuse(`the limit is ${limit}; expected 1 to ${maxHeaviest}`);
    const fromMs = firstMs(query.fromNs);
    const toMs = firstMs(query.toNs);
    const where = (begin: number, end: number): string => this.where(begin, end, { dimension });
    const merge = new HeavyMerge();
    const lists = this.place(heaviestListMeasurement, 'raw');
    const [counts] = await this.client.ask(
      [
        `SELECT sum("listed"), sum("others_at_most"), max("interval_ms") FROM ${lists} ${where(fromMs, toMs)}`,
      ],
      signal,
    );
    const [, listed, others, interval] = counts?.[0]?.values[0] ?? [0, 0, 0, 0];
    merge.addList(Number(others ?? 0));
    await this.readItems(merge, Number(listed ?? 0), fromMs, toMs, where, signal);
    const total = await this.series(
      {
        measurement: 'interface',
        count: 'metered_ip_bytes',
        fromNs: query.fromNs,
        toNs: query.toNs,
        intervalMs: null,
        groupBy: [],
        where: {},
      },
      signal,
    );
    return {
      ...merge.result(limit),
      totalBytes: total.series[0]?.points[0]?.value ?? 0,
      resolutionMs: Number(interval ?? 0),
    };
  }

  /** Reads in parts of the range, so that no answer holds too much. */
  private async readItems(
    merge: HeavyMerge,
    listed: number,
    fromMs: number,
    toMs: number,
    where: (begin: number, end: number) => string,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (listed === 0) return;
    if (listed > maxItems)
      refuse(
        `the range holds ${listed} items of heaviest lists, ${maxItems} can be merged; ask for a shorter one`,
      );
    const stepMs = Math.max(
      1_000,
      Math.ceil(((toMs - fromMs) * itemsAtOnce) / Math.max(listed, itemsAtOnce)),
    );
    const items = this.place(heaviestMeasurement, 'raw');
    const columns = '"value", "peer", "bytes", "packets", "error", "others_at_most"';
    for (let begin = fromMs; begin < toMs; begin += stepMs) {
      const [found] = await this.client.ask(
        [`SELECT ${columns} FROM ${items} ${where(begin, Math.min(toMs, begin + stepMs))}`],
        signal,
      );
      for (const { values } of found ?? [])
        for (const [, value, peer, bytes, packets, error, others] of values)
          merge.addItem(
            {
              value: plainText(String(value)),
              peer: plainText(String(peer ?? '')),
              bytes: Number(bytes),
              packets: Number(packets),
              error: Number(error),
            },
            Number(others),
          );
    }
  }

  private seriesStatement(query: MetricSeriesQuery, { resolution, fromMs, toMs }: Span): string {
    const { measurement, count, intervalMs, groupBy, where } = query;
    const interval = resolution === 'raw' ? ', max("interval_ms")' : '';
    const groups = [...(intervalMs === null ? [] : [`time(${intervalMs}ms)`]), ...groupBy.map(identifier)];
    const grouped = groups.length === 0 ? '' : ` GROUP BY ${groups.join(', ')}`;
    const filled = intervalMs === null ? '' : ' fill(none)';
    return (
      `SELECT sum(${identifier(count)})${interval} FROM ${this.place(measurement, resolution)} ` +
      `${this.where(fromMs, toMs, where)}${grouped}${filled}`
    );
  }

  /** A database may hold what several sensors sent. */
  private where(fromMs: number, toMs: number, tags: Readonly<Record<string, string>>): string {
    const conditions = Object.entries({ ...tags, sensor: this.sensor }).map(
      ([tag, value]) => `${identifier(tag)} = ${textLiteral(writtenText(value))}`,
    );
    const times = `time >= ${timeLiteral(fromMs)} AND time < ${timeLiteral(toMs)}`;
    return `WHERE ${[times, ...conditions].join(' AND ')}`;
  }

  private place(measurement: string, resolution: Resolution): string {
    const { version, administer, database, measurement_prefix } = this.settings;
    const name = identifier(measurement_prefix + measurement);
    if (version !== 1 || !administer) return name;
    return `${identifier(database)}.${identifier(policyOf(this.settings, resolution))}.${name}`;
  }
}

class SeriesMerge {
  private readonly found = new Map<string, { tags: Record<string, string>; sums: Map<bigint, number> }>();

  constructor(private readonly groupBy: readonly string[]) {}

  add(tags: ResultSeries['tags'], timeNs: bigint, value: number): void {
    const own = Object.fromEntries(this.groupBy.map((tag) => [tag, plainText(tags[tag] ?? '')]));
    const key = JSON.stringify(own);
    let series = this.found.get(key);
    if (series === undefined) {
      series = { tags: own, sums: new Map() };
      this.found.set(key, series);
    }
    series.sums.set(timeNs, (series.sums.get(timeNs) ?? 0) + value);
  }

  result(): MetricSeries[] {
    return [...this.found.values()].map(({ tags, sums }) => ({
      tags,
      points: [...sums.entries()]
        .map(([timeNs, value]) => ({ timeNs, value }))
        .sort((one, other) => (one.timeNs < other.timeNs ? -1 : 1)),
    }));
  }
}

function checkRange({ fromNs, toNs }: { fromNs: bigint; toNs: bigint }): void {
  if (fromNs < 0n || toNs > 9_223_372_036_854_775_807n || fromNs > toNs)
    refuse(`the range from ${fromNs} to ${toNs} is none; expected nanoseconds since 1970, from before to`);
}

function checkSeries(query: MetricSeriesQuery): void {
  checkRange(query);
  const { measurement, count, intervalMs, groupBy, where, fromNs, toNs } = query;
  const { tags, counts }: { tags: readonly string[]; counts: readonly string[] } =
    measurementShapes[measurement];
  if (!counts.includes(count)) refuse(`${measurement} has no count ${count}; expected ${counts.join(', ')}`);
  for (const tag of [...groupBy, ...Object.keys(where)])
    if (!tags.includes(tag)) refuse(`${measurement} has no tag ${tag}; expected ${tags.join(' or ')}`);
  if (intervalMs === null) return;
  if (!Number.isSafeInteger(intervalMs) || intervalMs < 1)
    refuse(`the interval is ${intervalMs} ms; expected a whole number from 1`);
  if (Number((toNs - fromNs) / 1_000_000n) / intervalMs > maxPoints)
    refuse(`there are more than ${maxPoints} intervals; ask for longer ones or a shorter range`);
}
