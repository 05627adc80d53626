import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { AppError } from '../model/errors.js';

/**
 * Identity of this sensor in packet ids: 32 random bits, made once and kept in `path` as 8 hex digits. A damaged file is
 * an error rather than a new identity, because ids that were handed out would no longer be ours.
 */
export async function readSensorId(path: string): Promise<number> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    if (/^[0-9a-f]{8}$/.test(text)) return parseInt(text, 16);
    throw new AppError('bad_config', {
      reason: `${path} should hold 8 hex digits; restore it, or delete it to become another sensor`,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const text = randomBytes(4).toString('hex');
  await writeFile(path, `${text}\n`, { mode: 0o600, flag: 'wx' });
  return parseInt(text, 16);
}
