import type { DuckDBConnection } from '@duckdb/node-api';
import { transaction } from '../transaction.js';
import type { SealedPart } from './manifest.js';
import { cubeTable, topTable } from './rollup-tables.js';

export interface RetentionLimits {
  retentionS: number;
  maxTotalBytes: number;
}

/** Why the records of a part were removed. */
export type RemovalReason = 'age' | 'space' | 'missing' | 'damaged';

export interface Removal {
  part: SealedPart;
  reason: RemovalReason;
}

/** Parts whose records are to go: those too old, then the oldest until what is kept fits. `otherBytes` is not in parts. */
export function removals(
  parts: readonly SealedPart[],
  { retentionS, maxTotalBytes }: RetentionLimits,
  otherBytes: number,
  nowS: number,
): Removal[] {
  const there = parts.filter(({ records }) => records);
  const old = there.filter(({ lastStoredS }) => lastStoredS < nowS - retentionS);
  const young = there
    .filter((part) => !old.includes(part))
    .sort((a, b) => a.firstStoredS - b.firstStoredS || a.sequence - b.sequence);
  let total = otherBytes + young.reduce((sum, { fileBytes }) => sum + fileBytes, 0);
  const crowded: SealedPart[] = [];
  for (const part of young) {
    if (total <= maxTotalBytes) break;
    crowded.push(part);
    total -= part.fileBytes;
  }
  return [
    ...old.map((part) => ({ part, reason: 'age' as const })),
    ...crowded.map((part) => ({ part, reason: 'space' as const })),
  ];
}

/** Marks parts whose records are no more, in one transaction. */
export async function markRemoved(
  connection: DuckDBConnection,
  removed: readonly Removal[],
  nowS: number,
): Promise<void> {
  const reasons = [...new Set(removed.map(({ reason }) => reason))];
  const sequences = (reason: RemovalReason): string =>
    removed
      .filter((removal) => removal.reason === reason)
      .map(({ part }) => part.sequence)
      .join(', ');
  await transaction(
    connection,
    reasons.map(
      (reason) =>
        `UPDATE flow_parts SET records = false, removed_at_s = ${Math.floor(nowS)}, removed_because = '${reason}'
         WHERE sequence IN (${sequences(reason)})`,
    ),
  );
}

/** Days whose roll-ups are older than that, of which there are any; a day ends 24 h after its begin. */
const lastDayOut = (nowS: number, retentionS: number): number => Math.floor((nowS - retentionS) / 86_400) - 1;

/** Removes roll-ups by whole days, and parts of which nothing is left from the manifest. True when any went. */
export async function removeOldRollups(
  connection: DuckDBConnection,
  parts: readonly SealedPart[],
  { minuteRetentionS, hourRetentionS }: { minuteRetentionS: number; hourRetentionS: number },
  nowS: number,
): Promise<boolean> {
  const minuteDay = lastDayOut(nowS, minuteRetentionS);
  const hourDay = lastDayOut(nowS, hourRetentionS);
  const statements: string[] = [];
  if (parts.some(({ minutes, storedDay }) => minutes && storedDay <= minuteDay)) {
    statements.push(
      `DELETE FROM ${cubeTable('minute')} WHERE stored_day <= ${minuteDay}`,
      `DELETE FROM ${topTable('minute')} WHERE stored_day <= ${minuteDay}`,
      `UPDATE flow_parts SET minutes = false WHERE minutes AND stored_day <= ${minuteDay}`,
    );
  }
  if (parts.some(({ hours, storedDay }) => hours && storedDay <= hourDay)) {
    statements.push(
      `DELETE FROM ${cubeTable('hour')} WHERE stored_day <= ${hourDay}`,
      `DELETE FROM ${topTable('hour')} WHERE stored_day <= ${hourDay}`,
      `UPDATE flow_parts SET hours = false WHERE hours AND stored_day <= ${hourDay}`,
    );
  }
  if (statements.length === 0) return false;
  statements.push('DELETE FROM flow_parts WHERE NOT records AND NOT minutes AND NOT hours');
  await transaction(connection, statements);
  return true;
}
