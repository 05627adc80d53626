import type {
  AggregateAnswer,
  AggregateQuery,
  ValuesAnswer,
  ValuesQuery,
} from '../../../flows/flow-aggregate.js';
import type { Connection, EmbeddedDatabase } from '../../database.js';
import type { QuerySettings } from '../calls.js';
import { Turns, type TurnCounters } from '../../turns.js';
import { Aggregation } from './aggregation.js';
import { isEmpty, recordCells, type RecordSources } from './cells-sql.js';
import { fieldValues } from './field-values.js';

/** Answers queries that sum up, on connections of its own. */
export class Aggregator {
  private readonly turns: Turns;

  private constructor(connections: readonly Connection[], { maxWaiting, timeoutMs }: QuerySettings) {
    this.turns = new Turns(
      connections.map(({ api }) => api),
      { maxWaiting, timeoutMs },
    );
  }

  static async open(database: EmbeddedDatabase, settings: QuerySettings): Promise<Aggregator> {
    const connections = Array.from({ length: settings.maxRunning }, () => database.connect());
    return new Aggregator(await Promise.all(connections), settings);
  }

  counters(): TurnCounters {
    return this.turns.counters();
  }

  async aggregate(
    query: AggregateQuery,
    sources: RecordSources,
    signal: AbortSignal,
  ): Promise<AggregateAnswer> {
    const pieces = isEmpty(sources)
      ? []
      : [{ resolution: 'record' as const, cells: recordCells.bind(null, sources) }];
    return this.turns.run(
      (connection) => new Aggregation(connection, query, { pieces, expired: [] }).answer(),
      signal,
    );
  }

  async values(query: ValuesQuery, sources: RecordSources, signal: AbortSignal): Promise<ValuesAnswer> {
    return this.turns.run((connection) => fieldValues(connection, query, sources), signal);
  }

  close(): void {
    this.turns.close();
  }
}
