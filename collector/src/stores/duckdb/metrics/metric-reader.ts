import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { AppError } from '../../../model/errors.js';
import { measurementShapes } from '../../../model/metric-sample.js';
import type {
  HeaviestAnswer,
  HeaviestQuery,
  MetricSeries,
  MetricSeriesAnswer,
  MetricSeriesQuery,
} from '../../metrics/metric-store.js';
import { mergedLists } from './merge-lists.js';
import {
  heaviestTable,
  readState,
  sampleTable,
  seriesTable,
  type MetricState,
  type Resolution,
} from './schema.js';
import { rowsOf, spansOf } from './views.js';

/** Points that one answer holds at most. */
export const maxPoints = 500_000;
export const maxHeaviest = 10_000;

const hourMs = 3_600_000;
const minuteMs = 60_000;
const msOf = (fromNs: bigint, toNs: bigint): number => Number((toNs - fromNs) / 1_000_000n);

/** Sums of whole buckets are the same from coarser rows, and there are fewer of those. */
function coarsestFor(intervalMs: number | null): Resolution {
  if (intervalMs === null || intervalMs % hourMs === 0) return 'hour';
  return intervalMs % minuteMs === 0 ? 'minute' : 'second';
}

/** Of lists, coarser ones tell less; finer ones take longer to read. */
function listResolution(fromNs: bigint, toNs: bigint): Resolution {
  const rangeMs = msOf(fromNs, toNs);
  if (rangeMs <= hourMs) return 'second';
  return rangeMs <= 48 * hourMs ? 'minute' : 'hour';
}

/** Runs a reading in one snapshot of the file. */
async function inSnapshot<Answer>(
  connection: DuckDBConnection,
  read: (state: MetricState) => Promise<Answer>,
): Promise<Answer> {
  await connection.run('BEGIN');
  try {
    return await read(await readState(connection));
  } finally {
    await connection.run('ROLLBACK').catch(() => undefined);
  }
}

function checkRange({ fromNs, toNs }: { fromNs: bigint; toNs: bigint }): void {
  if (fromNs < 0n || toNs > 9_223_372_036_854_775_807n || fromNs > toNs)
    throw new AppError('bad_request', {
      reason: `the range from ${fromNs} to ${toNs} is none; expected nanoseconds since 1970, from before to`,
    });
}

/** The column of a tag; throws `bad_request` where the measurement has no such tag. */
function tagColumn(query: MetricSeriesQuery, tag: string): string {
  const tags: readonly string[] = measurementShapes[query.measurement].tags;
  const place = tags.indexOf(tag);
  if (place >= 0) return `tag_${place + 1}`;
  throw new AppError('bad_request', {
    reason: `${query.measurement} has no tag ${tag}; expected ${tags.join(' or ')}`,
  });
}

function checkSeries(query: MetricSeriesQuery): void {
  checkRange(query);
  const counts: readonly string[] = measurementShapes[query.measurement].counts;
  if (!counts.includes(query.count))
    throw new AppError('bad_request', {
      reason: `${query.measurement} has no count ${query.count}; expected ${counts.join(', ')}`,
    });
  const { intervalMs } = query;
  if (intervalMs !== null && (!Number.isSafeInteger(intervalMs) || intervalMs < 1))
    throw new AppError('bad_request', {
      reason: `the interval is ${intervalMs} ms; expected a whole number from 1`,
    });
}

interface SeriesStatement {
  sql: string;
  values: DuckDBValue[];
}

