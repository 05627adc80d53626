import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A file that becomes visible under its name when it is complete; until then it lies beside it, hidden. */
export class OutputFile {
  private constructor(
    readonly path: string,
    /** where to write until finish() */
    readonly writePath: string,
  ) {}

  /**
   * Makes the file that is written to. A device, a pipe or a socket under that name is written to directly. Throws what
   * opening throws.
   */
  static create(path: string): OutputFile {
    const existing = statSync(path, { throwIfNoEntry: false });
    if (existing !== undefined && !existing.isFile()) {
      closeSync(openSync(path, 'a'));
      return new OutputFile(path, path);
    }
    // what a link leads to is replaced, not the link
    const target = existing === undefined ? path : realpathSync(path);
    const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.partial`);
    closeSync(openSync(temporary, 'w'));
    return new OutputFile(target, temporary);
  }

  /** All is written: from now on the file has its name. */
  finish(): void {
    if (this.writePath !== this.path) renameSync(this.writePath, this.path);
  }

  /** It will not be completed: nothing is left of it. */
  discard(): void {
    if (this.writePath !== this.path) rmSync(this.writePath, { force: true });
  }
}
