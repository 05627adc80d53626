import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flowColumns } from '../generated/flow-fields.js';
import type { FlowBatch } from '../types.js';

/** One column of a batch's rows, as numbers. */
export function column(batch: FlowBatch, name: string): number[] {
  const place = flowColumns.find((candidate) => candidate.name === name);
  if (place === undefined) throw new Error(`no column ${name}`);
  const view = new DataView(batch.columns, place.offset, place.width * batch.rows);
  return Array.from({ length: batch.rows }, (_, row) => {
    const at = row * place.width;
    if (place.width === 8) return Number(view.getBigUint64(at, true));
    if (place.width === 4) return view.getUint32(at, true);
    return place.width === 2 ? view.getUint16(at, true) : view.getUint8(at);
  });
}

/** Packets of both directions that a batch's records count. */
export function packetsOf(batch: FlowBatch): number {
  const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
  return sum(column(batch, 'packets')) + sum(column(batch, 'rev_packets'));
}

/** A directory of its own for one test file, and its removal. */
export function scratchDirectory(): { path: (name: string) => string; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'wireglass-test-'));
  return {
    path: (name) => join(directory, name),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** A classic pcap with one packet of that link type. */
export function writePcap(path: string, linkType: number, packet: Buffer): void {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(linkType, 20);
  const record = Buffer.alloc(16);
  record.writeUInt32LE(1_700_000_000, 0);
  record.writeUInt32LE(packet.length, 8);
  record.writeUInt32LE(packet.length, 12);
  writeFileSync(path, Buffer.concat([header, record, packet]));
}

/** What a program prints, or null where this machine does not have it. */
export function output(program: string, args: string[]): string | null {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Resolves once `condition` holds; fails after ten seconds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; round < 1_000; ++round) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`never came true: ${condition.toString()}`);
}
