import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** What `prev` of the first entry says. */
export const chainStart = '0'.repeat(64);

/** A line longer than this is none of ours. */
export const maxLineBytes = 16_384;

/** One line of the audit log. `prev` is SHA-256 of the line before, without its newline. */
export interface AuditEntry {
  seq: number;
  /** RFC 3339, UTC */
  time: string;
  principal: string;
  role: string | null;
  action: string;
  parameters: Record<string, unknown>;
  /** "done", or the code of the error */
  outcome: string;
  /** address that the request came from; null for the service itself and the command line */
  remote: string | null;
  prev: string;
}

export interface AuditCheck {
  entries: number;
  /** SHA-256 of the last whole line: what a copy kept elsewhere is compared with */
  head: string;
  lastSeq: number;
  /** the first line that does not follow from the one before; null: the chain is whole */
  broken: { line: number; reason: string } | null;
  /** bytes behind the last newline: a write that a crash cut off; null: none */
  torn: Buffer | null;
  /** size up to and with the last newline */
  wholeBytes: number;
  bytes: number;
}

export function lineHash(line: string | Buffer): string {
  return createHash('sha256').update(line).digest('hex');
}

/** Walks the whole log, in memory for one line. A log that does not exist is an empty, whole one. */
export async function checkAuditFile(path: string): Promise<AuditCheck> {
  const check: AuditCheck = {
    entries: 0,
    head: chainStart,
    lastSeq: 0,
    broken: null,
    torn: null,
    wholeBytes: 0,
    bytes: 0,
  };
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const part of createReadStream(path) as AsyncIterable<Buffer>) {
      const newline = part.lastIndexOf(10);
      if (newline >= 0) check.wholeBytes = check.bytes + newline + 1;
      check.bytes += part.length;
      rest = eatLines(check, rest.length === 0 ? part : Buffer.concat([rest, part]));
      // No entry of ours is that long: what is left of it is enough to say so.
      if (rest.length > 2 * maxLineBytes) rest = rest.subarray(rest.length - maxLineBytes);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  if (rest.length > 0) check.torn = Buffer.from(rest);
  return check;
}

function eatLines(check: AuditCheck, bytes: Buffer): Buffer {
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    const line = bytes.subarray(start, end);
    start = end + 1;
    check.entries += 1;
    const { seq, problem } = checkLine(line, check);
    if (problem !== null && check.broken === null) check.broken = { line: check.entries, reason: problem };
    check.lastSeq = seq ?? check.lastSeq + 1;
    check.head = lineHash(line);
  }
  return bytes.subarray(start);
}

function checkLine(line: Buffer, before: AuditCheck): { seq: number | null; problem: string | null } {
  const entry = parseEntry(line.toString('utf8'));
  if (entry === null) return { seq: null, problem: 'it is no audit entry' };
  const { seq } = entry;
  if (entry.prev !== before.head) {
    return {
      seq,
      problem: 'its "prev" is not the hash of the line before: that line, or its place, was changed',
    };
  }
  if (seq !== before.lastSeq + 1)
    return { seq, problem: `its "seq" is ${seq}, expected ${before.lastSeq + 1}` };
  return { seq, problem: null };
}

/** Null where the text is no entry. */
export function parseEntry(text: string): AuditEntry | null {
  try {
    const entry = JSON.parse(text) as Partial<AuditEntry> | null;
    const complete =
      Number.isSafeInteger(entry?.seq) &&
      typeof entry?.time === 'string' &&
      typeof entry.principal === 'string' &&
      typeof entry.action === 'string' &&
      typeof entry.outcome === 'string' &&
      typeof entry.prev === 'string';
    return complete ? (entry as AuditEntry) : null;
  } catch {
    return null;
  }
}
