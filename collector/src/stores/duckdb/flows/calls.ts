import type {
  AggregateAnswer,
  AggregateQuery,
  ValuesAnswer,
  ValuesQuery,
} from '../../flows/flow-aggregate.js';
import type { FlowPage, FlowQuery, FlowStoreStats } from '../../flows/flow-store.js';

/** Settings of the part that keeps flow records. */
export interface FlowSettings {
  /** of the files of sealed parts */
  directory: string;
  commitIntervalMs: number;
  upkeepIntervalMs: number;
  maxWaitingRows: number;
  sealAgeS: number;
  sealRows: number;
  compactBytes: number;
  retentionS: number;
  maxTotalBytes: number;
  topValues: number;
  cubeRows: number;
  minuteRetentionS: number;
  hourRetentionS: number;
  queries: QuerySettings;
}

/** Bounds of queries that sum up. */
export interface QuerySettings {
  maxRunning: number;
  maxWaiting: number;
  timeoutMs: number;
}

export interface FlowCalls {
  'flows.query': { argument: FlowQuery; result: FlowPage };
  'flows.aggregate': { argument: AggregateQuery; result: AggregateAnswer };
  'flows.values': { argument: ValuesQuery; result: ValuesAnswer };
  'flows.flush': { argument: null; result: null };
  'flows.stats': { argument: null; result: FlowStoreStats };
}
