import { closeSync, openSync, writeSync } from 'node:fs';
import { OutputFile } from './output-file.js';

/** The reader of our output went away (`| head`): nothing more is wanted. */
export class ReaderGone extends Error {}

/** Text is encoded while it is still in the cache, and written in larger pieces. */
const textCharacters = 16_384;
const chunkBytes = 262_144;
const retryMs = 5;

/**
 * Text to a file or standard output, written where it is made: a slow reader slows down the source instead of filling
 * memory.
 */
export class TextOutput {
  private text = '';
  private chunk = Buffer.allocUnsafe(chunkBytes);
  private filled = 0;

  private constructor(
    private readonly descriptor: number,
    private readonly file: OutputFile | null,
  ) {}

  /** Standard output without a path. Throws what opening throws. */
  static open(path?: string): TextOutput {
    if (path === undefined) return new TextOutput(1, null);
    const file = OutputFile.create(path);
    return new TextOutput(openSync(file.writePath, 'w'), file);
  }

  /** Throws ReaderGone once the other end of a pipe is closed. */
  write(text: string): void {
    this.text += text;
    if (this.text.length >= textCharacters) this.encode();
  }

  /** Bytes as they are, behind the text before them. */
  writeBytes(bytes: Uint8Array): void {
    this.flush();
    this.writeAll(bytes);
  }

  flush(): void {
    this.encode();
    this.writeChunk();
  }

  /** Writes what is left and gives the file its name. */
  close(): void {
    this.flush();
    if (this.file === null) return;
    closeSync(this.descriptor);
    this.file.finish();
  }

  /** Gives up what was written; of a file nothing is left. */
  discard(): void {
    this.text = '';
    this.filled = 0;
    if (this.file === null) return;
    closeSync(this.descriptor);
    this.file.discard();
  }

  private encode(): void {
    const { text } = this;
    this.text = '';
    // UTF-8 takes three bytes at most for a unit of UTF-16
    const room = 3 * text.length;
    if (room > chunkBytes - this.filled) this.writeChunk();
    if (room > this.chunk.length) this.chunk = Buffer.allocUnsafe(room);
    this.filled += this.chunk.write(text, this.filled, 'utf8');
  }

  private writeChunk(): void {
    const bytes = this.chunk.subarray(0, this.filled);
    this.filled = 0;
    this.writeAll(bytes);
  }

  private writeAll(bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length;) written += this.writeSome(bytes.subarray(written));
  }

  private writeSome(bytes: Uint8Array): number {
    try {
      return writeSync(this.descriptor, bytes);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') throw new ReaderGone();
      if (code !== 'EAGAIN') throw error;
      // a non-blocking pipe that is full: there is no way to wait for it but to wait
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
      return 0;
    }
  }
}
