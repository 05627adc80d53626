import { join } from 'node:path';
import type { HotTable, SealedPart } from './manifest.js';
import type { LiveSource } from './sources.js';
import { valueBefore, wantedColumns } from './schema.js';

/** Tables and parts; of a SourceSet those that are to be read. */
export interface Stored {
  hot: readonly HotTable[];
  parts: readonly SealedPart[];
  directory: string;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Column names as a SELECT list; what the file does not have reads as valueBefore says. */
const selection = (names: readonly string[], present: ReadonlySet<string>): string =>
  wantedColumns
    .filter(({ name }) => names.includes(name))
    .map((column) =>
      present.has(column.name)
        ? column.name
        : `${valueBefore(column)}::${column.type.toString()} AS ${column.name}`,
    )
    .join(', ');

/**
 * The stored records of tables and parts as one relation, in parentheses: `FROM ${records(…)} AS r`. Filters and column
 * choices reach into it. `names` are columns of the field table or stored_at_s, all by default.
 */
export function records(
  { hot, parts, directory }: Stored,
  names: readonly string[] = wantedColumns.map(({ name }) => name),
): string {
  const every = new Set(wantedColumns.map(({ name }) => name));
  const tables = hot.map(({ table }) => `SELECT ${selection(names, every)} FROM ${table}`);
  const byColumns = new Map<string, SealedPart[]>();
  for (const part of parts) {
    const key = part.columns.join();
    byColumns.set(key, [...(byColumns.get(key) ?? []), part]);
  }
  const files = [...byColumns.values()].map((alike) => {
    const paths = alike.map(({ path }) => quoted(join(directory, path)));
    const present = new Set(alike[0]?.columns);
    return `SELECT ${selection(names, present)} FROM read_parquet([${paths.join(', ')}])`;
  });
  const all = [...tables, ...files];
  if (all.length > 0) return `(${all.join(' UNION ALL ')})`;
  const nothing = wantedColumns
    .filter(({ name }) => names.includes(name))
    .map(({ name, type }) => `NULL::${type.toString()} AS ${name}`);
  return `(SELECT ${nothing.join(', ')} WHERE false)`;
}

/** Identities (flow_id, record_index) of the records that can have been stored since the snapshot of live flows. */
export function recordsSince(stored: Stored, { fromSequence }: LiveSource): string {
  const since = ({ sequence }: { sequence: number }): boolean => sequence >= fromSequence;
  return records({ ...stored, hot: stored.hot.filter(since), parts: stored.parts.filter(since) }, [
    'flow_id',
    'record_index',
  ]);
}
