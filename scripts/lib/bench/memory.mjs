// What share of a packet's time goes into waiting for memory, and what a graphics processor could take over. The
// machine's counters may be out of reach (virtual machines), so the same instructions are timed on flow tables that
// fit the cache and on such that do not, beside what memory does in the simplest of programs.
import { execFileSync } from 'node:child_process';
import { say } from '../shell.mjs';
import { presetInput } from './inputs.mjs';
import { measure } from './measure.mjs';
import { presets } from './options.mjs';
import { median } from './statistics.mjs';

/** Nanoseconds of CPU per packet of the minimal loop's steps: each does all that the one before does. */
async function loopSteps(input, options, context) {
  const steps = { headers: [], parse: [], count: [] };
  for (let round = 0; round < options.rounds; ++round) {
    for (const mode of Object.keys(steps)) {
      const run = await measure(context, context.program('minimal_loop'), [
        mode,
        input.path,
        String(input.flows),
      ]);
      if (!run.ok) throw new Error(`minimal_loop ${mode}: ${run.output}`);
      steps[mode].push((run.cpuSeconds / input.ledger.packets) * 1e9);
    }
  }
  return Object.fromEntries(Object.entries(steps).map(([mode, values]) => [mode, median(values)]));
}

export async function memory(options, context) {
  say('memory: latency, bandwidth, and the minimal loop step by step');
  const probe = JSON.parse(execFileSync(context.program('memory_probe'), { encoding: 'utf8' }));
  const input = presetInput(context, 'a', options.packets ?? presets.a.packets);
  return { probe, loopSteps: await loopSteps(input, options, context) };
}

/** Of the cost with many live flows, what the same instructions do not cost with few: waits, as a share. */
export function waitShare(few, many) {
  return Math.max(0, 1 - few.meter.steadyNs / many.meter.steadyNs);
}

/**
 * Public figures, not measured here: a PCIe 4.0 slot of 16 lanes carries 31.5 GB/s each way by its line rate and
 * coding, one of PCIe 5.0 63.0 GB/s; drivers reach about four fifths of that with large transfers.
 */
export const buses = [
  { name: 'PCIe 4.0 x16', gbPerSecond: 31.5 * 0.8 },
  { name: 'PCIe 5.0 x16', gbPerSecond: 63.0 * 0.8 },
];
