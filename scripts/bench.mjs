// `npm run bench`: builds the benchmarks, makes their input with the project's generator, runs them one after another.
// Options: --packets N (of the file input, default 10 000 000), --only REGEX (names of benchmark programs).
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildNative, requireToolchain } from './lib/build.mjs';
import { fail, root, run, say } from './lib/shell.mjs';

const { values: options } = parseArgs({
  options: { packets: { type: 'string', default: '10000000' }, only: { type: 'string', default: '.' } },
});
requireToolchain();
if (!buildNative('bench'))
  fail('the benchmarks do not build. Debian: apt-get install libbenchmark-dev ninja-build');

const build = join(root, 'native/build/bench');
const cache = join(root, '.cache/bench');
const input = join(cache, `a-${options.packets}.pcap`);
mkdirSync(cache, { recursive: true });
if (!existsSync(input)) {
  say(`making ${input} (preset a: IMIX, one tenth as many unidirectional flows as packets)`);
  const flows = String(Math.floor(Number(options.packets) / 10));
  const args = ['--preset', 'a', '--packets', options.packets, '--flows', flows, '-o', input];
  if (!run(join(build, 'traffic/wireglass-traffic'), args)) fail('the generator failed; see above.');
}

const programs = readdirSync(build, { recursive: true })
  .map((name) => join(build, name))
  .filter(
    (path) => path.endsWith('_bench') && statSync(path).isFile() && new RegExp(options.only).test(path),
  );
for (const program of programs) {
  say(`benchmark: ${program.split('/').pop()}`);
  const env = { ...process.env, WIREGLASS_BENCH_FILE: input };
  if (!run(program, ['--benchmark_counters_tabular=true'], { env, stdio: 'inherit' }))
    fail(`${program} failed`);
}
