import type { Connection } from '../database.js';
import { storedAtColumn } from './schema.js';

/** Rows that one step removes, so that no step holds up commits for long. */
export const rowsPerStep = 20_000;

/**
 * Removes a step's worth of rows that were stored before `beforeS` (seconds since 1970). Returns how many; fewer than
 * `rowsPerStep` means that none is left.
 */
export async function removeExpired(connection: Connection, beforeS: number): Promise<number> {
  const before = Math.max(0, Math.trunc(beforeS));
  const result = await connection.api.run(
    `DELETE FROM flows WHERE rowid IN (SELECT rowid FROM flows WHERE ${storedAtColumn} < ${before} LIMIT ${rowsPerStep})`,
  );
  return result.rowsChanged;
}
