import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const repositoryRoot = join(__dirname, '../..');

export interface SourceFile {
  /** from the repository's root */
  path: string;
  lines: string[];
}

/** The C++, TypeScript and script sources that people wrote. */
export function sourceFiles(): SourceFile[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  return listed
    .split('\n')
    .filter((path) => /\.(ts|tsx|mjs|js|cpp|hpp|go)$/.test(path) && !path.includes('generated/'))
    .filter((path) => existsSync(join(repositoryRoot, path)))
    .map((path) => ({ path, lines: readFileSync(join(repositoryRoot, path), 'utf8').trimEnd().split('\n') }));
}
