// Running programs, for the scripts beside this folder.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Says what is being done, on standard error: standard output belongs to the program that is started. */
export function say(text) {
  console.error(`wireglass: ${text}`);
}

/** Ends the script with a message that says what to do next. */
export function fail(text, status = 1) {
  console.error(`wireglass: ${text}`);
  process.exit(status);
}

/** Runs a program in the repository with its output shown; false when it failed. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  return result.status === 0;
}

/** Runs a program and returns what it printed, or null when it is missing or failed. */
export function output(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  return result.status === 0 ? result.stdout : null;
}

/** Whether a program is on the PATH. */
export function has(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}
