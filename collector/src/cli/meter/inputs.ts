import { readdirSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import type { EngineFailure } from '@wireglass/native';
import { errorMessage } from '../../model/errors.js';
import { looksLikeCapture } from './capture-magic.js';
import { expandGlob, isGlob, naturally } from './glob.js';

export interface Inputs {
  /** what the engine reads, in this order; - is standard input */
  paths: string[];
  /** arguments that gave nothing to read, and why */
  failures: EngineFailure[];
  /** files in directories that are no captures */
  skipped: string[];
  /** bytes of the files on disk, null where standard input or a device is among them */
  bytes: number | null;
}

/** A capture file that a directory holds, or one that is none. */
interface Found {
  captures: string[];
  others: string[];
}

const failure = (message: string): EngineFailure => ({ code: 'input_unreadable', message });

function listDirectory(directory: string, recursive: boolean, found: Found): Found {
  const entries: Dirent[] = readdirSync(directory, { withFileTypes: true });
  for (const { name } of entries.sort((left, right) => naturally(left.name, right.name))) {
    const path = join(directory, name);
    // a link to a file is a file; a link to a directory could lead in a circle
    const isLink = entries.some((entry) => entry.name === name && entry.isSymbolicLink());
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory() && recursive && !isLink) listDirectory(path, recursive, found);
    else if (stat?.isFile()) (looksLikeCapture(path) ? found.captures : found.others).push(path);
  }
  return found;
}

class Expansion implements Inputs {
  readonly paths: string[] = [];
  readonly failures: EngineFailure[] = [];
  readonly skipped: string[] = [];
  bytes: number | null = 0;

  constructor(private readonly recursive: boolean) {}

  add(argument: string): void {
    const stat = argument === '-' ? undefined : statSync(argument, { throwIfNoEntry: false });
    if (stat?.isDirectory()) this.addDirectory(argument);
    else if (argument === '-' || stat !== undefined || !isGlob(argument)) this.addPath(argument);
    else this.addGlob(argument);
  }

  private addPath(path: string): void {
    this.paths.push(path);
    const stat = path === '-' ? undefined : statSync(path, { throwIfNoEntry: false });
    if (path === '-' || (stat !== undefined && !stat.isFile())) this.bytes = null;
    else if (this.bytes !== null) this.bytes += stat?.size ?? 0;
  }

  private addGlob(pattern: string): void {
    const found = expandGlob(pattern);
    if (found.length === 0) this.failures.push(failure(`${pattern}: no file matches`));
    for (const path of found) {
      if (statSync(path).isDirectory()) this.addDirectory(path);
      else this.addPath(path);
    }
  }

  private addDirectory(directory: string): void {
    try {
      const { captures, others } = listDirectory(directory, this.recursive, { captures: [], others: [] });
      this.skipped.push(...others);
      captures.forEach((path) => this.addPath(path));
      if (captures.length > 0) return;
      const hint = this.recursive ? '' : ' (--recursive looks into directories below it)';
      this.failures.push(failure(`${directory}: no capture file in this directory${hint}`));
    } catch (error) {
      this.failures.push(failure(`${directory}: ${errorMessage(error)}`));
    }
  }
}

/**
 * The capture files that arguments name: files as they are given, patterns that no shell expanded and directories
 * naturally sorted. Files that were named go to the engine even if they are no captures: it says so.
 */
export function expandInputs(args: readonly string[], recursive: boolean): Inputs {
  const inputs = new Expansion(recursive);
  for (const argument of args) inputs.add(argument);
  return inputs;
}
