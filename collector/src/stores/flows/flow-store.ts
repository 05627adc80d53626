import type { FlowRecord } from '@wireglass/native';
import type { FilterNode } from '../../model/filter.js';
import type { AggregateAnswer, AggregateQuery, ValuesAnswer, ValuesQuery } from './flow-aggregate.js';

/** What to read: live flows, stored records, or both as one. */
export type FlowScope = 'live' | 'stored' | 'all';

export interface FlowQuery {
  scope: FlowScope;
  filter?: FilterNode;
  /** records that were active within the range, both ends included */
  fromNs?: bigint;
  toNs?: bigint;
  sort: { field: keyof FlowRecord; descending: boolean };
  /** 1 to 1 000 */
  limit: number;
  /** as a page before gave it; refused with code `bad_cursor` when it belongs to another query */
  cursor?: string;
}

export interface FlowPage {
  flows: FlowRecord[];
  /** null: that was the last page */
  nextCursor: string | null;
}

export interface FlowStoreStats {
  /** records that are there: hotRows and sealedRows */
  rowsStored: number;
  /** in the database, not yet in a file of their own */
  hotRows: number;
  sealedFiles: number;
  sealedRows: number;
  sealedBytes: number;
  /** so long the oldest table that is to become a file has waited for it */
  sealingLagS: number;
  /** that retention has removed since the start */
  rowsRemoved: number;
  batchesWaiting: number;
  rowsLost: number;
  /** of the database and of the files */
  fileBytes: number;
  queries: FlowQueryCounters;
  lastError: string | null;
}

/** Queries that sum up, and what became of those that got no answer. */
export interface FlowQueryCounters {
  running: number;
  waiting: number;
  refused: number;
  timedOut: number;
  cancelled: number;
}

/** Keeps flow records and answers queries over them and over the live cache. */
export interface FlowStore {
  /** Returns when all that the engine handed over is stored durably. */
  flush(): Promise<void>;
  query(query: FlowQuery): Promise<FlowPage>;
  /**
   * Sums by groups and intervals. Errors: `bad_request`, `query_limit`, `query_timeout`, `too_many_queries`,
   * `query_cancelled` (signal), `store_failed`.
   */
  aggregate(query: AggregateQuery, signal?: AbortSignal): Promise<AggregateAnswer>;
  /** Values that a field has. Errors as of aggregate(). */
  values(query: ValuesQuery, signal?: AbortSignal): Promise<ValuesAnswer>;
  stats(): Promise<FlowStoreStats>;
}
