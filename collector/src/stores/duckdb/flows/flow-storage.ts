import type { DuckDBConnection } from '@duckdb/node-api';
import type { FlowBatch } from '@wireglass/native';
import { AppError, errorMessage } from '../../../model/errors.js';
import type {
  AggregateAnswer,
  AggregateQuery,
  ValuesAnswer,
  ValuesQuery,
} from '../../flows/flow-aggregate.js';
import type { FlowPage, FlowQuery, FlowStoreStats } from '../../flows/flow-store.js';
import { isFatal, type Connection, type EmbeddedDatabase } from '../database.js';
import type { DatabaseHost, DatabaseUser } from '../database-host.js';
import type { StoreLog } from '../messages.js';
import { Aggregator } from './aggregate/aggregator.js';
import { aggregateFields, valuesFields } from './aggregate/live-fields.js';
import type { FlowSettings } from './calls.js';
import { LiveFlows, type SnapshotSource } from './live-flows.js';
import { pageFields } from './page-sql.js';
import { FlowReader } from './reader.js';
import { prepareFlows } from './schema.js';
import type { SealPoint } from './seal.js';
import { FlowSources, type SourceRange, type SourceSet } from './sources.js';
import { Upkeep } from './upkeep.js';
import { FlowWriter } from './writer.js';

const noQueries = { running: 0, waiting: 0, refused: 0, timedOut: 0, cancelled: 0 };

/** The connections on an open file. */
interface Session {
  database: EmbeddedDatabase;
  write: Connection;
  lively: Connection;
  reader: FlowReader;
  aggregator: Aggregator;
  live: LiveFlows;
}

/** The store within its thread: writing, reading, upkeep, and opening the file again when the engine gave it up. */
export class FlowStorage implements DatabaseUser {
  readonly sources: FlowSources;
  readonly upkeep: Upkeep;
  private writer: FlowWriter | null = null;
  private current: Session | null = null;
  private readonly timers: NodeJS.Timeout[] = [];
  private recovering: Promise<boolean> | null = null;
  private reported: string | null = null;

  private constructor(
    private readonly host: DatabaseHost,
    private readonly settings: FlowSettings,
    private readonly engine: SnapshotSource,
    private readonly log: StoreLog,
    reached?: (point: SealPoint) => void,
  ) {
    this.sources = new FlowSources(settings.directory);
    this.upkeep = new Upkeep(settings, this.sources, host.path, log, () => void this.recover(), reached);
  }

  /** `reached` hears how far sealing has come. Throws `store_incompatible` or `store_failed`. */
  static async open(
    host: DatabaseHost,
    settings: FlowSettings,
    engine: SnapshotSource,
    log: StoreLog,
    reached?: (point: SealPoint) => void,
  ): Promise<FlowStorage> {
    const storage = new FlowStorage(host, settings, engine, log, reached);
    await host.attach(storage);
    storage.timers.push(setInterval(() => void storage.commit(), settings.commitIntervalMs));
    storage.timers.push(setInterval(() => void storage.upkeep.run(), settings.upkeepIntervalMs));
    return storage;
  }

  async opened(database: EmbeddedDatabase): Promise<void> {
    const { hot, nextSequence } = await prepareFlows(database);
    const current = hot.at(-1);
    if (current === undefined) throw new Error('no hot table was prepared');
    const lively = await database.connect();
    const session: Session = {
      database,
      write: await database.connect(),
      lively,
      reader: await FlowReader.open(database, this.sources),
      aggregator: await Aggregator.open(database, this.sources, this.settings.queries),
      live: new LiveFlows(
        this.engine,
        lively,
        () => this.commit(),
        () => this.upkeep.currentSequence,
      ),
    };
    this.current = session;
    const { upkeep } = this;
    if (this.writer === null) {
      this.writer = new FlowWriter(session.write, current, this.settings.maxWaitingRows, (table, rows) =>
        upkeep.added(table, rows),
      );
    } else this.writer.attach(session.write, current);
    await upkeep.opened(database, this.writer, hot, nextSequence);
  }

