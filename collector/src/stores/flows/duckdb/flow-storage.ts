import type { FlowBatch } from '@wireglass/native';
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, errorMessage } from '../../../model/errors.js';
import type { FlowPage, FlowQuery, FlowStoreStats } from '../flow-store.js';
import { FlowDatabase, isFatal, type Connection } from './database.js';
import { LiveFlows, type SnapshotSource } from './live-flows.js';
import type { WorkerSettings } from './messages.js';
import { FlowReader } from './reader.js';
import { removeExpired, rowsPerStep } from './retention.js';
import { FlowWriter } from './writer.js';

export type Log = (level: 'info' | 'warn' | 'error', message: string) => void;

const retentionIntervalMs = 30_000;
const retentionPauseMs = 50;

/** An open database with the connections on it. */
interface Session {
  database: FlowDatabase;
  write: Connection;
  maintain: Connection;
  lively: Connection;
  reader: FlowReader;
  live: LiveFlows;
  closed: boolean;
}

/** The store within its thread: writing, reading, retention, and opening the file again when the engine gave it up. */
export class FlowStorage {
  private readonly writer: FlowWriter;
  private readonly timers: NodeJS.Timeout[] = [];
  private storedBefore = 0;
  private removed = 0;
  private recovering: Promise<boolean> | null = null;
  private removing = false;
  private reported: string | null = null;

  private constructor(
    private readonly settings: WorkerSettings,
    private readonly engine: SnapshotSource,
    private session: Session,
    private readonly log: Log,
  ) {
    this.writer = new FlowWriter(session.database, session.write, settings.maxWaitingRows);
  }

  /** Throws `store_locked`, `store_incompatible` or `store_failed`. */
  static async open(settings: WorkerSettings, engine: SnapshotSource, log: Log): Promise<FlowStorage> {
    const holder: { storage?: FlowStorage } = {};
    const session = await openSession(settings, engine, () => void holder.storage?.commit());
    const storage = new FlowStorage(settings, engine, session, log);
    holder.storage = storage;
    const counted = await session.maintain.api.runAndReadAll('SELECT count(*) FROM flows');
    storage.storedBefore = Number(counted.getRows()[0]?.[0]);
    storage.timers.push(setInterval(() => storage.commit(), settings.commitIntervalMs));
    storage.timers.push(setInterval(() => void storage.removeExpired(), retentionIntervalMs));
    return storage;
  }

  /** Takes what the engine hands over. */
  offer(batch: FlowBatch): void {
    if (batch.kind === 'snapshot') this.session.live.offer(batch);
    else this.writer.offer(batch);
  }

  /** Commits what waits, or sets about what keeps it from being committed. */
  commit(): void {
    if (!this.writer.commit()) void this.recover();
    this.report();
  }

  /** Returns when all that was offered is committed. Throws `store_failed` when the disk does not take it. */
  async flush(): Promise<void> {
    if (this.writer.commit() || (await this.recover())) return;
    throw new AppError('store_failed', {
      reason: `records are not stored: ${this.writer.stats().lastError}`,
    });
  }

  async query(query: FlowQuery): Promise<FlowPage> {
    const { reader, live } = this.session;
    if (query.scope === 'stored') return reader.page(query, null);
    return live.with((source) => reader.page(query, source));
  }

  stats(): FlowStoreStats {
    const { rowsWritten, ...rest } = this.writer.stats();
    return {
      rowsStored: this.storedBefore + rowsWritten - this.removed,
      fileBytes: fileBytes(this.settings.path),
      ...rest,
    };
  }

  /** Commits, merges the write-ahead log and closes the file. */
  async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    try {
      await this.flush();
      await this.session.maintain.api.run('CHECKPOINT');
    } finally {
      closeSession(this.session);
    }
  }

  /** Removes what is older than the retention time, step by step. */
  async removeExpired(): Promise<void> {
    if (this.removing || this.writer.failing) return;
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
      if (this.writer.fatal || this.session.closed) await this.reopen();
      return await this.writer.recover();
    } catch (error) {
      // reading failed fatally, too: the next attempt opens the file again
      if (isFatal(error)) closeSession(this.session);
      else this.log('error', errorMessage(error));
      return false;
    }
  }

  private async reopen(): Promise<void> {
    this.log('warn', `the flow store is opened again after: ${this.writer.stats().lastError}`);
    closeSession(this.session);
    this.session = await openSession(this.settings, this.engine, () => this.commit());
    this.writer.attach(this.session.database, this.session.write);
  }

  /** Says once that storing fails, and once that it works again. */
  private report(): void {
    const { lastError } = this.writer.stats();
    if (lastError === this.reported) return;
    if (lastError !== null) this.log('error', `flow records wait in memory, storing failed: ${lastError}`);
    else this.log('info', 'flow records are stored again');
    this.reported = lastError;
  }
}

async function openSession(
  settings: WorkerSettings,
  engine: SnapshotSource,
  commit: () => void,
): Promise<Session> {
  const database = await FlowDatabase.open(settings);
  const [write, maintain, lively] = [
    await database.connect(),
    await database.connect(),
    await database.connect(),
  ];
  const reader = await FlowReader.open(database);
  return {
    database,
    write,
    maintain,
    lively,
    reader,
    live: new LiveFlows(engine, lively, commit),
    closed: false,
  };
}

function closeSession(session: Session): void {
  // the file may have been closed and then failed to open again
  if (session.closed) return;
  session.closed = true;
  const { database, write, maintain, lively, reader, live } = session;
  live.close();
  reader.close();
  for (const connection of [write, maintain, lively]) connection.api.closeSync();
  database.close();
}

function fileBytes(path: string): number {
  const size = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return size(path) + size(`${path}.wal`);
}
