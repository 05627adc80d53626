/** Keeps the house's limits: file and function length, no marks of unfinished work, C++ includes in one direction. */
import { readFileSync } from 'node:fs';
import { functionsOf } from './functions.js';
import { includeViolations } from './includes.js';
import { repositoryRoot, sourceFiles } from './sources.js';

const MAX_FILE_LINES = 500;
const MAX_FUNCTION_LINES = 70;
// Spelt apart so that this file does not find itself.
const UNFINISHED = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b`);

interface Exception {
  file: string;
  limit: 'file' | 'function';
  name?: string;
  reason: string;
}

const exceptions = JSON.parse(
  readFileSync(`${repositoryRoot}/test/house/exceptions.json`, 'utf8'),
) as Exception[];
const used = new Set<Exception>();

function excepted(file: string, limit: Exception['limit'], name?: string): boolean {
  const found = exceptions.find((e) => e.file === file && e.limit === limit && e.name === name);
  if (found) used.add(found);
  return found !== undefined;
}

describe('the house', () => {
  const files = sourceFiles();

  it('has sources to look at', () => {
    expect(files.length).toBeGreaterThan(60);
  });

  it(`has no file over ${MAX_FILE_LINES} lines`, () => {
    const long = files.filter((f) => f.lines.length > MAX_FILE_LINES && !excepted(f.path, 'file'));
    expect(long.map((f) => `${f.path}: ${f.lines.length}`)).toEqual([]);
  });

  it(`has no function over ${MAX_FUNCTION_LINES} lines`, () => {
    const long = files
      .filter((f) => !/[._]test\.(tsx?|mjs|cpp)$/.test(f.path))
      .flatMap((f) => functionsOf(f).map((fn) => ({ ...fn, path: f.path })))
      .filter((fn) => fn.lines > MAX_FUNCTION_LINES && !excepted(fn.path, 'function', fn.name));
    expect(long.map((fn) => `${fn.path} ${fn.name}: ${fn.lines}`)).toEqual([]);
  });

  it('has no marks of unfinished work', () => {
    const marks = files.flatMap((f) =>
      f.lines.flatMap((line, i) => (UNFINISHED.test(line) ? [`${f.path}:${i + 1}`] : [])),
    );
    expect(marks).toEqual([]);
  });

  it('includes headers in one direction only', () => {
    expect(includeViolations(files)).toEqual([]);
  });

  it('gives a reason for each exception, and needs it', () => {
    expect(exceptions.filter((e) => e.reason.length < 20)).toEqual([]);
    expect(exceptions.filter((e) => !used.has(e))).toEqual([]);
  });
});
