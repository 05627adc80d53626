// One function per suite; each returns {name, passed, failed, skipped} and, where it can, the failures' names.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, relative } from 'node:path';
import { output, root, run, say } from './shell.mjs';

const reports = join(root, 'artifacts/reports');

function report(name, suffix) {
  mkdirSync(reports, { recursive: true });
  const file = join(reports, `${name}.${suffix}`);
  rmSync(file, { force: true });
  return file;
}

/** A program that passes or fails as one. */
export function check(name, command, args, options) {
  say(`check: ${name}`);
  const ok = run(command, args, options);
  return { name, passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

/** GoogleTest suites of a native preset, through ctest; `extra` goes to ctest. */
export function ctest(preset, extra = []) {
  const name = `ctest-${preset}`;
  const file = report(name, 'xml');
  say(`native tests (${preset})`);
  const ok = run('ctest', [
    '--test-dir',
    join(root, 'native/build', preset),
    '-j',
    String(cpus().length),
    '--output-on-failure',
    '--progress',
    '--output-junit',
    file,
    ...extra,
  ]);
  if (!existsSync(file)) return { name, passed: 0, failed: 1, skipped: 0 };
  const text = readFileSync(file, 'utf8');
  const head = text.slice(0, 2000);
  const count = (attribute) => Number(head.match(new RegExp(`${attribute}="(\\d+)"`))?.[1] ?? 0);
  const skipped = count('skipped') + count('disabled');
  const failed = Math.max(count('failures'), ok ? 0 : 1);
  const failures = [...text.matchAll(/<testcase name="([^"]*)"[^>]*status="fail"/g)].map(([, test]) => test);
  return { name, passed: count('tests') - skipped - failed, failed, skipped, failures };
}

/** Everything that jest finds, or the paths given. */
export const jest = (paths = []) => jestIn('jest', root, paths);

/** The jest that a folder has installed, on its tests. */
export function jestIn(name, directory, paths = []) {
  const file = report(name.replace(/\W+/g, '-'), 'json');
  say(`TypeScript tests (${name})`);
  const jestMain = join(directory, 'node_modules/jest/bin/jest.js');
  const args = ['--json', `--outputFile=${file}`, ...paths];
  const ok = run(process.execPath, [jestMain, ...args], { cwd: directory });
  if (!existsSync(file)) return { name, passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(readFileSync(file, 'utf8'));
  const failed = Math.max(result.numFailedTests + result.numRuntimeErrorTestSuites, ok ? 0 : 1);
  return {
    name,
    passed: result.numPassedTests,
    failed,
    skipped: result.numPendingTests + result.numTodoTests,
    failures: result.testResults.flatMap(failuresOf),
  };
}

/** What failed in a file of tests: its tests, or the file as a whole. */
function failuresOf({ name, status, assertionResults }) {
  const file = relative(root, name);
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (failed.length === 0 && status === 'failed') return [file];
  return failed.map((test) => `${file}: ${test.fullName}`);
}

/** The tests of the scripts themselves. */
export function scripts() {
  const files = readdirSync(join(root, 'scripts'), { recursive: true })
    .filter((file) => file.endsWith('.test.mjs'))
    .map((file) => join('scripts', file));
  return nodeTests('scripts', files);
}

/** Tests by Node's own runner, one file after the other. */
export function nodeTests(name, files, options = {}) {
  say(`tests by node --test (${name})`);
  const result = spawnSync(
    process.execPath,
    ['--test', '--test-concurrency=1', '--test-reporter=tap', ...files],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 << 20,
      ...options,
    },
  );
  const count = (what) => Number(result.stdout.match(new RegExp(`^# ${what} (\\d+)$`, 'm'))?.[1] ?? 0);
  const failed = Math.max(count('fail') + count('cancelled'), result.status === 0 ? 0 : 1);
  if (failed > 0) console.error(result.stdout, result.stderr);
  return { name, passed: count('pass'), failed, skipped: count('skipped') + count('todo') };
}

const goModule = join(root, 'grafana-plugin');

/** Why Go cannot test the module here; null where it can. */
export function goMissing() {
  const version = /go(\d+\.\d+(?:\.\d+)?)/.exec(output('go', ['version']) ?? '')?.[1];
  if (version === undefined) return 'Go is not installed';
  const wanted = /^go (\S+)/m.exec(readFileSync(join(goModule, 'go.mod'), 'utf8'))?.[1] ?? '';
  const order = version.localeCompare(wanted, 'en', { numeric: true });
  return order >= 0 ? null : `Go is ${version}, the module asks for ${wanted}`;
}

/** The Go tests under the race detector, each test counted. */
export function goTests() {
  say('Go tests');
  const result = spawnSync('go', ['test', '-race', '-json', './pkg/...'], {
    cwd: goModule,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  const events = (result.stdout ?? '')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .filter((event) => event.Test !== undefined);
  const named = (action) => events.filter(({ Action }) => Action === action).map(({ Test }) => Test);
  const failures = named('fail');
  const failed = Math.max(failures.length, result.status === 0 ? 0 : 1);
  if (failed > 0) console.error(result.stdout, result.stderr);
  return { name: 'go', passed: named('pass').length, failed, skipped: named('skip').length, failures };
}
