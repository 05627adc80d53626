import { createHash } from 'node:crypto';
import type { RecordColumn } from '../../../model/columns.js';
import { AppError } from '../../../model/errors.js';
import type { FlowQuery } from '../../flows/flow-store.js';

const maxCursorLength = 2_048;

/** The sort key of a row: its values in the columns that it is sorted by. */
export type CursorKey = readonly (bigint | string)[];

/** What identifies a query apart from page and size. */
function queryHash({ scope, filter, fromNs, toNs, sort }: FlowQuery): string {
  const text = JSON.stringify(
    [scope, filter ?? null, fromNs ?? null, toNs ?? null, sort.field, sort.descending],
    (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value),
  );
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

/** The sort key of the last row of a page, as an opaque text that only the same query takes back. */
export function encodeCursor(query: FlowQuery, key: CursorKey): string {
  return Buffer.from(JSON.stringify([1, queryHash(query), ...key.map(String)])).toString('base64url');
}

/** The sort key out of a cursor. Throws `bad_cursor` when it is damaged or of another query. */
export function decodeCursor(query: FlowQuery, cursor: string, columns: readonly RecordColumn[]): CursorKey {
  const refuse = (reason: string): AppError => new AppError('bad_cursor', { reason });
  let parts: unknown = null;
  if (cursor.length <= maxCursorLength) {
    try {
      parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    } catch {
      parts = null;
    }
  }
  if (!Array.isArray(parts) || parts[0] !== 1 || parts.length < 2) {
    throw refuse('this is no cursor: take next_cursor of the page before as it is');
  }
  const [, hash, ...key] = parts as unknown[];
  if (hash !== queryHash(query)) {
    throw refuse(
      'the cursor belongs to another query: filter, sort, scope and time range must be those of the page before',
    );
  }
  const fits = (part: unknown, { type }: RecordColumn): part is string =>
    typeof part === 'string' && (type === 'string' || /^-?\d{1,20}$/.test(part));
  return columns.map((column, index) => {
    const part = key[index];
    if (key.length !== columns.length || !fits(part, column)) throw refuse('the cursor is damaged');
    return column.type === 'string' ? part : BigInt(part);
  });
}
