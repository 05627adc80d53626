import { open, readFile, rename } from 'node:fs/promises';
import { AppError, errorMessage } from '../model/errors.js';

/**
 * Numbers the captures of this host from 1, over restarts: two that met the same interval can be told apart by it. The
 * file is replaced whole, so that a crash leaves the old number or the new one.
 */
export class RunNumber {
  private last = 0;

  constructor(private readonly path: string) {}

  /** Goes on from `atLeast`, or from the file. Error: `data_dir_unwritable` where that is none of ours. */
  async start(atLeast = 0): Promise<void> {
    this.last = Math.max(atLeast, await this.kept());
  }

  private async kept(): Promise<number> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
      throw new AppError('data_dir_unwritable', { path: this.path, reason: errorMessage(error) });
    }
    if (!/^\d{1,15}\n?$/.test(text)) {
      const reason = 'it should hold the number of the last capture; remove it to begin at 1 again';
      throw new AppError('data_dir_unwritable', { path: this.path, reason });
    }
    return Number(text);
  }

  /**
   * The next number. It counts on when the disk does not take it: a capture matters more than its number; `said` is the
   * reason then.
   */
  async next(): Promise<{ run: number; said: string | null }> {
    const run = (this.last += 1);
    try {
      await this.keep(run);
      return { run, said: null };
    } catch (error) {
      return { run, said: errorMessage(error) };
    }
  }

  private async keep(run: number): Promise<void> {
    const temporary = `${this.path}.tmp`;
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(`${run}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.path);
  }
}
