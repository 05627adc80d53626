// The native programs that measure and are measured.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildNative, requireToolchain } from '../build.mjs';
import { fail, root } from '../shell.mjs';

const programs = ['export_sum', 'filter_scan', 'memory_probe', 'meter_run', 'minimal_loop', 'run_measured'];

/** Builds them with the preset; returns what subjects need to know. */
export function prepare(options) {
  requireToolchain();
  if (!buildNative(options.build, [...programs, 'wireglass-traffic'])) {
    fail('the benchmark programs do not build. Debian: apt-get install libbenchmark-dev ninja-build');
  }
  const build = join(root, 'native/build', options.build);
  const context = {
    generator: join(build, 'traffic/wireglass-traffic'),
    program: (name) => join(build, 'bench', name),
    scratch: join(root, '.cache/bench', `run-${process.pid}`),
    timeoutSeconds: options.timeoutSeconds,
  };
  const missing = programs.find((name) => !existsSync(context.program(name)));
  if (missing) fail(`${context.program(missing)} was not built`);
  return context;
}
