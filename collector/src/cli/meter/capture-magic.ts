import { closeSync, openSync, readSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';

const headBytes = 4_096;

/** First bytes of the capture formats, in both byte orders where there are two. */
const captureMagics = [
  'a1b2c3d4', // pcap, microseconds
  'd4c3b2a1',
  'a1b23c4d', // pcap, nanoseconds
  '4d3cb2a1',
  'a1b2cd34', // pcap with the longer record header of old Linux kernels
  '34cdb2a1',
  '0a0d0d0a', // pcapng
];

/** Compressed files whose content this does not look into: the name has to tell. */
const compressedMagics = [
  '28b52ffd', // zstd
  '04224d18', // lz4
  'fd377a58', // xz
  '425a68', // bzip2
];

const startsWithAny = (head: Buffer, magics: readonly string[]): boolean =>
  magics.some((magic) => head.toString('hex', 0, magic.length / 2) === magic);

function readHead(path: string): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    const head = Buffer.alloc(headBytes);
    return head.subarray(0, readSync(descriptor, head, 0, headBytes, 0));
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Whether a file that nobody named (it lay in a directory) looks like a capture. Throws what opening and reading throw.
 */
export function looksLikeCapture(path: string): boolean {
  const head = readHead(path);
  if (startsWithAny(head, captureMagics)) return true;
  if (startsWithAny(head, compressedMagics)) return /\.(pcap|pcapng|cap|ntar|dmp)\b/i.test(path);
  if (!startsWithAny(head, ['1f8b'])) return false;
  try {
    return startsWithAny(gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }), captureMagics);
  } catch {
    return false;
  }
}
