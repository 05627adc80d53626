import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunNumber } from './run-number.js';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'wg-run-'))));
afterEach(() => rmSync(directory, { recursive: true }));

async function opened(path = join(directory, 'run')): Promise<RunNumber> {
  const numbers = new RunNumber(path);
  await numbers.start();
  return numbers;
}

describe('RunNumber', () => {
  it('counts on over restarts and leaves one file', async () => {
    const first = await opened();
    expect([await first.next(), await first.next()]).toEqual([
      { run: 1, said: null },
      { run: 2, said: null },
    ]);
    expect(await (await opened()).next()).toEqual({ run: 3, said: null });
    expect(readdirSync(directory)).toEqual(['run']);
  });

  it.each(['', 'x', '-1', '1.5', '12345678901234567890'])('refuses a file that holds %j', async (text) => {
    writeFileSync(join(directory, 'run'), text);
    await expect(opened()).rejects.toMatchObject({ code: 'data_dir_unwritable' });
  });

  it('goes on, and says so, when the number cannot be kept', async () => {
    const numbers = await opened(join(directory, 'missing', 'run'));
    expect(await numbers.next()).toEqual({ run: 1, said: expect.stringContaining('ENOENT') as string });
    expect((await numbers.next()).run).toBe(2);
  });
});
