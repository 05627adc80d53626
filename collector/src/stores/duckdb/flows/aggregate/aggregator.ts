import type { DuckDBConnection } from '@duckdb/node-api';
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
import type { FlowSources, LiveSource, SourceSet } from '../sources.js';
import { fieldValues } from './field-values.js';
import { piecesFor, recordSources } from './pieces.js';

/** Answers queries that sum up, on connections of its own. */
export class Aggregator {
  private readonly turns: Turns;

  private constructor(
    private readonly sources: FlowSources,
    connections: readonly Connection[],
    { maxWaiting, timeoutMs }: QuerySettings,
  ) {
    this.turns = new Turns(
      connections.map(({ api }) => api),
      { maxWaiting, timeoutMs },
    );
  }

  static async open(
    database: EmbeddedDatabase,
    sources: FlowSources,
    settings: QuerySettings,
  ): Promise<Aggregator> {
    const connections = Array.from({ length: settings.maxRunning }, () => database.connect());
    return new Aggregator(sources, await Promise.all(connections), settings);
  }

  counters(): TurnCounters {
    return this.turns.counters();
  }

  aggregate(query: AggregateQuery, live: LiveSource | null, signal: AbortSignal): Promise<AggregateAnswer> {
    return this.read(query, signal, (connection, sources) =>
      new Aggregation(connection, query, piecesFor(query, sources, live)).answer(),
    );
  }

  values(query: ValuesQuery, live: LiveSource | null, signal: AbortSignal): Promise<ValuesAnswer> {
    return this.read(query, signal, (connection, sources) =>
      fieldValues(connection, query, recordSources(sources, live)),
    );
  }

  private read<Result>(
    { fromNs, toNs }: { fromNs: bigint; toNs: bigint },
    signal: AbortSignal,
    use: (connection: DuckDBConnection, sources: SourceSet) => Promise<Result>,
  ): Promise<Result> {
    return this.turns.run(
      (connection) => this.sources.lease(connection, { fromNs, toNs }, (sources) => use(connection, sources)),
      signal,
    );
  }

  close(): void {
    this.turns.close();
  }
}
