import { open, readFile, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const retryMs = 20;
const patienceMs = 5_000;

/**
 * Runs `work` while this process holds `path` as a lock file with its pid. It keeps the service and the command line
 * from writing the same file at once; a lock whose process is gone is taken over. Throws when it stays taken.
 */
export async function withFileLock<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
  const deadline = Date.now() + patienceMs;
  while (!(await take(path))) {
    if (await isAbandoned(path)) {
      await rm(path, { force: true });
    } else if (Date.now() > deadline) {
      throw new Error(`${path} is held by another process`);
    } else {
      await sleep(retryMs);
    }
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(String(process.pid));
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    const pid = Number(await readFile(path, 'utf8'));
    // Empty: its maker stands between creating and writing, or died there.
    if (!Number.isInteger(pid) || pid <= 0) return Date.now() - (await stat(path)).mtimeMs > patienceMs / 2;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
