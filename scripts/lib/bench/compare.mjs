// Everybody on the same files, in turn: one run of each, then the next round.
import { has, say } from '../shell.mjs';
import { checkTotals } from './check.mjs';
import { presetInput, warmCache } from './inputs.mjs';
import { presets } from './options.mjs';
import { median } from './statistics.mjs';
import { floors, limits, ours, peers } from './subjects.mjs';

/** On input d peers take minutes each: they run once there, and in a short run only those that take least. */
const slowInput = 'd';
const slowInputPeers = ['softflowd', 'pmacctd'];

/** Which peers are asked for and there; says which packages would bring the others. */
export function installedPeers(options) {
  const wanted = [...peers.filter((peer) => options.peers.includes(peer.name)), ...floors];
  const missing = wanted.filter((peer) => !peer.programs.every(has));
  for (const peer of missing) {
    say(`${peer.name} is not installed and left out. Debian: apt-get install ${peer.packages.join(' ')}`);
  }
  return {
    present: wanted.filter((peer) => !missing.includes(peer)),
    missing: missing.map((peer) => ({ name: peer.name, packages: peer.packages })),
  };
}

/** How often a subject runs on an input. */
function roundsOf(subject, input, options) {
  if (subject.kind !== 'peer') return options.rounds;
  if (input.name !== slowInput || options.packets !== undefined) return options.peerRounds;
  return options.short && !slowInputPeers.includes(subject.name) ? 0 : 1;
}

/** One input's runs by subject, as {subject, runs, verdict}. */
async function compareOn(input, present, options, context) {
  const subjects = [...ours, ...limits, ...present].filter(
    (subject) => roundsOf(subject, input, options) > 0,
  );
  const results = subjects.map((subject) => ({ subject, runs: [] }));
  warmCache(input);
  for (let round = 0; round < options.rounds; ++round) {
    // Each round begins with another, so that nobody always follows the same one.
    for (let turn = 0; turn < results.length; ++turn) {
      const result = results[(turn + round) % results.length];
      if (round >= roundsOf(result.subject, input, options)) continue;
      say(`input ${input.name}, round ${round + 1} of ${options.rounds}: ${result.subject.name}`);
      const { output, ...run } = await result.subject.run(input, context);
      result.runs.push({ ...run, verdict: verdictOn(run, output, input) });
    }
  }
  return results.map((result) => summarize(result, input));
}

function verdictOn(run, output, input) {
  if (run.timedOut)
    return { right: false, why: `not done after ${Math.round(run.wallSeconds)} s, and ended` };
  if (!run.ok) return { right: false, why: `it failed: ${output.trim().split('\n').at(-1)}` };
  return checkTotals(run.totals, input);
}

/** Medians over the runs; right only where every run was. */
export function summarize({ subject, runs }, input) {
  const of = (key) => median(runs.map((run) => run[key]));
  const wrong = runs.find((run) => !run.verdict.right);
  const cpuSeconds = of('cpuSeconds');
  return {
    name: subject.name,
    kind: subject.kind,
    runs,
    right: wrong === undefined,
    finished: runs.every((run) => run.ok),
    why: wrong?.verdict.why ?? '',
    octets: runs[0].verdict.octets,
    cpuSeconds,
    wallSeconds: of('wallSeconds'),
    peakBytes: Math.max(...runs.map((run) => run.peakBytes)),
    othersShare: of('othersCpuSeconds') / of('wallSeconds'),
    packetsPerCpuSecond: input.ledger.packets / cpuSeconds,
  };
}

/** The fastest peer whose totals are right; undefined where there is none. */
export function bestPeer(subjects) {
  return subjects
    .filter((subject) => subject.kind === 'peer' && subject.right)
    .sort((left, right) => right.packetsPerCpuSecond - left.packetsPerCpuSecond)[0];
}

export async function compare(present, options, context) {
  const results = [];
  for (const preset of options.inputs) {
    const input = presetInput(context, preset, options.packets ?? presets[preset].packets);
    const subjects = await compareOn(input, present, options, context);
    const best = bestPeer(subjects);
    const loop = subjects.find((subject) => subject.kind === 'limit');
    for (const subject of subjects) {
      subject.ratioToLoop = subject.packetsPerCpuSecond / loop.packetsPerCpuSecond;
      if (best) subject.ratioToBestPeer = subject.packetsPerCpuSecond / best.packetsPerCpuSecond;
    }
    results.push({ input, meaning: presets[preset].meaning, bestPeer: best?.name, subjects });
  }
  return results;
}
