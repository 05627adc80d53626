// Inputs, made by the project's generator and kept with their ledger in .cache/bench.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root, say } from '../shell.mjs';

const cache = join(root, '.cache/bench');
/** Of each preset's packets, how many unidirectional flows they make. */
const packetsPerFlow = { a: 10, b: 100, c: 15, d: 2 };

/** Makes the input unless it is there; {name, path, ledger, flows (unidirectional), fileBytes}. */
export function presetInput(context, preset, packets) {
  // Even: a connection is two flows.
  const flows = Math.floor(packets / packetsPerFlow[preset] / 2) * 2;
  return makeInput(context, `${preset}-${packets}`, preset, [
    ...['--preset', preset, '--packets', String(packets), '--flows', String(flows)],
  ]);
}

/**
 * An input by generator options. The name must say everything that the options do; a generator that was built since
 * makes it again.
 */
export function makeInput(context, fileName, name, args) {
  const path = join(cache, `${fileName}.pcap`);
  const ledgerPath = join(cache, `${fileName}.ledger.json`);
  const generator = context.generator;
  const made =
    existsSync(path) && existsSync(ledgerPath) && statSync(path).mtimeMs > statSync(generator).mtimeMs;
  if (!made) {
    say(`making ${path}`);
    mkdirSync(cache, { recursive: true });
    const result = spawnSync(generator, [...args, '-o', `${path}.part`], { encoding: 'utf8' });
    if (result.status !== 0) fail(`the generator failed: ${result.stderr}`);
    writeFileSync(ledgerPath, result.stderr.trim().split('\n').at(-1) + '\n');
    renameSync(`${path}.part`, path);
  }
  const ledger = JSON.parse(readFileSync(ledgerPath, 'utf8'));
  const oneWay = name === 'd';
  return { name, path, ledger, flows: ledger.biflows * (oneWay ? 1 : 2), fileBytes: statSync(path).size };
}

/** Reads the file once, so that the first to be measured finds it in memory like the others. */
export function warmCache(input) {
  spawnSync('cat', [input.path], { stdio: ['ignore', 'ignore', 'inherit'] });
}
