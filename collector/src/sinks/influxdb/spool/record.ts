import { createHash } from 'node:crypto';
import type { Batch } from '../batch.js';

/**
 * A segment file of the spool: the file header, then records, each a header and a packed batch. All numbers are little
 * endian.
 *
 *     file:    "WGSPOOL\0", u32 version, u32 0
 *     record:  u32 bytes of the batch, u32 bytes of its text, u32 points, u32 0, i64 time it was made (ms),
 *              i64 begin of its first and i64 of its last interval (ns),
 *              8 bytes: the first of the SHA-256 of the header in front of them and the batch
 */
const magic = 'WGSPOOL\0';
const version = 1;
export const fileHeaderBytes = 16;
const digestBytes = 8;
const digestAt = 40;
export const recordHeaderBytes = digestAt + digestBytes;
/** Far above what batch_points of our lines have. */
const maxBatchBytes = 1 << 30;

export function fileHeader(): Buffer {
  const header = Buffer.alloc(fileHeaderBytes);
  header.write(magic, 'latin1');
  header.writeUInt32LE(version, 8);
  return header;
}

/** null: the header of a file that this version can read; else what is wrong with it. */
export function fileHeaderProblem(header: Buffer): string | null {
  if (header.length < fileHeaderBytes || header.toString('latin1', 0, 8) !== magic)
    return 'not a file of the spool';
  const found = header.readUInt32LE(8);
  return found === version ? null : `version ${found} of the spool; this release reads ${version}`;
}

const digestOf = (header: Buffer, packed: Buffer): Buffer =>
  createHash('sha256').update(header.subarray(0, digestAt)).update(packed).digest().subarray(0, digestBytes);

export function recordOf({ packed, textBytes, points, madeMs, firstNs, lastNs }: Batch): Buffer {
  const header = Buffer.alloc(recordHeaderBytes);
  header.writeUInt32LE(packed.length, 0);
  header.writeUInt32LE(textBytes, 4);
  header.writeUInt32LE(points, 8);
  header.writeBigInt64LE(BigInt(madeMs), 16);
  header.writeBigInt64LE(firstNs, 24);
  header.writeBigInt64LE(lastNs, 32);
  digestOf(header, packed).copy(header, digestAt);
  return Buffer.concat([header, packed]);
}

export interface RecordHeader extends Omit<Batch, 'packed'> {
  packedBytes: number;
}

/** What a record's header says; null when it cannot be one. Whether it is true, batchOf finds out. */
export function readRecordHeader(header: Buffer): RecordHeader | null {
  if (header.length < recordHeaderBytes) return null;
  const read = {
    packedBytes: header.readUInt32LE(0),
    textBytes: header.readUInt32LE(4),
    points: header.readUInt32LE(8),
    madeMs: Number(header.readBigInt64LE(16)),
    firstNs: header.readBigInt64LE(24),
    lastNs: header.readBigInt64LE(32),
  };
  const possible =
    header.readUInt32LE(12) === 0 &&
    read.points > 0 &&
    read.packedBytes > 0 &&
    read.packedBytes <= maxBatchBytes &&
    read.textBytes <= maxBatchBytes;
  return possible ? read : null;
}

/** The batch of a record; null when it is not what was written. */
export function batchOf(header: Buffer, packed: Buffer): Batch | null {
  const read = readRecordHeader(header);
  if (read?.packedBytes !== packed.length) return null;
  if (!digestOf(header, packed).equals(header.subarray(digestAt, recordHeaderBytes))) return null;
  const { points, textBytes, madeMs, firstNs, lastNs } = read;
  return { points, textBytes, packed, madeMs, firstNs, lastNs };
}
