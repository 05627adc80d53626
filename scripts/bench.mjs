// `npm run bench`: Wireglass beside the minimal loop and the installed peers, on inputs of the project's generator.
// See scripts/lib/bench/options.mjs for what it can do and docs/PERFORMANCE.md for what came out.
import { rmSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { callgrind } from './lib/bench/callgrind.mjs';
import { compare, installedPeers } from './lib/bench/compare.mjs';
import { describeMachine, packageVersions } from './lib/bench/machine.mjs';
import { memory } from './lib/bench/memory.mjs';
import { help, parseOptions, UsageError } from './lib/bench/options.mjs';
import { prepare } from './lib/bench/programs.mjs';
import { writeReport } from './lib/bench/report.mjs';
import { scaling } from './lib/bench/scaling.mjs';
import { runStages } from './lib/bench/stages.mjs';
import { fail, root, say } from './lib/shell.mjs';

function optionsOrExit(args) {
  try {
    return parseOptions(args);
  } catch (error) {
    if (error instanceof UsageError) fail(`${error.message}\n\n${help}`, 2);
    throw error;
  }
}

async function main() {
  const options = optionsOrExit(process.argv.slice(2));
  if (options.help) return void process.stdout.write(help);
  if (options.stages) return runStages(options);
  const context = prepare(options);
  const began = Date.now();
  const { present, missing } = installedPeers(options);
  const results = {
    date: new Date(began).toISOString(),
    command: ['', ...process.argv.slice(2)].join(' ').replace(/^ /, ' -- '),
    machine: describeMachine(),
    versions: packageVersions(present.flatMap((peer) => peer.packages)),
    missing,
    rounds: options.rounds,
  };
  try {
    if (options.callgrind) {
      results.callgrind = await callgrind(present, options, context);
      return finish(results, began, options);
    }
    if (options.parts.includes('compare')) results.compare = await compare(present, options, context);
    if (options.parts.includes('scaling')) results.scaling = await scaling(options, context);
    if (options.parts.includes('memory')) results.memory = await memory(options, context);
  } finally {
    rmSync(context.scratch, { recursive: true, force: true });
  }
  finish(results, began, options);
}

function finish(results, began, options) {
  results.seconds = (Date.now() - began) / 1000;
  const directory = isAbsolute(options.output) ? options.output : join(root, options.output);
  say(
    `results in ${writeReport(directory, results, options.callgrind ? 'callgrind' : 'results').join(' and ')}`,
  );
  const wrong = (results.compare ?? []).flatMap(({ input, subjects }) =>
    subjects
      .filter(({ kind, right }) => kind === 'ours' && !right)
      .map(({ name, why }) => `${name} on input ${input.name}: ${why}`),
  );
  if (wrong.length > 0) fail(`our own result is wrong. ${wrong.join('. ')}`);
}

await main();
