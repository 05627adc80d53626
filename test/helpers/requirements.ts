import { spawnSync } from 'node:child_process';

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

function namespacesWork(): boolean {
  if (process.getuid?.() !== 0 || !has('ip')) return false;
  const name = `wg-probe-${process.pid}`;
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return false;
  spawnSync('ip', ['netns', 'delete', name]);
  return true;
}

/** Why a suite cannot run here; null when it can. */
export function missing(programs: string[], namespaces = false): string | null {
  const absent = programs.filter((program) => !has(program));
  if (absent.length > 0) return `not installed: ${absent.join(', ')}`;
  if (namespaces && !namespacesWork()) return 'network namespaces need root';
  return null;
}

/** `describe`, or a skipped one that names what is missing. */
export function describeWhere(lack: string | null): jest.Describe {
  if (lack === null) return describe;
  return ((name: string, body: () => void) =>
    describe.skip(`${name} (skipped: ${lack})`, body)) as jest.Describe;
}
