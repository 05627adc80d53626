import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { measure } from './measure.mjs';

export const nfpcapd = {
  name: 'nfpcapd',
  kind: 'peer',
  programs: ['nfpcapd', 'nfdump'],
  packages: ['nfdump'],
  async run(input, context) {
    const directory = emptyDirectory(context);
    const run = await measure(context, 'nfpcapd', ['-r', input.path, '-w', directory]);
    const totals = run.ok
      ? readTotals(execFileSync('nfdump', ['-R', directory, '-I'], { encoding: 'utf8' }))
      : null;
    rmSync(directory, { recursive: true, force: true });
    return { ...run, totals };
  },
  commands: (input, _port, context) => [['nfpcapd', ['-r', input.path, '-w', emptyDirectory(context)]]],
};

function emptyDirectory(context) {
  const directory = join(context.scratch, 'nfpcapd');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** Sums of the statistics that `nfdump -I` prints, over all files. */
export function readTotals(text) {
  const sum = (name) =>
    [...text.matchAll(new RegExp(`^${name}: (\\d+)$`, 'gm'))].reduce(
      (total, match) => total + Number(match[1]),
      0,
    );
  if (!/^Packets: \d+$/m.test(text)) return null;
  return { packets: sum('Packets'), octets: sum('Bytes') };
}