  closing(): void {
    this.upkeep.closing();
    if (this.current === null) return;
    const { write, lively, reader, aggregator, live } = this.current;
    this.current = null;
    live.close();
    reader.close();
    aggregator.close();
    for (const connection of [write, lively]) connection.api.closeSync();
  }

  /** Takes what the engine hands over; a promise where whoever can wait shall. */
  offer(batch: FlowBatch): Promise<void> | null {
    if (batch.kind !== 'snapshot') return this.writing.offer(batch);
    this.current?.live.offer(batch);
    return null;
  }

  /** Commits what waits, or sets about what keeps it from being committed. */
  async commit(): Promise<void> {
    if (!(await this.writing.commit())) await this.recover();
    this.report();
  }

  /** Returns when all that was offered is committed. Throws `store_failed` when the disk does not take it. */
  async flush(): Promise<void> {
    if ((await this.writing.commit()) || (await this.recover())) return;
    throw new AppError('store_failed', {
      reason: `records are not stored: ${this.writing.stats().lastError}`,
    });
  }

  async query(query: FlowQuery): Promise<FlowPage> {
    const { reader, live } = this.session;
    if (query.scope === 'stored') return reader.page(query, null);
    return live.with(pageFields(query), (source) => reader.page(query, source));
  }

  async aggregate(query: AggregateQuery, signal: AbortSignal): Promise<AggregateAnswer> {
    const { aggregator, live } = this.session;
    return live.with(aggregateFields(query), (source) => aggregator.aggregate(query, source, signal));
  }

  async values(query: ValuesQuery, signal: AbortSignal): Promise<ValuesAnswer> {
    const { aggregator, live } = this.session;
    return live.with(valuesFields(query), (source) => aggregator.values(query, source, signal));
  }

  /** Runs `use` with one state of all that is stored. */
  async read<Result>(
    range: SourceRange,
    use: (connection: DuckDBConnection, sources: SourceSet) => Promise<Result>,
  ): Promise<Result> {
    const { api } = await this.session.database.connect();
    try {
      return await this.sources.lease(api, range, (sources) => use(api, sources));
    } finally {
      api.closeSync();
    }
  }

  stats(): FlowStoreStats {
    const { batchesWaiting, rowsLost, lastError } = this.writing.stats();
    const upkeep = this.upkeep.stats();
    // the figures tell of a file that is being opened again, too
    const queries = this.current?.aggregator.counters() ?? noQueries;
    return { ...upkeep, batchesWaiting, rowsLost, queries, lastError: lastError ?? upkeep.lastError };
  }

  /** Commits and merges the write-ahead log. */
  async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.upkeep.stop();
    await this.flush();
    await this.session.write.api.run('CHECKPOINT');
  }

  /** One attempt at a time; true when all is stored. */
  private recover(): Promise<boolean> {
    this.recovering ??= this.tryToRecover().finally(() => {
      this.recovering = null;
      this.report();
    });
    return this.recovering;
  }

  private async tryToRecover(): Promise<boolean> {
    try {
      if (this.writing.fatal || this.upkeep.isFatal || this.current === null) await this.reopen();
      return await this.writing.recover();
    } catch (error) {
      // reading failed fatally, too: the next attempt opens the file again
      if (isFatal(error)) this.host.close();
      else this.log('error', errorMessage(error));
      return false;
    }
  }

  private async reopen(): Promise<void> {
    this.log('warn', `the flow store is opened again after: ${this.stats().lastError}`);
    await this.host.reopen(this.current?.database ?? null);
  }

  private get session(): Session {
    if (this.current === null)
      throw new AppError('store_not_running', { reason: 'the database is being opened again' });
    return this.current;
  }

  private get writing(): FlowWriter {
    if (this.writer === null) throw new Error('FlowStorage was not attached');
    return this.writer;
  }

  /** Says once that storing fails, and once that it works again. */
  private report(): void {
    const { lastError } = this.writing.stats();
    if (lastError === this.reported) return;
    if (lastError !== null) this.log('error', `flow records wait in memory, storing failed: ${lastError}`);
    else this.log('info', 'flow records are stored again');
    this.reported = lastError;
  }
}
