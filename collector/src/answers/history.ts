import { AppError } from '../model/errors.js';
import type { FrameMeta } from './frame.js';
import type { AnswerContext, AnswerSources } from './query-type.js';

/** The history, and the limit checked. */
export function historyOf(
  { sources, limits }: AnswerContext,
  limit: number,
): NonNullable<AnswerSources['history']> {
  if (limit > limits.maxRows) {
    throw new AppError('query_limit', {
      reason: `limit is ${limit}; query.max_rows allows ${limits.maxRows}`,
    });
  }
  if (sources.history === null)
    throw new AppError('not_built_yet', { what: 'the history of captures and events' });
  return sources.history;
}

/** Of a table that was read to its limit. */
export const listMeta = (rows: number, more: boolean): FrameMeta => ({
  type: 'table',
  typeVersion: [0, 1],
  preferredVisualisationType: 'table',
  custom: { source: 'history', rows, cut: more },
  ...(more ? { notices: [{ severity: 'info', text: `there are more than these ${rows} entries` }] } : {}),
});
