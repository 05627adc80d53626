import { statSync } from 'node:fs';
import { errorMessage } from '../../../model/errors.js';
import type { FlowStoreStats } from '../../flows/flow-store.js';
import { isFatal, type Connection, type EmbeddedDatabase } from '../database.js';
import type { StoreLog } from '../messages.js';
import type { FlowSettings } from './calls.js';
import { partsToMerge } from './compaction.js';
import { parts, type HotTable, type SealedPart } from './manifest.js';
import { PartFiles } from './part-files.js';
import { records } from './records-sql.js';
import { markRemoved, removals, removeOldRollups, type Removal } from './retention.js';
import { mergeRollups } from './rollup-merge.js';
import { resolutions } from './rollup-tables.js';
import { beginHotTable } from './schema.js';
import { mergeParts, sealTable, type SealContext, type SealPoint } from './seal.js';
import type { FlowSources } from './sources.js';
import type { FlowWriter } from './writer.js';

const firstPauseMs = 1_000;
const longestPauseMs = 300_000;
const mergePauseMs = 60_000;

interface HotState extends HotTable {
  rows: number;
  /** when it was ready to be sealed; null: it is being written */
  fullAtMs: number | null;
}

interface Session {
  connection: Connection;
  /** makes tables while the other one seals */
  beginning: Connection;
  writer: FlowWriter;
}

export type UpkeepStats = Omit<FlowStoreStats, 'batchesWaiting' | 'rowsLost' | 'queries' | 'lastError'> & {
  lastError: string | null;
};

/**
 * What becomes of records after they were stored: hot tables are sealed when they are full or old, small parts merged, old
 * ones removed, roll-ups merged and removed. One thing at a time. What fails is tried again, with growing pauses.
 */
export class Upkeep {
  private readonly files: PartFiles;
  private session: Session | null = null;
  private hot: HotState[] = [];
  private sealed: SealedPart[] = [];
  private nextSequence = 1;
  private running: Promise<void> | null = null;
  private rotating: Promise<void> | null = null;
  private stopping = false;
  private rowsRemoved = 0;
  private lastError: string | null = null;
  private pauseMs = 0;
  private notBeforeMs = 0;
  private rollupsMergedAtMs = 0;

  constructor(
    private readonly settings: FlowSettings,
    private readonly sources: FlowSources,
    private readonly databasePath: string,
    private readonly log: StoreLog,
    /** called when the engine has given the file up: it must be opened again */
    private readonly fatal: () => void,
    /** called as sealing gets on; a test may end the process there */
    private readonly reached: (point: SealPoint) => void = () => undefined,
    private readonly nowS: () => number = () => Date.now() / 1_000,
  ) {
    this.files = new PartFiles(settings.directory);
  }

  async opened(
    database: EmbeddedDatabase,
    writer: FlowWriter,
    hot: readonly HotTable[],
    nextSequence: number,
  ): Promise<void> {
    const [connection, beginning] = [await database.connect(), await database.connect()];
    this.session = { connection, beginning, writer };
    if (this.isFatal) this.lastError = 'sealing failed: the database had to be opened again';
    this.nextSequence = nextSequence;
    this.hot = [];
    for (const table of hot) {
      const counted = await connection.api.runAndReadAll(`SELECT count(*) FROM ${table.table}`);
      const isCurrent = table === hot.at(-1);
      this.hot.push({
        ...table,
        rows: Number(counted.getRows()[0]?.[0]),
        fullAtMs: isCurrent ? null : Date.now(),
      });
    }
    await this.reconcile(connection);
  }

  closing(): void {
    if (this.session === null) return;
    const { connection, beginning } = this.session;
    this.session = null;
    // a connection is closed when nothing runs on it any more
    connection.api.interrupt();
    void (this.running ?? Promise.resolve()).finally(() => connection.api.closeSync());
    void (this.rotating ?? Promise.resolve()).finally(() => beginning.api.closeSync());
  }

  /** Ends what runs, as a failure that leaves everything as it was. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.session?.connection.api.interrupt();
    await this.running;
    await this.rotating;
  }

  /** Sequence of the hot table that is written to. */
  get currentSequence(): number {
    return this.hot.at(-1)?.sequence ?? 0;
  }

