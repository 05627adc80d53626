import type { DuckDBConnection } from '@duckdb/node-api';
import type { SourceRange } from './sources.js';

/**
 * Where a flow record is: in exactly one of a hot table (a table of the database, rows are appended and never changed), a
 * sealed part (a Parquet file, never changed), or (flows that have not ended) the snapshot of the live cache. A hot table
 * becomes a sealed part in one transaction, which also adds its sums to the roll-ups (rollup-tables.ts); small parts
 * become one larger part in one transaction, too.
 */
export interface HotTable {
  table: string;
  sequence: number;
  /** seconds since 1970 */
  begunAtS: number;
}

export interface SealedPart {
  /** as the hot table had it; a part made of others has one of its own */
  sequence: number;
  /** relative to the directory of records */
  path: string;
  rows: number;
  /** of the file */
  fileBytes: number;
  minStartNs: bigint;
  maxStartNs: bigint;
  minEndNs: bigint;
  maxEndNs: bigint;
  /** when the first and the last record came into the store, seconds since 1970 */
  firstStoredS: number;
  lastStoredS: number;
  /** the day, since 1970 and UTC, in which the part was begun */
  storedDay: number;
  bytes: bigint;
  revBytes: bigint;
  packets: bigint;
  revPackets: bigint;
  /** columns of the file; those that a later version added are missing */
  columns: readonly string[];
  /** whether its records are still there; else when and why they went */
  records: boolean;
  removedAtS: number | null;
  removedBecause: string | null;
  /** whether its sums per minute, and per hour, are still there */
  minutes: boolean;
  hours: boolean;
}

export const hotTableName = (sequence: number): string => `flows_${sequence}`;

/** In the order of the columns of flow_parts. */
const partColumns = [
  ['sequence', 'UBIGINT NOT NULL'],
  ['path', 'VARCHAR NOT NULL'],
  ['row_count', 'UBIGINT NOT NULL'],
  ['file_bytes', 'UBIGINT NOT NULL'],
  ['min_start_ns', 'BIGINT NOT NULL'],
  ['max_start_ns', 'BIGINT NOT NULL'],
  ['min_end_ns', 'BIGINT NOT NULL'],
  ['max_end_ns', 'BIGINT NOT NULL'],
  ['first_stored_s', 'UINTEGER NOT NULL'],
  ['last_stored_s', 'UINTEGER NOT NULL'],
  ['stored_day', 'UINTEGER NOT NULL'],
  ['bytes', 'HUGEINT NOT NULL'],
  ['rev_bytes', 'HUGEINT NOT NULL'],
  ['packets', 'HUGEINT NOT NULL'],
  ['rev_packets', 'HUGEINT NOT NULL'],
  ['columns', 'VARCHAR NOT NULL'],
  ['records', 'BOOLEAN NOT NULL'],
  ['removed_at_s', 'UINTEGER'],
  ['removed_because', 'VARCHAR'],
  ['minutes', 'BOOLEAN NOT NULL'],
  ['hours', 'BOOLEAN NOT NULL'],
] as const;

/** DDL of the manifest: which hot tables there are, and which parts. */
export const createManifest: readonly string[] = [
  'CREATE TABLE IF NOT EXISTS flow_hot (sequence UBIGINT NOT NULL, begun_at_s UINTEGER NOT NULL)',
  `CREATE TABLE IF NOT EXISTS flow_parts (${partColumns.map((column) => column.join(' ')).join(', ')})`,
];

export async function hotTables(connection: DuckDBConnection): Promise<HotTable[]> {
  const reader = await connection.runAndReadAll(
    'SELECT sequence, begun_at_s FROM flow_hot ORDER BY sequence',
  );
  return reader.getRows().map(([sequence, begunAtS]) => ({
    table: hotTableName(Number(sequence)),
    sequence: Number(sequence),
    begunAtS: Number(begunAtS),
  }));
}

type Cell = bigint | number | string | boolean | null;

function partOf(row: readonly Cell[]): SealedPart {
  const cells = Object.fromEntries(partColumns.map(([name], index) => [name, row[index] ?? null]));
  const number = (name: string): number => Number(cells[name]);
  const big = (name: string): bigint => BigInt(cells[name] as bigint);
  return {
    sequence: number('sequence'),
    path: String(cells['path']),
    rows: number('row_count'),
    fileBytes: number('file_bytes'),
    minStartNs: big('min_start_ns'),
    maxStartNs: big('max_start_ns'),
    minEndNs: big('min_end_ns'),
    maxEndNs: big('max_end_ns'),
    firstStoredS: number('first_stored_s'),
    lastStoredS: number('last_stored_s'),
    storedDay: number('stored_day'),
    bytes: big('bytes'),
    revBytes: big('rev_bytes'),
    packets: big('packets'),
    revPackets: big('rev_packets'),
    columns: String(cells['columns']).split(','),
    records: cells['records'] === true,
    removedAtS: cells['removed_at_s'] === null ? null : number('removed_at_s'),
    removedBecause: cells['removed_because'] as string | null,
    minutes: cells['minutes'] === true,
    hours: cells['hours'] === true,
  };
}

/** Every part of the manifest by its sequence, those whose records went included. */
export async function parts(connection: DuckDBConnection): Promise<SealedPart[]> {
  const names = partColumns.map(([name]) => name).join(', ');
  const reader = await connection.runAndReadAll(`SELECT ${names} FROM flow_parts ORDER BY sequence`);
  return reader.getRows().map((row) => partOf(row as unknown as Cell[]));
}

/** Whether a part can have records that touch the range. */
export const touching = ({ minStartNs, maxEndNs }: SealedPart, { fromNs, toNs }: SourceRange): boolean =>
  (fromNs === undefined || maxEndNs >= fromNs) && (toNs === undefined || minStartNs <= toNs);

/** INSERT of a part. */
export function insertPart(part: SealedPart): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const values: Record<(typeof partColumns)[number][0], string | number | bigint | boolean> = {
    sequence: part.sequence,
    path: quoted(part.path),
    row_count: part.rows,
    file_bytes: part.fileBytes,
    min_start_ns: part.minStartNs,
    max_start_ns: part.maxStartNs,
    min_end_ns: part.minEndNs,
    max_end_ns: part.maxEndNs,
    first_stored_s: part.firstStoredS,
    last_stored_s: part.lastStoredS,
    stored_day: part.storedDay,
    bytes: part.bytes,
    rev_bytes: part.revBytes,
    packets: part.packets,
    rev_packets: part.revPackets,
    columns: quoted(part.columns.join(',')),
    records: part.records,
    removed_at_s: part.removedAtS ?? 'NULL',
    removed_because: part.removedBecause === null ? 'NULL' : quoted(part.removedBecause),
    minutes: part.minutes,
    hours: part.hours,
  };
  return `INSERT INTO flow_parts VALUES (${partColumns.map(([name]) => String(values[name])).join(', ')})`;
}
