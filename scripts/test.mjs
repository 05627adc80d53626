// `npm test`: installs what tests need, builds, runs every suite and sums them in the last line.
// WIREGLASS_STRICT=1 (CI): a skipped test is a failed one where this machine has captures and network namespaces.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildNative, buildTypeScript, installPackages, requireToolchain } from './lib/build.mjs';
import { installTestPackages } from './lib/debian.mjs';
import { lint, tidy } from './lib/lint.mjs';
import { browserTests, pluginChecks } from './lib/plugin.mjs';
import { fail, has, root, run, say } from './lib/shell.mjs';
import { check, ctest, goMissing, goTests, jest, scripts } from './lib/suites.mjs';

const captures = join(root, '../shared/captures');
const results = [];
const skip = (name, reason) => {
  say(`skipped: ${name} (${reason})`);
  results.push({ name, passed: 0, failed: 0, skipped: 1 });
};

const complete = installTestPackages();
requireToolchain();
installPackages();

if (!buildTypeScript()) fail('compiling TypeScript failed; see above.');
results.push(...lint());
if (!buildNative('release')) fail('the native build failed; see above.');

if (complete) {
  if (!buildNative('dev')) fail('the native tests do not build; see above.');
  results.push(tidy('dev'), ctest('dev'));
  if (!buildNative('asan')) fail('the native tests do not build under the sanitizers; see above.');
  results.push(ctest('asan'));
  results.push(...replayCorpora());
  if (!buildNative('tsan', ['test_segment', 'test_pipeline']))
    fail('the native tests do not build under TSan.');
  results.push(ctest('tsan', ['-R', 'Segment|PacketStore|Pipeline|Worker|Exchange|Fanout|FileOrders']));
} else {
  skip('native tests, sanitizers and clang-tidy', 'packages are missing, see above');
}
results.push(scripts(), jest(), ...pluginChecks());
if (goMissing() === null) results.push(goTests(), browserTests());
else skip('Go tests, the plugin in a browser', goMissing());
finish();

/** Runs each fuzz target over its corpus once, and the whole file-to-record path over all captures. */
function replayCorpora() {
  const directory = join(root, 'native/build/asan');
  const targets = fuzzTargets(directory);
  const replayed = targets.map((path) => {
    const name = path.split('/').pop();
    const corpus = join(root, 'native/fuzz-corpus', name);
    const inputs = existsSync(corpus) ? filesBelow(corpus) : [];
    if (name === 'file_to_records_fuzz' && existsSync(captures)) inputs.push(...filesBelow(captures));
    return inputs.length > 0
      ? check(`fuzz corpus: ${name} (${inputs.length} inputs)`, path, [
          '-runs=0',
          '-timeout=20',
          '-rss_limit_mb=4096',
          ...inputs,
        ])
      : { name: `fuzz corpus: ${name} has no inputs`, passed: 0, failed: 1, skipped: 0 };
  });
  if (!existsSync(captures))
    skip('all public captures under the sanitizers', 'no captures beside the repository');
  return replayed;
}

function fuzzTargets(directory) {
  return filesBelow(directory).filter(
    (file) => file.endsWith('_fuzz') && (statSync(file).mode & 0o100) !== 0,
  );
}

function filesBelow(directory) {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** Prints what failed and, last, the sum of all suites. */
function finish() {
  const strict = process.env.WIREGLASS_STRICT === '1' && existsSync(captures) && namespacesWork();
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  let [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')];
  for (const result of results) {
    const counts = `${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`;
    console.log(`${result.failed > 0 ? 'FAILED' : 'ok'}  ${result.name}: ${counts}`);
    for (const failure of result.failures ?? []) console.log(`        ${failure}`);
  }
  if (strict && skipped > 0) {
    console.log('This machine has captures and network namespaces: the skipped tests count as failed.');
    [failed, skipped] = [failed + skipped, 0];
  }
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exit(failed > 0 ? 1 : 0);
}

function namespacesWork() {
  if (process.getuid() !== 0 || !has('ip')) return false;
  const name = `wg-probe-${process.pid}`;
  return run('ip', ['netns', 'add', name]) && run('ip', ['netns', 'delete', name]);
}
