import { mkdir, open, readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Serial } from '../../../model/serial.js';
import type { Batch } from '../batch.js';
import { fileHeaderBytes } from './record.js';
import { Segment } from './segment.js';

export interface SpoolStats {
  bytes: number;
  points: number;
  /** points that the limit forced out */
  pointsForcedOut: number;
  /** points that could not be read back, as far as the file still tells how many */
  pointsDamaged: number;
  /** bytes of files that could not be read back, a crash's torn end among them */
  bytesDamaged: number;
  /** when the oldest batch was made; null: empty */
  oldestMs: number | null;
}

export interface Taken {
  batches: Batch[];
  /** the place behind them */
  segment: number;
  offset: number;
}

interface Entry {
  segment: Segment;
  /** of what is not acknowledged */
  points: number;
  firstMs: number | null;
}

const cursorEveryMs = 1_000;
const segmentName = /^(\d{10})\.spool$/;
const nameOf = (id: number): string => `${String(id).padStart(10, '0')}.spool`;

/**
 * Batches on disk in the order of their coming, within a limit. What has been taken stays until it is acknowledged; after
 * a crash some of what was acknowledged may be given again.
 */
export class Spool {
  private readonly entries: Entry[] = [];
  private nextId = 1;
  /** in the first segment: where the next batch to be taken begins */
  private offset = fileHeaderBytes;
  private isTaken = false;
  /** a segment must not be removed while it is read */
  private readonly serial = new Serial();
  private cursorSavedMs = 0;
  private forcedOut = 0;
  private damagedPoints = 0;
  private damagedBytes = 0;

  private constructor(
    private readonly directory: string,
    private readonly limitBytes: number,
    private readonly onLoss: (message: string) => void,
  ) {}

  /** Opens what an earlier run left. `onLoss` is told what is lost, and why. */
  static async open(
    directory: string,
    limitBytes: number,
    onLoss: (message: string) => void,
  ): Promise<Spool> {
    const spool = new Spool(directory, limitBytes, onLoss);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await spool.recover();
    return spool;
  }

  get isEmpty(): boolean {
    return this.points === 0;
  }

  get bytes(): number {
    return this.entries.reduce((sum, { segment }) => sum + segment.bytes, 0);
  }

  private get points(): number {
    return this.entries.reduce((sum, { points }) => sum + points, 0);
  }

  stats(): SpoolStats {
    return {
      bytes: this.bytes,
      points: this.points,
      pointsForcedOut: this.forcedOut,
      pointsDamaged: this.damagedPoints,
      bytesDamaged: this.damagedBytes,
      oldestMs: this.entries.find(({ points }) => points > 0)?.firstMs ?? null,
    };
  }

  /** Appends batches; on disk when it resolves. Rejects when the disk does not take them: then none is kept. */
  append(batches: readonly Batch[]): Promise<void> {
    return this.serial.run(() => this.appendAll(batches));
  }

  /** The oldest batches, of one segment: one at least and then as many as have `maxPoints` together; null: empty. */
  take(maxPoints: number): Promise<Taken | null> {
    return this.serial.run(() => this.takeOldest(maxPoints));
  }

  /** What was taken is stored. */
  acknowledge(taken: Taken): Promise<void> {
    return this.serial.run(() => this.forget(taken));
  }

  close(): Promise<void> {
    return this.serial.run(async () => {
      await this.saveCursor().catch(() => undefined);
      for (const { segment } of this.entries.splice(0)) await segment.close();
    });
  }

  private async appendAll(batches: readonly Batch[]): Promise<void> {
    if (batches.length === 0) return;
    const bytes = batches.reduce((sum, { packed }) => sum + packed.length, 0);
    await this.makeRoom(bytes);
    const last = this.entries.at(-1);
    const isFull = last !== undefined && last.segment.bytes + bytes > this.segmentBytes;
    const entry = last === undefined || isFull ? await this.addSegment() : last;
    await entry.segment.append(batches);
    entry.points += batches.reduce((sum, { points }) => sum + points, 0);
    entry.firstMs ??= batches[0]?.madeMs ?? null;
  }

  private async takeOldest(maxPoints: number): Promise<Taken | null> {
    for (let entry = this.entries[0]; entry !== undefined; entry = this.entries[0]) {
      const taken = await this.takeFrom(entry, maxPoints);
      if (taken !== null) {
        this.isTaken = true;
        return taken;
      }
      if (this.entries.length === 1) return null;
      await this.removeAt(0);
      this.offset = fileHeaderBytes;
    }
    return null;
  }

  private async takeFrom(entry: Entry, maxPoints: number): Promise<Taken | null> {
    const batches: Batch[] = [];
    let points = 0;
    let offset = this.offset;
    for (;;) {
      const found = await entry.segment.read(offset);
      if (found === 'damaged' && batches.length === 0) {
        await this.giveUpRest(entry, offset);
        return null;
      }
      if (found === null || found === 'damaged') break;
      if (batches.length > 0 && points + found.batch.points > maxPoints) break;
      if (batches.length === 0) entry.firstMs = found.batch.madeMs;
      batches.push(found.batch);
      points += found.batch.points;
      offset = found.nextOffset;
    }
    return batches.length === 0 ? null : { batches, segment: entry.segment.id, offset };
  }

  /** Behind a damaged record nothing can be found any more. */
  private async giveUpRest(entry: Entry, offset: number): Promise<void> {
    const bytes = entry.segment.bytes - offset;
    this.damagedPoints += entry.points;
    this.damagedBytes += bytes;
    this.onLoss(`${entry.segment.path} is damaged: ${entry.points} points (${bytes} bytes) cannot be sent`);
    entry.points = 0;
    await entry.segment.cutTo(offset);
  }

