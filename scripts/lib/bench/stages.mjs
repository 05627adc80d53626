// The Google Benchmark programs of single stages, one after another.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildNative, requireToolchain } from '../build.mjs';
import { fail, root, run, say } from '../shell.mjs';
import { presetInput } from './inputs.mjs';
import { presets } from './options.mjs';

export function runStages(options) {
  requireToolchain();
  if (!buildNative(options.build)) {
    fail('the benchmarks do not build. Debian: apt-get install libbenchmark-dev ninja-build');
  }
  const build = join(root, 'native/build', options.build);
  const generator = join(build, 'traffic/wireglass-traffic');
  const input = presetInput({ generator }, 'a', options.packets ?? presets.a.packets);
  const programs = readdirSync(build, { recursive: true })
    .map((name) => join(build, name))
    .filter(
      (path) => path.endsWith('_bench') && statSync(path).isFile() && new RegExp(options.only).test(path),
    );
  for (const program of programs) {
    say(`benchmark: ${program.split('/').pop()}`);
    const env = { ...process.env, WIREGLASS_BENCH_FILE: input.path };
    if (!run(program, ['--benchmark_counters_tabular=true'], { env, stdio: 'inherit' })) {
      fail(`${program} failed`);
    }
  }
}
