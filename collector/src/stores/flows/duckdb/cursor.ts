import { createHash } from 'node:crypto';
import { AppError } from '../../../model/errors.js';
import type { FlowQuery } from '../flow-store.js';

const maxCursorLength = 1_024;

/** What identifies a query apart from page and size. */
function queryHash({ scope, filter, fromNs, toNs, sort }: FlowQuery): string {
  const text = JSON.stringify(
    [scope, filter ?? null, fromNs ?? null, toNs ?? null, sort.field, sort.descending],
    (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value),
  );
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

/** The sort key of the last row of a page, as an opaque text that only the same query takes back. */
export function encodeCursor(query: FlowQuery, key: readonly bigint[]): string {
  return Buffer.from(JSON.stringify([1, queryHash(query), ...key.map(String)])).toString('base64url');
}

/** The sort key out of a cursor. Throws `bad_cursor` when it is damaged or of another query. */
export function decodeCursor(query: FlowQuery, cursor: string, keyLength: number): bigint[] {
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
  const valid =
    key.length === keyLength && key.every((part) => typeof part === 'string' && /^-?\d{1,20}$/.test(part));
  if (!valid) throw refuse('the cursor is damaged');
  return (key as string[]).map(BigInt);
}
