import { AppError } from '../model/errors.js';

/** A `bad_filter` error; `offset` counts from 0, the column that people see from 1. */
export function mistake(offset: number, reason: string, more: Record<string, unknown> = {}): AppError {
  return new AppError('bad_filter', { column: offset + 1, reason, ...more });
}
