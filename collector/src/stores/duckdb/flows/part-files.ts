import { mkdir, open, readdir, rename, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

const temporarySuffix = '.tmp';

/** Where a part's file lies below the directory of records: by the UTC hour in which the part was begun. */
export function partPath(sequence: number, begunAtS: number): string {
  const text = new Date(begunAtS * 1_000).toISOString();
  return join(`dt=${text.slice(0, 10)}`, `h=${text.slice(11, 13)}`, `${sequence}.parquet`);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Files of sealed parts: there under their name only when they are whole and on the disk. */
export class PartFiles {
  constructor(readonly directory: string) {}

  absolute(path: string): string {
    return join(this.directory, path);
  }

  /**
   * Has `write` make the file under a temporary name, then gives it its own. `whole` is called in between, when the file
   * is on the disk. Returns the file's size. After an error nothing is left of it.
   */
  async make(
    path: string,
    write: (temporary: string) => Promise<void>,
    whole: (temporary: string) => Promise<void>,
  ): Promise<number> {
    const final = this.absolute(path);
    const temporary = `${final}${temporarySuffix}`;
    try {
      await mkdir(dirname(final), { recursive: true, mode: 0o700 });
      await write(temporary);
      await sync(temporary);
      const { size } = await stat(temporary);
      await whole(temporary);
      await rename(temporary, final);
      // the names of the file and of directories that are new
      for (const directory of [dirname(final), dirname(dirname(final)), this.directory])
        await sync(directory);
      return size;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  /** Removes a file and the directories that are empty then. */
  async remove(path: string): Promise<void> {
    const file = this.absolute(path);
    await rm(file, { force: true });
    await this.removeEmpty(dirname(file));
  }

  /** Size of a file; null where there is none. */
  async size(path: string): Promise<number | null> {
    try {
      return (await stat(this.absolute(path))).size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  /** Sets a file aside that is not what the manifest says. */
  async setAside(path: string): Promise<void> {
    await rename(this.absolute(path), `${this.absolute(path)}.damaged`);
  }

  /** Removes temporary files and parts that are none of `known`: what a sealing left that did not come to its end. */
  async removeStrays(known: ReadonlySet<string>): Promise<string[]> {
    const strays: string[] = [];
    let entries;
    try {
      entries = await readdir(this.directory, { recursive: true, withFileTypes: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    for (const entry of entries) {
      const path = join(relative(this.directory, entry.parentPath), entry.name);
      if (!entry.isFile() || known.has(path) || !/\.parquet(\.tmp)?$/.test(path)) continue;
      await unlink(this.absolute(path));
      strays.push(path);
    }
    return strays;
  }

  private async removeEmpty(directory: string): Promise<void> {
    for (let at = directory; at.length > this.directory.length; at = dirname(at)) {
      // it is not empty, or another removal was faster
      if (
        !(await rmdir(at).then(
          () => true,
          () => false,
        ))
      )
        return;
    }
  }
}
