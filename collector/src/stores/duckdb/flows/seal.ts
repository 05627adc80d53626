import type { DuckDBConnection } from '@duckdb/node-api';
import { transaction } from '../transaction.js';
import { insertPart, type HotTable, type SealedPart } from './manifest.js';
import { partPath, type PartFiles } from './part-files.js';
import { constantColumns, forgetRollups, keepRollups, rollUp, type RollupLimits } from './rollup-sql.js';
import { storedAtColumn, wantedColumns } from './schema.js';

/** Rows of a row group: what the writing of a file holds in memory, once per thread. */
const rowGroupRows = 61_440;

/** How far a part has come; a process may end at any of them. */
export type SealPoint = 'rolled_up' | 'written' | 'renamed' | 'committed';

export interface SealContext {
  connection: DuckDBConnection;
  files: PartFiles;
  limits: RollupLimits;
  reached: (point: SealPoint) => void;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const day = (seconds: number): number => Math.floor(seconds / 86_400);

type Facts = Omit<SealedPart, 'sequence' | 'path' | 'fileBytes' | 'storedDay'>;

/** What the manifest tells of records; null where there are none. */
async function factsOf(connection: DuckDBConnection, from: string): Promise<Facts | null> {
  const reader = await connection.runAndReadAll(
    `SELECT count(*), min(start_ns), max(start_ns), min(end_ns), max(end_ns), min(${storedAtColumn}),
       max(${storedAtColumn}), sum(bytes::HUGEINT), sum(rev_bytes::HUGEINT), sum(packets::HUGEINT),
       sum(rev_packets::HUGEINT) FROM ${from}`,
  );
  const row = (reader.getRows()[0] ?? []).map((cell) => BigInt((cell as bigint | number | null) ?? 0));
  const at = (index: number): bigint => row[index] ?? 0n;
  if (at(0) === 0n) return null;
  return {
    rows: Number(at(0)),
    minStartNs: at(1),
    maxStartNs: at(2),
    minEndNs: at(3),
    maxEndNs: at(4),
    firstStoredS: Number(at(5)),
    lastStoredS: Number(at(6)),
    bytes: at(7),
    revBytes: at(8),
    packets: at(9),
    revPackets: at(10),
    columns: wantedColumns.map(({ name }) => name),
    records: true,
    removedAtS: null,
    removedBecause: null,
    minutes: true,
    hours: true,
  };
}

/** Writes records to the file of a part, and makes sure that it holds all of them. */
async function writeFile(
  { connection, files, reached }: SealContext,
  from: string,
  path: string,
  rows: number,
): Promise<number> {
  const size = await files.make(
    path,
    async (temporary) => {
      await connection.run(
        `COPY (SELECT ${wantedColumns.map(({ name }) => name).join(', ')} FROM ${from}) TO ${quoted(temporary)}
         (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupRows}, USE_TMP_FILE false)`,
      );
      const reader = await connection.runAndReadAll(
        `SELECT num_rows FROM parquet_file_metadata(${quoted(temporary)})`,
      );
      const written = Number(reader.getRows()[0]?.[0]);
      if (written !== rows) throw new Error(`${temporary} holds ${written} records instead of ${rows}`);
    },
    async () => reached('written'),
  );
  reached('renamed');
  return size;
}

/**
 * Makes a part of a hot table that is written to no more: its file, then in one transaction the manifest's row, the
 * roll-ups and the end of the table. Returns null for an empty one, of which nothing stays. After an error everything is
 * as it was.
 */
export async function sealTable(context: SealContext, hot: HotTable): Promise<SealedPart | null> {
  const { connection, files, limits, reached } = context;
  const end = [`DELETE FROM flow_hot WHERE sequence = ${hot.sequence}`, `DROP TABLE ${hot.table}`];
  const facts = await factsOf(connection, hot.table);
  if (facts === null) {
    await transaction(connection, end);
    return null;
  }
  const path = partPath(hot.sequence, facts.firstStoredS);
  const storedDay = day(facts.firstStoredS);
  let renamed = false;
  try {
    const origin = { part: hot.sequence, storedDay };
    const constant = await constantColumns(connection, hot.table);
    for (const statement of rollUp(hot.table, limits, origin, constant)) await connection.run(statement);
    reached('rolled_up');
    const fileBytes = await writeFile(context, hot.table, path, facts.rows);
    renamed = true;
    const part: SealedPart = { sequence: hot.sequence, path, fileBytes, storedDay, ...facts };
    await transaction(connection, [insertPart(part), ...keepRollups, ...end]);
    reached('committed');
    return part;
  } catch (error) {
    if (renamed) await files.remove(path).catch(() => undefined);
    throw error;
  } finally {
    for (const statement of forgetRollups) await connection.run(statement).catch(() => undefined);
  }
}

/**
 * Makes one part of several neighbours, which are parts no more when it returns; their files remain, for who reads them.
 * Roll-ups stay as they are. After an error everything is as it was.
 */
export async function mergeParts(
  context: SealContext,
  merged: readonly SealedPart[],
  sequence: number,
  from: string,
): Promise<SealedPart> {
  const { connection, files, reached } = context;
  const [first] = merged;
  const facts = await factsOf(connection, from);
  if (first === undefined || facts === null) throw new Error('there is nothing to merge');
  const rows = merged.reduce((sum, part) => sum + part.rows, 0);
  if (facts.rows !== rows) throw new Error(`the files hold ${facts.rows} records instead of ${rows}`);
  const path = partPath(sequence, facts.firstStoredS);
  const fileBytes = await writeFile(context, from, path, rows);
  const part: SealedPart = {
    ...facts,
    sequence,
    path,
    fileBytes,
    storedDay: first.storedDay,
    minutes: first.minutes,
    hours: first.hours,
  };
  try {
    await transaction(connection, [
      `DELETE FROM flow_parts WHERE sequence IN (${merged.map((old) => old.sequence).join(', ')})`,
      insertPart(part),
    ]);
  } catch (error) {
    await files.remove(path).catch(() => undefined);
    throw error;
  }
  reached('committed');
  return part;
}
