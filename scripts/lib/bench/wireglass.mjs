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

export const wireglass = {
  name: 'Wireglass',
  kind: 'ours',
  programs: [],
  run: (input, context) => runMeter(input, context, ['--max-flows', String(maxFlows)]),
};

/** And every packet written to segments on disk. */
export const wireglassRecording = {
  name: 'Wireglass, recording',
  kind: 'ours',
  programs: [],
  async run(input, context) {
    const directory = join(context.scratch, 'segments');
    rmSync(directory, { recursive: true, force: true });
    const run = await runMeter(input, context, ['--max-flows', String(maxFlows), '--record', directory]);
    rmSync(directory, { recursive: true, force: true });
    if (run.said && run.said.packets_recorded !== input.ledger.packets)
      run.totals.packets = run.said.packets_recorded;
    return run;
  },
};
