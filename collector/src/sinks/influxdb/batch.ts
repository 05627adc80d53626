import { gunzip, gzip } from 'node:zlib';
import { promisify } from 'node:util';

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** Lines that are sent together. */
export interface Batch {
  points: number;
  /** size of the text */
  textBytes: number;
  /** the lines, each with its end, gzip-compressed */
  packed: Buffer;
  /** when it was made, milliseconds since 1970 */
  madeMs: number;
  /** begins of the first and the last interval in it */
  firstNs: bigint;
  lastNs: bigint;
}

/** Lines on their way into a batch. */
export class OpenBatch {
  private readonly lines: string[] = [];
  readonly madeMs = Date.now();
  private firstNs = 0n;
  private lastNs = 0n;

  get points(): number {
    return this.lines.length;
  }

  add(lines: readonly string[], firstNs: bigint, lastNs: bigint): void {
    if (this.lines.length === 0 || firstNs < this.firstNs) this.firstNs = firstNs;
    if (this.lines.length === 0 || lastNs > this.lastNs) this.lastNs = lastNs;
    for (const line of lines) this.lines.push(line);
  }

  async close(): Promise<Batch> {
    const text = Buffer.from(this.lines.map((line) => `${line}\n`).join(''));
    const { points, madeMs, firstNs, lastNs } = this;
    // Level 3 is half the work of the standard level, and what it leaves is a tenth larger.
    return {
      points,
      textBytes: text.length,
      packed: await pack(text, { level: 3 }),
      madeMs,
      firstNs,
      lastNs,
    };
  }
}

/** The lines of a batch without their ends. Rejects when it is not what its length says. */
export async function linesIn({ packed, textBytes, points }: Batch): Promise<string[]> {
  const text = (await unpack(packed, { maxOutputLength: textBytes + 1 })).toString();
  const lines = text.split('\n');
  lines.pop();
  if (lines.length !== points) throw new Error(`${lines.length} lines where ${points} were said to be`);
  return lines;
}

export const packLines = (lines: readonly string[]): Promise<Buffer> =>
  pack(Buffer.from(`${lines.join('\n')}\n`), { level: 3 });
