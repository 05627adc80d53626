import { chmod, open, truncate, type FileHandle } from 'node:fs/promises';
import { AppError, errorMessage } from '../model/errors.js';
import {
  chainStart,
  checkAuditFile,
  lineHash,
  maxLineBytes,
  parseEntry,
  type AuditCheck,
  type AuditEntry,
} from './audit-chain.js';
import { withFileLock } from './file-lock.js';
import { localPrincipal, type Principal } from './principal.js';

/** Refusals written out per minute; more are counted and summed in one entry. */
export const maxRefusalsPerMinute = 100;
const refusalWindowMs = 60_000;
const maxTextLength = 1_024;
const maxPageEntries = 1_000;
const readChunkBytes = 65_536;

export interface AuditLogConfig {
  /** audit.jsonl of the data directory */
  path: string;
}

/** What is to be remembered; the log adds sequence, time and chain. */
export interface AuditEvent {
  principal: Principal;
  action: string;
  parameters?: Record<string, unknown>;
  outcome: string;
  remote?: string | null;
}

/** Where acts are written down. */
export interface AuditSink {
  /** Resolves when the entry is on disk. Error: `audit_unavailable`. */
  append(event: AuditEvent): Promise<void>;
}

export interface AuditPage {
  /** newest first */
  entries: AuditEntry[];
  /** `before` of the next page; null: that was the last one */
  nextBefore: number | null;
}

/**
 * Who did what, one JSON object per line, each holding the hash of the line before. The service and the command line
 * may both write: each entry is appended under a lock, behind whatever the other wrote.
 */
export class AuditLog implements AuditSink {
  private queue: Promise<unknown> = Promise.resolve();
  private head = chainStart;
  private lastSeq = 0;
  private sizeBytes = 0;
  private started: AuditCheck | null = null;
  private refusals = { windowStartMs: 0, written: 0, folded: 0 };
  readonly counters = { entries: 0, failures: 0, refusals: 0 };

