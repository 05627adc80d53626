import type { FlowPage, FlowQuery, FlowStore, FlowStoreStats } from '../../flows/flow-store.js';
import type { CallWorker } from '../messages.js';
import type { FlowCalls } from './calls.js';

/** Flow records in the stores' worker. */
export class WorkerFlowStore implements FlowStore {
  constructor(private readonly call: CallWorker<FlowCalls>) {}

  async flush(): Promise<void> {
    await this.call('flows.flush', null);
  }

  query(query: FlowQuery): Promise<FlowPage> {
    return this.call('flows.query', query);
  }

  stats(): Promise<FlowStoreStats> {
    return this.call('flows.stats', null);
  }
}
