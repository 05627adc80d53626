import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where Wireglass and the manifest differ, and why that is right or which later work will end it. */
export interface Difference {
  capture: string;
  field: string;
  wireglass: number;
  manifest: number;
  reason: string;
}

const file = join(__dirname, 'differences.json');

export function listedDifferences(): Difference[] {
  return JSON.parse(readFileSync(file, 'utf8')) as Difference[];
}

/** With WIREGLASS_UPDATE_DIFFERENCES=1: rewrites the list, keeping known reasons; new ones need a person's. */
export function updateDifferences(found: Omit<Difference, 'reason'>[]): void {
  const known = listedDifferences();
  const reasonOf = (one: Omit<Difference, 'reason'>) =>
    known.find((k) => k.capture === one.capture && k.field === one.field)?.reason ?? '';
  const rows = found.map((one) => ({ ...one, reason: reasonOf(one) }));
  const line = (row: Difference) =>
    Object.entries(row).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  const text = rows.map((row) => `  {${line(row).join(', ')}}`).join(',\n');
  writeFileSync(file, `[\n${text}\n]\n`);
}
