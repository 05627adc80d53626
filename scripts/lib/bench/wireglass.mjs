import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { measure } from './measure.mjs';

/** As many entries as no input overflows, so that no tool closes flows for lack of room. */
export const maxFlows = 1_048_576;

/** Runs the meter with `args` in front of the input's path; `said` is its whole answer. */
export async function runMeter(input, context, args) {
  const run = await measure(context, context.program('meter_run'), [...args, input.path]);
  if (!run.ok) return { ...run, totals: null };
  const said = JSON.parse(run.output);
  return { ...run, said, totals: { packets: said.packets, octets: said.ip_bytes } };
}

/** Everything that a flow tells, and a sample of each second, but no application fields. */
export const everything = ['--max-flows', String(maxFlows), '--intervals', '1'];

const subject = (name, args) => ({
  name,
  kind: 'ours',
  programs: [],
  run: (input, context) => runMeter(input, context, args),
});

export const wireglass = subject('Wireglass', everything);

/** And every packet written to segments on disk. */
const recording = {
  name: 'Wireglass, recording',
  kind: 'ours',
  programs: [],
  async run(input, context) {
    const directory = join(context.scratch, 'segments');
    rmSync(directory, { recursive: true, force: true });
    const run = await runMeter(input, context, [...everything, '--record', directory]);
    rmSync(directory, { recursive: true, force: true });
    if (run.said && run.said.packets_recorded !== input.ledger.packets)
      run.totals.packets = run.said.packets_recorded;
    return run;
  },
};

/** The meter with more and with less. */
export const variants = [
  subject('Wireglass, application fields', [...everything, '--applications', 'on']),
  subject('Wireglass, two workers', [...everything, '--workers', '2']),
  subject('Wireglass, no interval samples', ['--max-flows', String(maxFlows)]),
  recording,
];
