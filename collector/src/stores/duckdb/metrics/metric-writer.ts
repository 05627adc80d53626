import type { DuckDBConnection } from '@duckdb/node-api';
import type { MetricInterval } from '../../../model/metric-sample.js';
import { appendColumns } from './append.js';
import { metricRows, type SeriesKey } from './metric-rows.js';
import {
  heaviestColumns,
  heaviestTable,
  readState,
  sampleColumns,
  sampleTable,
  seriesColumns,
  seriesTable,
  stateUpdate,
  type MetricState,
} from './schema.js';

const keyOf = ({ measurement, count, tags }: SeriesKey): string =>
  JSON.stringify([measurement, count, ...tags]);

interface Known {
  state: MetricState;
  series: Map<string, number>;
  nextSeries: number;
}

async function readKnown(connection: DuckDBConnection): Promise<Known> {
  const reader = await connection.runAndReadAll(
    `SELECT measurement, count_name, tag_1, tag_2, id FROM ${seriesTable} ORDER BY id`,
  );
  const series = new Map<string, number>();
  let nextSeries = 1;
  for (const [measurement, count, first, second, id] of reader.getRows()) {
    const tags = [first, second].slice(0, second === null ? 1 : 2) as (string | null)[];
    series.set(keyOf({ measurement: String(measurement), count: String(count), tags }), Number(id));
    nextSeries = Number(id) + 1;
  }
  return { state: await readState(connection), series, nextSeries };
}

/** Writes intervals as rows; knows the numbers of all series. One write at a time. */
export class MetricWriter {
  private latestMinute = -1n;
  /** sums per minute can be made up to this batch */
  private closed = 0n;
  /** a write failed: what is known may not be what is in the file */
  private doubtful = false;

  private constructor(
    private readonly connection: DuckDBConnection,
    private known: Known,
    private lastWriteMs: number,
  ) {}

  static async open(connection: DuckDBConnection, nowMs: number): Promise<MetricWriter> {
    return new MetricWriter(connection, await readKnown(connection), nowMs);
  }

  get lastWrite(): number {
    return Number(this.known.state.lastWrite);
  }

  stats(): { samplesWritten: number; series: number } {
    const { state, series } = this.known;
    return { samplesWritten: Number(state.samplesWritten), series: series.size };
  }

  /** The batch that sums per minute can be made up to: whole minutes, or all when nothing has come for a while. */
  summable(nowMs: number, idleMs: number): bigint {
    return nowMs - this.lastWriteMs >= idleMs ? this.known.state.lastBatch : this.closed;
  }

  async write(number: number, intervals: readonly MetricInterval[], nowMs: number): Promise<void> {
    if (this.doubtful) this.known = await readKnown(this.connection);
    this.doubtful = false;
    const { state: before, series, nextSeries } = this.known;
    if (BigInt(number) <= before.lastWrite) return;
    const added = new Map<string, { id: number; key: SeriesKey }>();
    const numberOf = (key: SeriesKey): number => {
      const text = keyOf(key);
      const found = series.get(text) ?? added.get(text)?.id;
      if (found !== undefined) return found;
      const id = nextSeries + added.size;
      added.set(text, { id, key });
      return id;
    };
    const now = BigInt(nowMs);
    const firstBatch = now > before.lastBatch ? now : before.lastBatch + 1n;
    const rows = metricRows(intervals, firstBatch, this.latestMinute, numberOf);
    const samplesWritten = before.samplesWritten + BigInt(rows.sampleCount);
    const state = { ...before, lastWrite: BigInt(number), lastBatch: rows.lastBatch, samplesWritten };
    this.doubtful = true;
    await this.commit(rows, [...added.values()], state);
    this.doubtful = false;
    for (const [text, { id }] of added) series.set(text, id);
    this.known = { state, series, nextSeries: nextSeries + added.size };
    this.latestMinute = rows.latestMinute;
    if (rows.minuteClosed !== null) this.closed = rows.minuteClosed;
    this.lastWriteMs = nowMs;
  }

  private async commit(
    rows: ReturnType<typeof metricRows>,
    added: { id: number; key: SeriesKey }[],
    { lastWrite, lastBatch, samplesWritten }: MetricState,
  ): Promise<void> {
    const { connection } = this;
    const column = <Value>(read: (entry: (typeof added)[number]) => Value): Value[] => added.map(read);
    await connection.run('BEGIN');
    try {
      await appendColumns(connection, seriesTable, seriesColumns, [
        column(({ id }) => id),
        column(({ key }) => key.measurement),
        column(({ key }) => key.count),
        column(({ key }) => key.tags[0] ?? null),
        column(({ key }) => key.tags[1] ?? null),
      ]);
      await appendColumns(connection, sampleTable('second'), sampleColumns, rows.samples);
      await appendColumns(connection, heaviestTable('second'), heaviestColumns, rows.heaviest);
      await connection.run(stateUpdate({ lastWrite, lastBatch, samplesWritten }));
      await connection.run('COMMIT');
    } catch (error) {
      await connection.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }
}