  private async forget({ batches, segment, offset }: Taken): Promise<void> {
    this.isTaken = false;
    const entry = this.entries[0];
    if (entry?.segment.id !== segment) return;
    this.offset = offset;
    entry.points -= batches.reduce((sum, { points }) => sum + points, 0);
    if (offset >= entry.segment.bytes && this.entries.length > 1) {
      await this.removeAt(0);
      this.offset = fileHeaderBytes;
    } else if (offset >= entry.segment.bytes && offset > this.segmentBytes / 2) {
      // A file that only ever grew would hold the limit's worth of what is stored long since.
      await this.addSegment();
      await this.removeAt(0);
      this.offset = fileHeaderBytes;
    }
    if (Date.now() - this.cursorSavedMs > cursorEveryMs) await this.saveCursor().catch(() => undefined);
  }

  /** What was taken is not stored and will be taken again. */
  release(): void {
    this.isTaken = false;
  }

  private get segmentBytes(): number {
    return Math.min(1 << 26, Math.max(1 << 16, Math.floor(this.limitBytes / 16)));
  }

  /** Gives up the oldest segments, but not one that is being sent: what becomes of it is known in a moment. */
  private async makeRoom(bytes: number): Promise<void> {
    let lost = 0;
    const at = this.isTaken ? 1 : 0;
    while (this.bytes + bytes > this.limitBytes && this.entries.length > at) {
      lost += this.entries[at]?.points ?? 0;
      await this.removeAt(at);
      if (at === 0) this.offset = fileHeaderBytes;
    }
    if (lost === 0) return;
    this.forcedOut += lost;
    this.onLoss(`the spool is full (${this.limitBytes} bytes): its oldest ${lost} points are lost`);
  }

  private async addSegment(): Promise<Entry> {
    const id = this.nextId;
    this.nextId += 1;
    const path = join(this.directory, nameOf(id));
    let segment: Segment;
    try {
      segment = await Segment.create(id, path);
      await this.syncDirectory();
    } catch (error) {
      await unlink(path).catch(() => undefined);
      throw error;
    }
    const entry: Entry = { segment, points: 0, firstMs: null };
    this.entries.push(entry);
    return entry;
  }

  private async removeAt(place: number): Promise<void> {
    const [entry] = this.entries.splice(place, 1);
    if (entry === undefined) return;
    await entry.segment.close();
    await unlink(entry.segment.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }

  private async syncDirectory(): Promise<void> {
    const directory = await open(this.directory, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  private get cursorPath(): string {
    return join(this.directory, 'cursor.json');
  }

  private async saveCursor(): Promise<void> {
    this.cursorSavedMs = Date.now();
    const cursor = { version: 1, segment: this.entries[0]?.segment.id ?? this.nextId, offset: this.offset };
    await writeFile(`${this.cursorPath}.tmp`, `${JSON.stringify(cursor)}\n`, { mode: 0o600 });
    await rename(`${this.cursorPath}.tmp`, this.cursorPath);
  }

  /** Without a cursor that can be read all is sent again, which changes nothing that is stored. */
  private async readCursor(): Promise<{ segment: number; offset: number }> {
    try {
      const cursor = JSON.parse(await readFile(this.cursorPath, 'utf8')) as {
        segment: unknown;
        offset: unknown;
      };
      const { segment, offset } = cursor;
      if (Number.isSafeInteger(segment) && Number.isSafeInteger(offset))
        return { segment: segment as number, offset: Math.max(fileHeaderBytes, offset as number) };
    } catch {
      // none was written yet
    }
    return { segment: 0, offset: fileHeaderBytes };
  }

  private async recover(): Promise<void> {
    const cursor = await this.readCursor();
    const ids = (await readdir(this.directory))
      .map((name) => Number(segmentName.exec(name)?.[1] ?? NaN))
      .filter((id) => !Number.isNaN(id))
      .sort((one, other) => one - other);
    // A number is never used twice, or the cursor of the earlier file would be taken for that of the later.
    this.nextId = Math.max(cursor.segment, ids.at(-1) ?? 0) + 1;
    for (const id of ids) {
      const path = join(this.directory, nameOf(id));
      if (id < cursor.segment) {
        await unlink(path);
        continue;
      }
      await this.recoverSegment(
        id,
        path,
        id === cursor.segment ? cursor.offset : fileHeaderBytes,
        id === ids.at(-1),
      );
    }
  }

  private async recoverSegment(id: number, path: string, from: number, isLast: boolean): Promise<void> {
    // A crash while a file was made leaves it shorter than its header: it never held anything.
    if ((await stat(path)).size < fileHeaderBytes) {
      await unlink(path);
      return;
    }
    const segment = await Segment.open(id, path);
    if (typeof segment === 'string') {
      this.onLoss(`${path}: ${segment}; it is put aside as ${nameOf(id)}.unreadable`);
      await rename(path, `${path}.unreadable`);
      return;
    }
    const start = Math.min(from, segment.bytes);
    const check = await segment.check(start, isLast);
    if (check.tornBytes > 0) {
      this.damagedBytes += check.tornBytes;
      this.onLoss(
        `${path}: its last ${check.tornBytes} bytes are no whole batches, as after a crash, and are cut off`,
      );
      await segment.cutTo(check.goodBytes);
    }
    if (this.entries.length === 0) this.offset = start;
    this.entries.push({ segment, points: check.points, firstMs: check.firstMs });
  }
}
