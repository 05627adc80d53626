import { measure } from './measure.mjs';

/** Walks the packets and looks at none: the floor of what libpcap allows. */
export const tcpdump = {
  name: 'tcpdump',
  kind: 'floor',
  programs: ['tcpdump'],
  packages: ['tcpdump'],
  async run(input, context) {
    const run = await measure(context, 'tcpdump', ['-r', input.path, '--count']);
    return { ...run, totals: run.ok ? readTotals(run.output) : null };
  },
  /** As root it would give up its rights, and with them the right to write Valgrind's file. */
  commands: (input) => [
    ['tcpdump', [...(process.getuid() === 0 ? ['-Z', 'root'] : []), '-r', input.path, '--count']],
  ],
};

/** Octets it does not say. */
export function readTotals(text) {
  const count = text.match(/^(\d+) packets?$/m);
  return count === null ? null : { packets: Number(count[1]) };
}