  constructor(
    private readonly config: AuditLogConfig,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /**
   * Checks the chain and mends the end of a log that a crash cut off. A broken chain does not keep the service from
   * starting: it is recorded, and reported by `check()` from then on.
   */
  async start(): Promise<AuditCheck> {
    const check = await withFileLock(this.lockPath, () => this.open());
    if (check.torn !== null) {
      await this.append({
        principal: localPrincipal('service'),
        action: 'audit_recovered',
        parameters: {
          bytes: check.bytes - check.wholeBytes,
          sha256: lineHash(check.torn),
          text: check.torn.toString('utf8', 0, maxTextLength),
        },
        outcome: 'done',
      });
    }
    if (check.broken !== null) {
      await this.append({
        principal: localPrincipal('service'),
        action: 'audit_chain_broken',
        parameters: { ...check.broken },
        outcome: 'broken',
      });
    }
    return check;
  }

  /** What the check at the start found; null before. */
  check(): AuditCheck | null {
    return this.started;
  }

  /** Hash of the last line. */
  headHash(): string {
    return this.head;
  }

  append(event: AuditEvent): Promise<void> {
    const done = this.queue.then(() => withFileLock(this.lockPath, () => this.write(event)));
    this.queue = done.catch(() => undefined);
    return done.catch((error: unknown) => {
      this.counters.failures += 1;
      throw new AppError('audit_unavailable', { reason: errorMessage(error) }, { cause: error });
    });
  }

  /** Writes a refusal (401, 403). A flood of them is summed, so that it cannot fill the disk. */
  async appendRefusal(event: AuditEvent): Promise<void> {
    this.counters.refusals += 1;
    await this.closeRefusalWindow(false);
    if (this.refusals.written >= maxRefusalsPerMinute) {
      this.refusals.folded += 1;
      return;
    }
    this.refusals.written += 1;
    await this.append(event);
  }

  /** Newest first; `before` is a sequence number. */
  async read(page: { limit: number; before?: number }): Promise<AuditPage> {
    const limit = Math.min(page.limit, maxPageEntries);
    const entries: AuditEntry[] = [];
    let more = false;
    for await (const line of linesBackwards(this.config.path)) {
      const entry = parseEntry(line);
      if (entry === null || entry.seq >= (page.before ?? Infinity)) continue;
      more = entries.length === limit;
      if (more) break;
      entries.push(entry);
    }
    return { entries, nextBefore: more ? (entries.at(-1)?.seq ?? null) : null };
  }

  /** Resolves when all that was appended is on disk. */
  async stop(): Promise<void> {
    await this.closeRefusalWindow(true).catch(() => undefined);
    await this.queue;
  }

  private get lockPath(): string {
    return `${this.config.path}.lock`;
  }

  private async closeRefusalWindow(now: boolean): Promise<void> {
    const { windowStartMs, folded } = this.refusals;
    if (!now && this.nowMs() - windowStartMs < refusalWindowMs) return;
    this.refusals = { windowStartMs: this.nowMs(), written: 0, folded: 0 };
    if (folded === 0) return;
    await this.append({
      principal: localPrincipal('service'),
      action: 'refusals_summed',
      parameters: { refusals: folded, since: new Date(windowStartMs).toISOString() },
      outcome: 'done',
    });
  }

  private async open(): Promise<AuditCheck> {
    const check = await checkAuditFile(this.config.path);
    this.head = check.head;
    this.lastSeq = check.lastSeq;
    this.sizeBytes = check.wholeBytes;
    if (check.torn !== null) await this.mend(check, check.torn);
    if (check.bytes > 0) await chmod(this.config.path, 0o600);
    this.started = check;
    return check;
  }

  /** An entry that lacks only its newline is kept; less than that is cut off (and recorded by start()). */
  private async mend(check: AuditCheck, torn: Buffer): Promise<void> {
    const entry = parseEntry(torn.toString('utf8'));
    if (entry === null || entry.prev !== check.head || entry.seq !== check.lastSeq + 1) {
      await truncate(this.config.path, this.sizeBytes);
      return;
    }
    const file = await open(this.config.path, 'a', 0o600);
    try {
      await file.writeFile('\n');
      await file.datasync();
    } finally {
      await file.close();
    }
    this.head = lineHash(torn);
    this.lastSeq = entry.seq;
    this.sizeBytes = check.bytes + 1;
    Object.assign(check, { torn: null, head: this.head, lastSeq: entry.seq, entries: check.entries + 1 });
  }

  private async write(event: AuditEvent): Promise<void> {
    const file = await open(this.config.path, 'a+', 0o600);
    try {
      const { size } = await file.stat();
      if (size !== this.sizeBytes) await this.catchUp(file, size);
      const line = this.encode(event);
      const bytes = Buffer.from(`${line}\n`);
      await this.writeWhole(file, bytes);
      this.head = lineHash(line);
      this.lastSeq += 1;
      this.sizeBytes += bytes.length;
      this.counters.entries += 1;
    } finally {
      await file.close();
    }
  }

  /** A full disk takes part of a line: that part is taken back, so that the next entry begins on a line of its own. */
  private async writeWhole(file: FileHandle, bytes: Buffer): Promise<void> {
    try {
      await file.writeFile(bytes);
      await file.datasync();
    } catch (error) {
      await file.truncate(this.sizeBytes);
      throw error;
    }
  }

  /** Another process wrote meanwhile: its last line is what the next entry follows. */
  private async catchUp(file: FileHandle, size: number): Promise<void> {
    const length = Math.min(size, 2 * maxLineBytes);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const end = buffer.lastIndexOf(10);
    if (end >= 0 && end !== length - 1) throw new Error(`${this.config.path} ends within a line`);
    const line = buffer.subarray(end > 0 ? buffer.lastIndexOf(10, end - 1) + 1 : 0, Math.max(end, 0));
    this.head = size === 0 ? chainStart : lineHash(line);
    this.lastSeq = size === 0 ? 0 : (parseEntry(line.toString('utf8'))?.seq ?? this.lastSeq + 1);
    this.sizeBytes = size;
  }

  private encode(event: AuditEvent): string {
    const entry: AuditEntry = {
      seq: this.lastSeq + 1,
      time: new Date(this.nowMs()).toISOString(),
      principal: event.principal.name,
      role: event.principal.role,
      action: event.action,
      parameters: event.parameters ?? {},
      outcome: event.outcome,
      remote: event.remote ?? null,
      prev: this.head,
    };
    const line = JSON.stringify(entry, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : shorten(value),
    );
    if (Buffer.byteLength(line) < maxLineBytes) return line;
    return JSON.stringify({ ...entry, parameters: { too_long: Buffer.byteLength(line) } });
  }
}

function shorten(value: unknown): unknown {
  if (typeof value !== 'string' || value.length <= maxTextLength) return value;
  return `${value.slice(0, maxTextLength)}… (${value.length} characters)`;
}

/** Whole lines of a file from its end to its beginning; memory for one chunk and one line. */
async function* linesBackwards(path: string): AsyncGenerator<string> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    let position = (await file.stat()).size;
    let tail: Buffer = Buffer.alloc(0);
    while (position > 0) {
      const length = Math.min(readChunkBytes, position);
      position -= length;
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, position);
      tail = Buffer.concat([buffer, tail]);
      for (let at = tail.lastIndexOf(10); at >= 0; at = tail.lastIndexOf(10)) {
        if (at + 1 < tail.length) yield tail.toString('utf8', at + 1);
        tail = tail.subarray(0, at);
      }
      if (tail.length > maxLineBytes) tail = tail.subarray(0, maxLineBytes);
    }
    if (tail.length > 0) yield tail.toString('utf8');
  } finally {
    await file.close();
  }
}