  /** The last failure demands that the file be opened again. */
  get isFatal(): boolean {
    return this.lastError !== null && isFatal(new Error(this.lastError));
  }

  /** Tells that rows were stored. */
  added(table: HotTable, rows: number): void {
    const state = this.hot.find(({ sequence }) => sequence === table.sequence);
    if (state !== undefined) state.rows += rows;
    if (state !== undefined && state.rows >= this.settings.sealRows) void this.rotate();
  }

  /** Does what is due. Never throws; what went wrong stands in the statistics. */
  run(): Promise<void> {
    if (this.session === null || this.stopping) return Promise.resolve();
    this.running ??= this.work(this.session).finally(() => (this.running = null));
    return this.running;
  }

  /** Seals everything that is stored, merges and removes what is due, without regard to pauses; for tests. */
  async sealNow(): Promise<void> {
    await this.running;
    await this.rotate();
    this.notBeforeMs = 0;
    this.rollupsMergedAtMs = 0;
    await this.run();
  }

  stats(): UpkeepStats {
    const present = this.sealed.filter((part) => part.records);
    const sum = (read: (part: SealedPart) => number): number =>
      present.reduce((total, part) => total + read(part), 0);
    const hotRows = this.hot.reduce((total, { rows }) => total + rows, 0);
    const waiting = this.hot.flatMap(({ fullAtMs, rows }) =>
      fullAtMs === null || rows === 0 ? [] : [fullAtMs],
    );
    return {
      rowsStored: hotRows + sum(({ rows }) => rows),
      hotRows,
      sealedFiles: present.length,
      sealedRows: sum(({ rows }) => rows),
      sealedBytes: sum(({ fileBytes }) => fileBytes),
      rowsRemoved: this.rowsRemoved,
      sealingLagS: waiting.length === 0 ? 0 : Math.max(0, (Date.now() - Math.min(...waiting)) / 1_000),
      fileBytes: sum(({ fileBytes }) => fileBytes) + databaseBytes(this.databasePath),
      lastError: this.lastError,
    };
  }

  private async work(session: Session): Promise<void> {
    const current = this.hot.at(-1);
    const age = current === undefined ? 0 : this.nowS() - current.begunAtS;
    if (age >= this.settings.sealAgeS) await this.rotate();
    if (Date.now() < this.notBeforeMs) return;
    try {
      await this.sealFull(session);
      await this.removeOld(session);
      await this.compact(session);
      await this.mergeRollups(session);
      if (this.lastError !== null) this.log('info', 'flow records are sealed again');
      this.lastError = null;
      this.pauseMs = 0;
    } catch (error) {
      if (this.stopping || this.session !== session) return;
      this.pauseMs = Math.min(longestPauseMs, Math.max(firstPauseMs, 2 * this.pauseMs));
      this.notBeforeMs = Date.now() + this.pauseMs;
      if (isFatal(error)) this.fatal();
      const message = `sealing failed: ${errorMessage(error)}`;
      if (this.lastError === null) this.log('error', `flow records stay in the database for now, ${message}`);
      this.lastError = message;
    }
  }

  /** Begins another hot table, unless nothing was written to the current one. */
  private rotate(): Promise<void> {
    const session = this.session;
    if (session === null) return Promise.resolve();
    this.rotating ??= this.changeTable(session).finally(() => (this.rotating = null));
    return this.rotating;
  }

  private async changeTable({ beginning, writer }: Session): Promise<void> {
    try {
      await writer.changeTable(async () => {
        const full = this.hot.at(-1);
        if (full !== undefined && full.rows === 0) return full;
        const next = await beginHotTable(beginning.api, this.nextSequence++, this.nowS());
        if (full !== undefined) full.fullAtMs = Date.now();
        this.hot.push({ ...next, rows: 0, fullAtMs: null });
        return next;
      });
    } catch (error) {
      this.lastError = `sealing failed: no new table for flow records: ${errorMessage(error)}`;
      if (isFatal(error)) this.fatal();
    }
  }

