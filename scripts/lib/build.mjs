// What must be installed and built before anything runs. Each step looks first and does nothing where nothing changed.
import { existsSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fail, has, root, run, say } from './shell.mjs';

/** The tools that nothing can replace; ends the script and names the command where one is missing. */
export function requireToolchain() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) fail(`Node.js 20 or newer is needed, this is ${process.version}.`);
  const missing = [];
  if (!has('cmake')) missing.push('cmake');
  if (!has('c++') && !has('g++') && !has('clang++')) missing.push('g++');
  if (missing.length > 0) {
    fail(`${missing.join(' and ')} not found. Debian: apt-get install ${missing.join(' ')}`);
  }
}

/** Installs the npm packages of the lock file unless they are there already. */
export function installPackages() {
  const installed = join(root, 'node_modules/.package-lock.json');
  const lock = join(root, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  // Not `npm ci`: it refuses a lock file when the registry at hand lacks optional packages of some other platform.
  say('installing npm packages as the lock file has them (npm install)');
  if (!run('npm', ['install', '--no-save', '--no-audit', '--no-fund']))
    fail('npm install failed; see above.');
}

/**
 * Configures (once) and builds a preset of native/CMakePresets.json; `targets` empty means all of it.
 * Returns whether it worked.
 */
export function buildNative(preset, targets = []) {
  const directory = join(root, 'native/build', preset);
  if (!existsSync(join(directory, 'CMakeCache.txt'))) {
    say(`configuring the native core (${preset})`);
    const generator = has('ninja') ? ['-G', 'Ninja'] : ['-G', 'Unix Makefiles'];
    if (!run('cmake', ['--preset', preset, ...generator], { cwd: join(root, 'native') })) return false;
  }
  say(`building the native core (${preset}); the first time takes minutes`);
  const which = targets.flatMap((target) => ['--target', target]);
  return run('cmake', ['--build', directory, '-j', String(cpus().length), ...which]);
}

/** Generates the filter parser and compiles TypeScript, both incrementally. */
export function buildTypeScript() {
  say('compiling TypeScript');
  if (!run('npm', ['run', '--silent', 'generate', '-w', 'collector'])) return false;
  return run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'native', 'collector']);
}

/** Everything that the service needs. */
export function buildAll() {
  requireToolchain();
  installPackages();
  if (!buildNative('release')) fail('the native build failed; see above.');
  if (!buildTypeScript()) fail('compiling TypeScript failed; see above.');
}
