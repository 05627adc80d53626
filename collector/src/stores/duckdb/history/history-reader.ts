import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { AppError } from '../../../model/errors.js';
import {
  severities,
  type CaptureEntry,
  type EventKind,
  type EventQuery,
  type HistoryAnswer,
  type HistoryEvent,
  type HistoryRange,
} from '../../history/history-store.js';
import { tagText } from './schema.js';

export const maxEntries = 10_000;

function checkRange({ fromNs, toNs, limit }: HistoryRange): void {
  const latest = 9_223_372_036_854_775_807n;
  if (fromNs < 0n || toNs > latest || fromNs > toNs)
    throw new AppError('bad_request', {
      reason: `the range from ${fromNs} to ${toNs} is none; expected nanoseconds since 1970, from before to`,
    });
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > maxEntries)
    throw new AppError('bad_request', { reason: `the limit is ${limit}; expected 1 to ${maxEntries}` });
}

async function rowsOf(
  connection: DuckDBConnection,
  sql: string,
  values: DuckDBValue[],
): Promise<Record<string, DuckDBValue>[]> {
  return (await connection.runAndReadAll(sql, values)).getRowObjects();
}

function cut<Entry>(entries: Entry[], limit: number): HistoryAnswer<Entry> {
  return { entries: entries.slice(0, limit), more: entries.length > limit };
}

const json = <Value>(text: DuckDBValue | undefined): Value => JSON.parse(String(text)) as Value;
const orNull = <Value>(value: DuckDBValue | undefined, of: (value: DuckDBValue) => Value): Value | null =>
  value === null || value === undefined ? null : of(value);

function captureOf(row: Record<string, DuckDBValue>): CaptureEntry {
  const state = row['state'] as CaptureEntry['state'];
  return {
    run: Number(row['run']),
    startNs: row['start_ns'] as bigint,
    endNs: state === 'running' ? null : (row['end_ns'] as bigint),
    state,
    startedBy: String(row['started_by']),
    endedBy: orNull(row['ended_by'], String),
    source: String(row['source']),
    backend: orNull(row['backend'], String),
    interfaces: json(row['interfaces']),
    settings: json(row['settings']),
    counters: orNull(row['counters'], (text) => json(text)),
    ledger: orNull(row['ledger'], (text) => json(text)),
    failures: json(row['failures']),
  };
}

/** Throws `bad_request`. */
export async function readCaptures(
  connection: DuckDBConnection,
  query: HistoryRange,
): Promise<HistoryAnswer<CaptureEntry>> {
  checkRange(query);
  const rows = await rowsOf(
    connection,
    `SELECT * FROM captures WHERE start_ns < $1 AND (end_ns >= $2 OR state = 'running')
     ORDER BY start_ns DESC, run DESC LIMIT ${query.limit + 1}`,
    [query.toNs, query.fromNs],
  );
  return cut(rows.map(captureOf), query.limit);
}

function eventOf(row: Record<string, DuckDBValue>): HistoryEvent {
  return {
    id: String(row['id']),
    timeNs: row['time_ns'] as bigint,
    endNs: orNull(row['end_ns'], (value) => value as bigint),
    kind: row['kind'] as EventKind,
    severity: severities[Number(row['severity'])] ?? 'error',
    title: String(row['title']),
    text: String(row['text']),
    tags: json(row['tags']),
  };
}

/** Throws `bad_request`. */
export async function readEvents(
  connection: DuckDBConnection,
  query: EventQuery,
): Promise<HistoryAnswer<HistoryEvent>> {
  checkRange(query);
  const { fromNs, toNs, kinds, severity, tags = {}, limit } = query;
  const values: DuckDBValue[] = [toNs, fromNs];
  const placed = (value: DuckDBValue): string => `$${values.push(value)}`;
  const conditions = ['time_ns < $1', '(end_ns >= $2 OR end_ns IS NULL)'];
  if (kinds !== undefined) conditions.push(`kind IN (${kinds.map(placed).join(', ') || 'NULL'})`);
  if (severity !== undefined) conditions.push(`severity >= ${severities.indexOf(severity)}`);
  for (const [name, value] of Object.entries(tags))
    conditions.push(`contains(tags, ${placed(tagText(name, value))})`);
  const sql = `SELECT * FROM events WHERE ${conditions.join(' AND ')}
               ORDER BY time_ns DESC, id DESC LIMIT ${limit + 1}`;
  return cut((await rowsOf(connection, sql, values)).map(eventOf), limit);
}

export async function readCounts(
  connection: DuckDBConnection,
): Promise<{ captures: number; events: number; lastRun: number }> {
  const [row] = await rowsOf(
    connection,
    `SELECT (SELECT count(*) FROM captures) AS captures, (SELECT count(*) FROM events) AS events,
            (SELECT max(run) FROM captures) AS last_run`,
    [],
  );
  return {
    captures: Number(row?.['captures'] ?? 0),
    events: Number(row?.['events'] ?? 0),
    lastRun: Number(row?.['last_run'] ?? 0),
  };
}
