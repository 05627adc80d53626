import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { measure } from './measure.mjs';

export const argus = {
  name: 'argus',
  kind: 'peer',
  programs: ['argus', 'racount'],
  packages: ['argus-server', 'argus-client'],
  async run(input, context) {
    const [[program, args]] = this.commands(input, 0, context);
    const run = await measure(context, program, args);
    const file = args.at(-1);
    const totals = run.ok ? readTotals(execFileSync('racount', ['-r', file], { encoding: 'utf8' })) : null;
    rmSync(file, { force: true });
    return { ...run, totals };
  },
  commands(input, _port, context) {
    mkdirSync(context.scratch, { recursive: true });
    const file = join(context.scratch, 'argus.out');
    rmSync(file, { force: true });
    return [['argus', ['-r', input.path, '-w', file]]];
  },
};

/** The line of sums of racount: records, packets (all, from source, from destination), bytes likewise. */
export function readTotals(text) {
  const sums = text.match(/^\s*sum\s+(\d+)\s+(\d+)\s+\d+\s+\d+\s+(\d+)\s/m);
  return sums === null ? null : { packets: Number(sums[2]), octets: Number(sums[3]) };
}