  private context({ connection }: Session): SealContext {
    const { topValues, cubeRows } = this.settings;
    return {
      connection: connection.api,
      files: this.files,
      limits: { topValues, cubeRows },
      reached: this.reached,
    };
  }

  private async sealFull(session: Session): Promise<void> {
    for (const table of this.hot.filter(({ fullAtMs }) => fullAtMs !== null)) {
      const part = await sealTable(this.context(session), table);
      this.hot = this.hot.filter(({ sequence }) => sequence !== table.sequence);
      if (part !== null) this.sealed.push(part);
      if (this.stopping) return;
    }
  }

  private async removeOld({ connection }: Session): Promise<void> {
    const nowS = this.nowS();
    const database = databaseBytes(this.databasePath);
    const out = removals(this.sealed, this.settings, database, nowS);
    if (out.length > 0) await this.remove(connection, out);
    if (await removeOldRollups(connection.api, this.sealed, this.settings, nowS)) {
      this.sealed = await parts(connection.api);
    }
  }

  private async remove(connection: Connection, out: readonly Removal[]): Promise<void> {
    await markRemoved(connection.api, out, this.nowS());
    this.sealed = await parts(connection.api);
    this.rowsRemoved += out.reduce((sum, { part }) => sum + part.rows, 0);
    this.removeFiles(out.map(({ part }) => part));
  }

  private async compact(session: Session): Promise<void> {
    const today = Math.floor(this.nowS() / 86_400);
    for (;;) {
      const merged = partsToMerge(this.sealed, this.settings.compactBytes, today);
      if (merged === null || this.stopping) return;
      const from = records({ hot: [], parts: merged, directory: this.settings.directory });
      const part = await mergeParts(this.context(session), merged, this.nextSequence++, from);
      this.sealed = [...this.sealed.filter((old) => !merged.includes(old)), part];
      this.removeFiles(merged);
    }
  }

  private async mergeRollups({ connection }: Session): Promise<void> {
    const { topValues, cubeRows, sealAgeS } = this.settings;
    if (Date.now() - this.rollupsMergedAtMs < mergePauseMs) return;
    // rows of days before were merged while they were young, if the service ran
    const fromDay = this.rollupsMergedAtMs === 0 ? 0 : Math.floor(this.nowS() / 86_400) - 1;
    // what is still being sealed shall come first
    const range = { fromDay, beforeS: this.nowS() - 2 * sealAgeS };
    for (const resolution of resolutions) {
      let more = true;
      while (more && !this.stopping) {
        more = await mergeRollups(connection.api, resolution, { topValues, cubeRows }, range);
      }
    }
    if (!this.stopping) this.rollupsMergedAtMs = Date.now();
  }

  /** Files go when no query can read them any more; what stays behind after a crash goes at the next start. */
  private removeFiles(gone: readonly SealedPart[]): void {
    this.sources.whenUnused(() => {
      for (const { path } of gone) {
        this.files
          .remove(path)
          .catch((error: unknown) =>
            this.log('warn', `${path} could not be removed: ${errorMessage(error)}`),
          );
      }
    });
  }

  /** Makes files and manifest agree after whatever happened. */
  private async reconcile(connection: Connection): Promise<void> {
    this.sealed = await parts(connection.api);
    const there = this.sealed.filter((part) => part.records);
    const strays = await this.files.removeStrays(new Set(there.map(({ path }) => path)));
    if (strays.length > 0)
      this.log('info', `${strays.length} files of flow records that were not complete are removed`);
    const lost: Removal[] = [];
    for (const part of there) {
      const size = await this.files.size(part.path);
      if (size === part.fileBytes) continue;
      lost.push({ part, reason: size === null ? 'missing' : 'damaged' });
      const what =
        size === null ? 'is missing' : `has ${size} bytes instead of ${part.fileBytes} and is set aside`;
      this.log('error', `${part.rows} flow records are lost: ${this.files.absolute(part.path)} ${what}`);
      if (size !== null) await this.files.setAside(part.path);
    }
    if (lost.length === 0) return;
    await markRemoved(connection.api, lost, this.nowS());
    this.sealed = await parts(connection.api);
  }
}

function databaseBytes(path: string): number {
  const size = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return size(path) + size(`${path}.wal`);
}
