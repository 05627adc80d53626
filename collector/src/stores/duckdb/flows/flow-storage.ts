import type { FlowBatch } from '@wireglass/native';
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
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
import type { TableColumn } from '../tables.js';
import { Aggregator } from './aggregate/aggregator.js';
import type { RecordSources } from './aggregate/cells-sql.js';
import type { FlowSettings } from './calls.js';
import { LiveFlows, type SnapshotSource } from './live-flows.js';
import type { LiveSource } from './page-sql.js';
import { FlowReader } from './reader.js';
import { removeExpired, rowsPerStep } from './retention.js';
import { prepareFlows } from './schema.js';
import { FlowWriter } from './writer.js';

const retentionIntervalMs = 30_000;
const retentionPauseMs = 50;

/** The connections on an open file. */
interface Session {
  database: EmbeddedDatabase;
  columns: readonly TableColumn[];
  write: Connection;
  maintain: Connection;
  lively: Connection;
  reader: FlowReader;
  aggregator: Aggregator;
  live: LiveFlows;
}

/** The store within its thread: writing, reading, retention, and opening the file again when the engine gave it up. */
export class FlowStorage implements DatabaseUser {
  private writer: FlowWriter | null = null;
  private current: Session | null = null;
  private readonly timers: NodeJS.Timeout[] = [];
  private storedBefore = 0;
  private removed = 0;
  private recovering: Promise<boolean> | null = null;
  private removing = false;
  private reported: string | null = null;

  private constructor(
    private readonly host: DatabaseHost,
    private readonly settings: FlowSettings,
    private readonly engine: SnapshotSource,
    private readonly log: StoreLog,
  ) {}

  /** Throws `store_incompatible` or `store_failed`. */
  static async open(
    host: DatabaseHost,
    settings: FlowSettings,
    engine: SnapshotSource,
    log: StoreLog,
  ): Promise<FlowStorage> {
    const storage = new FlowStorage(host, settings, engine, log);
    await host.attach(storage);
    const counted = await storage.session.maintain.api.runAndReadAll('SELECT count(*) FROM flows');
    storage.storedBefore = Number(counted.getRows()[0]?.[0]);
    storage.timers.push(setInterval(() => storage.commit(), settings.commitIntervalMs));
    storage.timers.push(setInterval(() => void storage.removeExpired(), retentionIntervalMs));
    return storage;
  }

  async opened(database: EmbeddedDatabase): Promise<void> {
    const columns = await prepareFlows(database);
    const session = await openSession(database, columns, this.settings, this.engine, () => this.commit());
    this.current = session;
    if (this.writer === null)
      this.writer = new FlowWriter(columns, session.write, this.settings.maxWaitingRows);
    else this.writer.attach(columns, session.write);
  }

  closing(): void {
    if (this.current !== null) closeSession(this.current);
    this.current = null;
  }

  /** Takes what the engine hands over. */
  offer(batch: FlowBatch): void {
    if (batch.kind === 'snapshot') this.session.live.offer(batch);
    else this.writing.offer(batch);
  }

  /** Commits what waits, or sets about what keeps it from being committed. */
  commit(): void {
    if (!this.writing.commit()) void this.recover();
    this.report();
  }

  /** Returns when all that was offered is committed. Throws `store_failed` when the disk does not take it. */
  async flush(): Promise<void> {
    if (this.writing.commit() || (await this.recover())) return;
    throw new AppError('store_failed', {
      reason: `records are not stored: ${this.writing.stats().lastError}`,
    });
  }

  async query(query: FlowQuery): Promise<FlowPage> {
    const { reader, live } = this.session;
    if (query.scope === 'stored') return reader.page(query, null);
    return live.with((source) => reader.page(query, source));
  }

  async aggregate(query: AggregateQuery, signal: AbortSignal): Promise<AggregateAnswer> {
    const { aggregator, live } = this.session;
    return live.with((source) => aggregator.aggregate(query, storedAndLive(source), signal));
  }

  async values(query: ValuesQuery, signal: AbortSignal): Promise<ValuesAnswer> {
    const { aggregator, live } = this.session;
    return live.with((source) => aggregator.values(query, storedAndLive(source), signal));
  }

  stats(): FlowStoreStats {
    const { rowsWritten, ...rest } = this.writing.stats();
    return {
      rowsStored: this.storedBefore + rowsWritten - this.removed,
      fileBytes: fileBytes(this.host.path),
      ...rest,
    };
  }

  /** Commits and merges the write-ahead log. */
  async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.flush();
    await this.session.maintain.api.run('CHECKPOINT');
  }

  /** Removes what is older than the retention time, step by step. */
  async removeExpired(): Promise<void> {
    if (this.removing || this.writing.failing) return;
    this.removing = true;
    try {
      let rows = rowsPerStep;
      while (rows === rowsPerStep) {
        rows = await removeExpired(this.session.maintain, Date.now() / 1_000 - this.settings.retentionS);
        this.removed += rows;
        if (rows === rowsPerStep) await sleep(retentionPauseMs);
      }
    } catch (error) {
      this.log('warn', `old flow records could not be removed: ${errorMessage(error)}`);
    } finally {
      this.removing = false;
    }
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
      if (this.writing.fatal || this.current === null) await this.reopen();
      return await this.writing.recover();
    } catch (error) {
      // reading failed fatally, too: the next attempt opens the file again
      if (isFatal(error)) this.host.close();
      else this.log('error', errorMessage(error));
      return false;
    }
  }

  private async reopen(): Promise<void> {
    this.log('warn', `the flow store is opened again after: ${this.writing.stats().lastError}`);
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

const storedAndLive = (live: LiveSource | null): RecordSources => ({
  stored: ['flows'],
  live,
  closedInto: ['flows'],
});

async function openSession(
  database: EmbeddedDatabase,
  columns: readonly TableColumn[],
  settings: FlowSettings,
  engine: SnapshotSource,
  commit: () => void,
): Promise<Session> {
  const [write, maintain, lively] = [
    await database.connect(),
    await database.connect(),
    await database.connect(),
  ];
  const reader = await FlowReader.open(database);
  return {
    database,
    columns,
    write,
    maintain,
    lively,
    reader,
    aggregator: await Aggregator.open(database, settings.queries),
    live: new LiveFlows(engine, lively, commit),
  };
}

function closeSession({ write, maintain, lively, reader, aggregator, live }: Session): void {
  live.close();
  reader.close();
  aggregator.close();
  for (const connection of [write, maintain, lively]) connection.api.closeSync();
}

function fileBytes(path: string): number {
  const size = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return size(path) + size(`${path}.wal`);
}
