import type { FlowPage, FlowQuery, FlowStoreStats } from '../../flows/flow-store.js';

/** Settings of the part that keeps flow records. */
export interface FlowSettings {
  commitIntervalMs: number;
  maxWaitingRows: number;
  retentionS: number;
}

export interface FlowCalls {
  'flows.query': { argument: FlowQuery; result: FlowPage };
  'flows.flush': { argument: null; result: null };
  'flows.stats': { argument: null; result: FlowStoreStats };
}
