import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** One frame of a classic pcap file: its lengths and a digest of its bytes. */
export interface FrameDigest {
  captured: number;
  original: number;
  sha256: string;
}

/** Reads a little-endian pcap by the 16-byte record headers alone: small enough to be right at a glance. */
export function pcapFrames(path: string): FrameDigest[] {
  const file = readFileSync(path);
  const frames: FrameDigest[] = [];
  for (let at = 24; at + 16 <= file.length;) {
    const captured = file.readUInt32LE(at + 8);
    const original = file.readUInt32LE(at + 12);
    const bytes = file.subarray(at + 16, at + 16 + captured);
    frames.push({ captured, original, sha256: createHash('sha256').update(bytes).digest('hex') });
    at += 16 + captured;
  }
  return frames;
}

/** Packets as Wireshark's capinfos counts them. */
export function capinfosPackets(path: string): number {
  const text = execFileSync('capinfos', ['-M', '-c', path], { encoding: 'utf8' });
  return Number(/Number of packets:\s+(\d+)/.exec(text)?.[1]);
}

/** Joins PCAPNG segments into one pcap by Wireshark's own tools, in the order given. */
export function segmentsToPcap(segments: string[], into: string): void {
  execFileSync('mergecap', ['-a', '-F', 'pcap', '-w', into, ...segments]);
}
