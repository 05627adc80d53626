import type {
  AggregateAnswer,
  AggregateQuery,
  ValuesAnswer,
  ValuesQuery,
} from '../../flows/flow-aggregate.js';
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

  aggregate(query: AggregateQuery, signal?: AbortSignal): Promise<AggregateAnswer> {
    return this.call('flows.aggregate', query, signal);
  }

  values(query: ValuesQuery, signal?: AbortSignal): Promise<ValuesAnswer> {
    return this.call('flows.values', query, signal);
  }

  stats(): Promise<FlowStoreStats> {
    return this.call('flows.stats', null);
  }
}
