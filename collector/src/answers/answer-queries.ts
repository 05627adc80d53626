import { AppError, errorCode, errorMessage, errorTable } from '../model/errors.js';
import { frameJson, type FrameJson } from './frame.js';
import type { AnswerContext } from './query-type.js';
import { readQuery, refIdOf } from './request.js';

/** The answer to one query, as Grafana's SDK decodes it: no other keys. */
export interface QueryResult {
  status: number;
  error?: string;
  errorSource?: 'downstream' | 'plugin';
  frames: FrameJson[];
}

export interface QueryResults {
  results: Record<string, QueryResult>;
}

export type QueriesContext = Omit<AnswerContext, 'suggestedIntervalMs' | 'maxDataPoints'> & {
  /** told of what is the service's own fault */
  onFailure: (error: unknown) => void;
};

/** Errors that everything is asked to end for: nobody is there to read the rest. */
const endsAll = (error: unknown): boolean => errorCode(error) === 'query_cancelled';

function resultOf(error: unknown, onFailure: QueriesContext['onFailure']): QueryResult {
  const code = errorCode(error);
  const native = (error as { name?: unknown } | null)?.name === 'NativeError';
  if (code === 'internal_error' && !native) {
    onFailure(error);
    return {
      status: 500,
      error: 'the service failed to answer; its log says why',
      errorSource: 'downstream',
      frames: [],
    };
  }
  const { status } = errorTable[code];
  return { status, error: errorMessage(error), errorSource: 'downstream', frames: [] };
}

async function answerOne(given: unknown, refId: string, context: QueriesContext): Promise<QueryResult> {
  try {
    const { type, query, suggestedIntervalMs, maxDataPoints } = readQuery(given, refId);
    const frames = await type.answer(query, { ...context, suggestedIntervalMs, maxDataPoints });
    return { status: 200, frames: frames.map((frame) => frameJson(frame, refId)) };
  } catch (error) {
    if (endsAll(error)) throw error;
    return resultOf(error, context.onFailure);
  }
}

/**
 * Answers queries one after the other, each for itself: what is wrong with one does not touch the others. Throws
 * `query_cancelled`, and `bad_request` where two queries have one name.
 */
export async function answerQueries(
  queries: readonly unknown[],
  context: QueriesContext,
): Promise<QueryResults> {
  const names = queries.map(refIdOf);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new AppError('bad_request', {
      reason: `body: two queries have the refId ${JSON.stringify(twice)}`,
    });
  }
  const results: [string, QueryResult][] = [];
  for (const [index, query] of queries.entries()) {
    const name = names[index] ?? '';
    results.push([name, await answerOne(query, name, context)]);
  }
  // a name such as __proto__ is a name here
  return { results: Object.fromEntries(results) };
}
