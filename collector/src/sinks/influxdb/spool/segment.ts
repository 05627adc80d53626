import { open, type FileHandle } from 'node:fs/promises';
import type { Batch } from '../batch.js';
import {
  batchOf,
  fileHeader,
  fileHeaderBytes,
  fileHeaderProblem,
  readRecordHeader,
  recordHeaderBytes,
  recordOf,
} from './record.js';

/** A batch in a segment, and where the next one begins. */
export interface Found {
  batch: Batch;
  nextOffset: number;
}

export interface SegmentCheck {
  points: number;
  /** bytes that are whole records, from the file's beginning */
  goodBytes: number;
  /** bytes behind them */
  tornBytes: number;
  /** when the first and the last record were made; null without a record */
  firstMs: number | null;
}

async function readAt(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  let read = 0;
  while (read < bytes) {
    const { bytesRead } = await file.read(buffer, read, bytes - read, offset + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return buffer.subarray(0, read);
}

/** One file of the spool. */
export class Segment {
  private constructor(
    readonly id: number,
    readonly path: string,
    private readonly file: FileHandle,
    /** length of what is whole */
    public bytes: number,
  ) {}

  static async create(id: number, path: string): Promise<Segment> {
    const file = await open(path, 'wx+', 0o600);
    try {
      await file.write(fileHeader());
      await file.datasync();
    } catch (error) {
      await file.close();
      throw error;
    }
    return new Segment(id, path, file, fileHeaderBytes);
  }

  /** Resolves with what is wrong with a file that is no segment. */
  static async open(id: number, path: string): Promise<Segment | string> {
    const file = await open(path, 'r+');
    const problem = fileHeaderProblem(await readAt(file, 0, fileHeaderBytes));
    if (problem === null) return new Segment(id, path, file, (await file.stat()).size);
    await file.close();
    return problem;
  }

  /** Appends batches and has them on disk; when that fails, the segment is as it was. */
  async append(batches: readonly Batch[]): Promise<void> {
    const bytes = Buffer.concat(batches.map(recordOf));
    try {
      let written = 0;
      while (written < bytes.length)
        written += (await this.file.write(bytes, written, bytes.length - written, this.bytes + written))
          .bytesWritten;
      await this.file.datasync();
    } catch (error) {
      await this.file.truncate(this.bytes).catch(() => undefined);
      throw error;
    }
    this.bytes += bytes.length;
  }

  /** The batch at an offset; null at the end, `damaged` where none can be read. */
  async read(offset: number): Promise<Found | null | 'damaged'> {
    if (offset >= this.bytes) return null;
    const header = await readAt(this.file, offset, recordHeaderBytes);
    const told = readRecordHeader(header);
    const end = offset + recordHeaderBytes + (told?.packedBytes ?? 0);
    if (told === null || end > this.bytes) return 'damaged';
    const batch = batchOf(header, await readAt(this.file, offset + recordHeaderBytes, told.packedBytes));
    return batch === null ? 'damaged' : { batch, nextOffset: end };
  }

  /** Counts what lies behind an offset. `thorough` reads the batches, too, as a crash may have torn the last one. */
  async check(from: number, thorough: boolean): Promise<SegmentCheck> {
    const check: SegmentCheck = { points: 0, goodBytes: from, tornBytes: 0, firstMs: null };
    while (check.goodBytes < this.bytes) {
      const header = await readAt(this.file, check.goodBytes, recordHeaderBytes);
      const told = readRecordHeader(header);
      const end = check.goodBytes + recordHeaderBytes + (told?.packedBytes ?? 0);
      if (told === null || end > this.bytes) break;
      if (thorough && typeof (await this.read(check.goodBytes)) === 'string') break;
      check.points += told.points;
      check.firstMs ??= told.madeMs;
      check.goodBytes = end;
    }
    check.tornBytes = this.bytes - check.goodBytes;
    return check;
  }

  async cutTo(bytes: number): Promise<void> {
    await this.file.truncate(bytes);
    await this.file.datasync();
    this.bytes = bytes;
  }

  close(): Promise<void> {
    return this.file.close();
  }
}
