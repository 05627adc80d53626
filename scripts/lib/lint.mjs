// Formatters and linters, each one check. With `fix` the formatters write.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { has, output, root, run } from './shell.mjs';
import { check, goMissing } from './suites.mjs';

const node = process.execPath;
const bin = (path) => join(root, 'node_modules', path);

function tracked(...patterns) {
  const listed = output('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns]) ?? '';
  return listed
    .split('\n')
    .filter((file) => file && !file.includes('generated/') && existsSync(join(root, file)));
}

/** All checks of the source text; returns suite results. */
export function lint(fix = false) {
  const cpp = tracked('native/*.cpp', 'native/*.hpp');
  const results = [
    check('field table: what it generates is up to date', node, [
      'fields/generate.mjs',
      ...(fix ? [] : ['--check']),
    ]),
    check('eslint', node, [bin('eslint/bin/eslint.js'), '.', ...(fix ? ['--fix'] : [])]),
    check('prettier', node, [
      bin('prettier/bin/prettier.cjs'),
      fix ? '--write' : '--check',
      '--log-level=warn',
      ...tracked('*.ts', '*.tsx', '*.mjs', '*.json', '*.js'),
    ]),
    check('typescript, tests included', node, [bin('typescript/bin/tsc'), '-p', 'tsconfig.json']),
  ];
  if (has('clang-format-19')) {
    results.push(
      check('clang-format', 'clang-format-19', fix ? ['-i', ...cpp] : ['--dry-run', '--Werror', ...cpp]),
    );
  } else {
    results.push({ name: 'clang-format (not installed)', passed: 0, failed: 0, skipped: 1 });
  }
  results.push(...lintGo(fix));
  return results;
}

function lintGo(fix) {
  const missing = goMissing();
  if (missing !== null) return [{ name: `gofmt, go vet (${missing})`, passed: 0, failed: 0, skipped: 2 }];
  const sources = tracked('grafana-plugin/*.go');
  if (fix) run('gofmt', ['-w', ...sources]);
  const unformatted = 'files=$(gofmt -l "$@"); echo "$files" >&2; test -z "$files"';
  return [
    check('gofmt', 'sh', ['-c', unformatted, 'gofmt', ...sources]),
    check('go vet', 'go', ['vet', './pkg/...', './browser/...'], { cwd: join(root, 'grafana-plugin') }),
  ];
}

/** clang-tidy over the sources of a configured preset; slow, so it is its own step. */
export function tidy(preset) {
  if (!has('clang-tidy-19')) return { name: 'clang-tidy (not installed)', passed: 0, failed: 0, skipped: 1 };
  const sources = tracked('native/core/*.cpp', 'native/traffic/*.cpp', 'native/bench/*.cpp').filter(
    (file) => !/_(test|bench|fuzz)\.cpp$/.test(file),
  );
  const command = `printf '%s\\n' "$@" | xargs -P 2 -n 4 clang-tidy-19 --quiet -p native/build/${preset} 2>/dev/null`;
  return check('clang-tidy', 'sh', ['-c', command, 'tidy', ...sources]);
}
