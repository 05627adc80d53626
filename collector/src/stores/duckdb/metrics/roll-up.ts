import type { DuckDBConnection } from '@duckdb/node-api';
import { maxItemsOfSums, mergedLists } from './merge-lists.js';
import {
  heaviestColumns,
  heaviestTable,
  readState,
  sampleTable,
  stateUpdate,
  stepNs,
  type Resolution,
} from './schema.js';

/** Milliseconds after an hour's end by which its last minute is summed up, the interval's lateness included. */
const hourSettlesMs = 30_000n;
const hourWaitsMs = 90_000n;
const hourMs = 3_600_000n;

const finer = { minute: 'second', hour: 'minute' } as const satisfies Partial<Record<Resolution, Resolution>>;

/** Statements that sum up the finer rows of batches in (after, upTo]. */
function sumStatements(into: 'minute' | 'hour', after: bigint, upTo: bigint): string[] {
  const step = stepNs[into];
  const rows = `batch > ${after} AND batch <= ${upTo}`;
  const bucket = `time_ns - time_ns % ${step}`;
  const lists = `SELECT *, ${bucket} AS bucket FROM ${heaviestTable(finer[into])} WHERE ${rows}`;
  const heaviest = heaviestColumns.map(([name]) => name).join(', ');
  return [
    `INSERT INTO ${sampleTable(into)}
       SELECT ${bucket} AS bucket, greatest(max(interval_ms), ${step / 1_000_000n})::INTEGER, series,
              sum(value)::BIGINT, ${upTo}
       FROM ${sampleTable(finer[into])} WHERE ${rows} GROUP BY bucket, series ORDER BY bucket, series`,
    `INSERT INTO ${heaviestTable(into)} (${heaviest})
       SELECT bucket, greatest(interval_ms, ${step / 1_000_000n})::INTEGER, dimension, place, value, peer, bytes,
              packets, error, others_at_most, ${upTo}
       FROM (${mergedLists(lists, maxItemsOfSums[into])}) ORDER BY bucket, dimension, place`,
  ];
}

async function transaction(connection: DuckDBConnection, statements: string[]): Promise<void> {
  await connection.run('BEGIN');
  try {
    for (const statement of statements) await connection.run(statement);
    await connection.run('COMMIT');
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Sums up per minute what was measured up to that batch. */
export async function sumMinutes(connection: DuckDBConnection, upTo: bigint): Promise<void> {
  const { minuteUntil } = await readState(connection);
  if (upTo <= minuteUntil) return;
  await transaction(connection, [
    ...sumStatements('minute', minuteUntil, upTo),
    stateUpdate({ minuteUntil: upTo }),
  ]);
}

/** Sums up per hour the minutes that were complete when the last hour ended. */
export async function sumHours(connection: DuckDBConnection, nowMs: number): Promise<void> {
  const { hourUntil } = await readState(connection);
  const hourEnd = ((BigInt(nowMs) - hourWaitsMs) / hourMs) * hourMs;
  const upTo = await lastBatch(connection, 'minute', hourEnd + hourSettlesMs);
  if (upTo <= hourUntil) return;
  await transaction(connection, [
    ...sumStatements('hour', hourUntil, upTo),
    stateUpdate({ hourUntil: upTo }),
  ]);
}

/** The highest batch of a table's rows up to `limit`; -1 when there is none. */
async function lastBatch(
  connection: DuckDBConnection,
  resolution: Resolution,
  limit: bigint,
): Promise<bigint> {
  const reader = await connection.runAndReadAll(
    `SELECT max(batch) FROM (
       SELECT batch FROM ${sampleTable(resolution)} WHERE batch <= ${limit}
       UNION ALL SELECT batch FROM ${heaviestTable(resolution)} WHERE batch <= ${limit})`,
  );
  return (reader.getRows()[0]?.[0] as bigint | null | undefined) ?? -1n;
}

export interface Retention {
  secondMs: number;
  minuteMs: number;
  hourMs: number;
}

/**
 * Removes rows that were stored longer ago than their retention, and never what is not summed up yet. The limits are
 * batches of coarser rows, so that each sample is gone from a table together with all that share its sum.
 */
export async function removeExpired(
  connection: DuckDBConnection,
  retention: Retention,
  nowMs: number,
): Promise<number> {
  const state = await readState(connection);
  const before = (ms: number): bigint => BigInt(Math.max(0, Math.round(nowMs - ms)));
  const secondGone = await lastBatch(connection, 'minute', before(retention.secondMs));
  const minuteGone = await lastBatch(connection, 'hour', before(retention.minuteMs));
  const hourGone = await lastBatch(connection, 'hour', before(retention.hourMs));
  const steps: [Resolution, bigint, Partial<typeof state>][] = [];
  if (secondGone > state.secondGone) steps.push(['second', secondGone, { secondGone }]);
  // what is gone per minute must be gone as measured: a reader of the finest rows counts on it
  const finest = secondGone > state.secondGone ? secondGone : state.secondGone;
  if (minuteGone > state.minuteGone && minuteGone <= finest)
    steps.push(['minute', minuteGone, { minuteGone }]);
  const coarser = steps.some(([resolution]) => resolution === 'minute') ? minuteGone : state.minuteGone;
  if (hourGone >= 0n && hourGone <= coarser) steps.push(['hour', hourGone, {}]);
  let removed = 0;
  for (const [resolution, upTo, change] of steps) {
    const reader = await connection.runAndReadAll(
      `SELECT count(*) FROM ${sampleTable(resolution)} WHERE batch <= ${upTo}`,
    );
    removed += Number(reader.getRows()[0]?.[0] ?? 0);
    await transaction(connection, [
      `DELETE FROM ${sampleTable(resolution)} WHERE batch <= ${upTo}`,
      `DELETE FROM ${heaviestTable(resolution)} WHERE batch <= ${upTo}`,
      ...(Object.keys(change).length === 0 ? [] : [stateUpdate(change)]),
    ]);
  }
  return removed;
}
