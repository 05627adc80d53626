// Instructions per packet, by Valgrind: steady where time is not, on a busy machine above all. The whole process counts,
// its start included.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fail, has, say } from '../shell.mjs';
import { byStage } from './callgrind-file.mjs';
import { presetInput } from './inputs.mjs';
import { measure, withReceiver } from './measure.mjs';
import { everything } from './wireglass.mjs';

const packetsPerInput = 200_000;

/** Runs the command under callgrind; instructions of all its processes, by stage for the first of them. */
async function count(context, command, args) {
  const directory = join(context.scratch, 'callgrind');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const valgrind = [
    '--tool=callgrind',
    '--trace-children=yes',
    `--callgrind-out-file=${join(directory, '%p')}`,
  ];
  const run = await measure(context, 'valgrind', [...valgrind, command, ...args]);
  if (!run.ok)
    return { failed: run.timedOut ? 'it did not end in time' : run.output.trim().split('\n').at(-1) };
  const counted = readdirSync(directory).map((name) => byStage(readFileSync(join(directory, name), 'utf8')));
  return { total: counted.reduce((sum, { total }) => sum + total, 0), stages: counted[0].stages };
}

/** Ours: the meter's stages one by one, the minimal loop's steps. */
function ownCommands(input, context) {
  const loop = (mode) => [context.program('minimal_loop'), [mode, input.path, String(input.flows)]];
  return [
    ['Wireglass', context.program('meter_run'), [...everything, input.path]],
    [
      'Wireglass, application fields',
      context.program('meter_run'),
      [...everything, '--applications', 'on', input.path],
    ],
    ['minimal loop', ...loop('count')],
    ['minimal loop, parse and hash only', ...loop('parse')],
    ['minimal loop, records only', ...loop('headers')],
  ];
}

function peerCommands(peers, input, context) {
  return peers.map((peer) => [
    peer.name,
    () => withReceiver(context, (port) => count(context, ...peer.commands(input, port, context)[0])),
  ]);
}

async function countOn(input, peers, context) {
  const rows = [];
  const add = (name, { total, stages, failed }) => {
    const perPacket = (instructions) => instructions / input.ledger.packets;
    const byName = stages && Object.fromEntries(stages.map(([stage, own]) => [stage, perPacket(own)]));
    rows.push({ name, failed, instructions: failed ? undefined : perPacket(total), stages: byName });
  };
  for (const [name, command, args] of ownCommands(input, context)) {
    say(`input ${input.name}, instructions: ${name}`);
    const { stages, ...counted } = await count(context, command, args);
    add(name, name === 'Wireglass' ? { ...counted, stages } : counted);
  }
  for (const [name, run] of peerCommands(peers, input, context)) {
    say(`input ${input.name}, instructions: ${name}`);
    const [{ stages: _, ...counted }] = await run();
    add(name, counted);
  }
  return rows;
}

export async function callgrind(peers, options, context) {
  if (!has('valgrind')) fail('--callgrind needs Valgrind. Debian: apt-get install valgrind');
  const results = [];
  for (const preset of options.inputs) {
    const input = presetInput(context, preset, options.packets ?? packetsPerInput);
    results.push({ input, rows: await countOn(input, peers, context) });
  }
  return results;
}
