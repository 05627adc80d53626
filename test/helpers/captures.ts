import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../house/sources.js';

/** Public captures with ground truth by other tools, where a checkout has them beside it. */
export const capturesFolder = join(repositoryRoot, '../shared/captures');
export const haveCaptures = existsSync(join(capturesFolder, 'manifest.jsonl'));

/** `describe` where the captures are; elsewhere the suite is skipped and says why. */
export const describeWithCaptures: jest.Describe = haveCaptures
  ? describe
  : (((name: string, body: () => void) =>
      describe.skip(`${name} (skipped: no captures beside the repository)`, body)) as jest.Describe);

export interface ManifestEntry {
  path: string;
  format: string;
  packets: number;
  bytes_wire: number;
  conversations: { outer: Record<string, number>; inner: Record<string, number> };
}

/** The lines of a .jsonl file of the captures. */
export function truth<Row>(file: string): Row[] {
  const text = readFileSync(join(capturesFolder, file), 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row);
}