function seriesStatement(query: MetricSeriesQuery, state: MetricState): SeriesStatement {
  const { fromNs, toNs, intervalMs, groupBy, where } = query;
  const values: DuckDBValue[] = [query.measurement, query.count];
  const conditions = ['measurement = $1', 'count_name = $2'];
  for (const [tag, value] of Object.entries(where)) {
    values.push(value);
    conditions.push(`${tagColumn(query, tag)} = $${values.length}`);
  }
  const stepNs = intervalMs === null ? null : BigInt(intervalMs) * 1_000_000n;
  const bucket = stepNs === null ? `${fromNs}::BIGINT` : `time_ns - time_ns % ${stepNs}`;
  const groups = groupBy.map((tag, place) => `${tagColumn(query, tag)} AS group_${place}`);
  const names = ['bucket', ...groupBy.map((_, place) => `group_${place}`)];
  const rows = rowsOf(
    spansOf(fromNs, toNs, coarsestFor(intervalMs)),
    state,
    'time_ns, interval_ms, series, value',
    sampleTable,
  );
  const sql = `
    WITH chosen AS (SELECT id, tag_1, tag_2 FROM ${seriesTable} WHERE ${conditions.join(' AND ')})
    SELECT ${names.join(', ')}, sum(value)::BIGINT AS total, max(interval_ms) AS step
    FROM (SELECT ${[`${bucket} AS bucket`, ...groups].join(', ')}, value, interval_ms
          FROM (${rows}) JOIN chosen ON chosen.id = series)
    GROUP BY ${names.join(', ')} ORDER BY ${[...names.slice(1), 'bucket'].join(', ')} LIMIT ${maxPoints + 1}`;
  return { sql, values };
}

/** Throws `bad_request`. */
export async function readSeries(
  connection: DuckDBConnection,
  query: MetricSeriesQuery,
): Promise<MetricSeriesAnswer> {
  checkSeries(query);
  return inSnapshot(connection, async (state) => {
    const { sql, values } = seriesStatement(query, state);
    const rows = (await connection.runAndReadAll(sql, values)).getRows();
    if (rows.length > maxPoints)
      throw new AppError('bad_request', {
        reason: `there are more than ${maxPoints} points; ask for longer intervals, fewer tags or a shorter range`,
      });
    return seriesAnswer(query, rows);
  });
}

function seriesAnswer(query: MetricSeriesQuery, rows: DuckDBValue[][]): MetricSeriesAnswer {
  const series: MetricSeries[] = [];
  let resolutionMs = 0;
  let key: string | null = null;
  for (const row of rows) {
    const tagValues = row.slice(1, -2).map(String);
    const its = tagValues.join('\n');
    if (its !== key) {
      key = its;
      const tags = Object.fromEntries(query.groupBy.map((tag, place) => [tag, tagValues[place] ?? '']));
      series.push({ tags, points: [] });
    }
    series.at(-1)?.points.push({ timeNs: row[0] as bigint, value: Number(row.at(-2)) });
    resolutionMs = Math.max(resolutionMs, Number(row.at(-1)));
  }
  return { series, resolutionMs };
}

/** Throws `bad_request`. */
export async function readHeaviest(
  connection: DuckDBConnection,
  query: HeaviestQuery,
): Promise<HeaviestAnswer> {
  checkRange(query);
  const { dimension, fromNs, toNs, limit } = query;
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > maxHeaviest)
    throw new AppError('bad_request', { reason: `the limit is ${limit}; expected 1 to ${maxHeaviest}` });
  const { series } = await readSeries(connection, {
    measurement: 'interface',
    count: 'metered_ip_bytes',
    fromNs,
    toNs,
    intervalMs: null,
    groupBy: [],
    where: {},
  });
  const totalBytes = series[0]?.points[0]?.value ?? 0;
  return inSnapshot(connection, async (state) => {
    const columns =
      'time_ns, interval_ms, dimension, place, value, peer, bytes, packets, error, others_at_most';
    const spans = spansOf(fromNs, toNs, listResolution(fromNs, toNs));
    const rows = `SELECT *, 0::BIGINT AS bucket FROM (${rowsOf(spans, state, columns, heaviestTable)})
                  WHERE dimension = $1`;
    const sql = `SELECT value, peer, bytes, packets, error, others_at_most, interval_ms
                 FROM (${mergedLists(rows, limit)}) ORDER BY place`;
    const found = (await connection.runAndReadAll(sql, [dimension])).getRows();
    return {
      items: found
        .filter(([value]) => value !== null)
        .map(([value, peer, bytes, packets, error]) => ({
          value: String(value),
          peer: String(peer),
          bytes: Number(bytes),
          packets: Number(packets),
          error: Number(error),
        })),
      othersAtMost: Number(found[0]?.[5] ?? 0),
      totalBytes,
      resolutionMs: Number(found[0]?.[6] ?? 0),
    };
  });
}
