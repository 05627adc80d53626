import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { repositoryRoot } from '../house/sources.js';
import { inside } from './namespaces.js';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  bytes: Buffer;
  json: () => Record<string, never>;
}

let nextPort = 18_000 + (process.pid % 2_000) * 8;

/** A running `wireglass run` of the built collector, as a user has it; inside a network namespace where one is given. */
export class Service {
  readonly url: string;
  output = '';
  tokens: Record<string, string> = {};
  private readonly process: ChildProcess;

  constructor(
    options: string[],
    readonly dataFolder: string,
    private readonly namespace?: string,
  ) {
    nextPort += 1;
    this.url = `http://127.0.0.1:${nextPort}`;
    const wireglass = join(repositoryRoot, 'collector/bin/wireglass.js');
    const args = [wireglass, 'run', '--port', String(nextPort), '--data-dir', dataFolder, ...options];
    const [program, all] = inside(namespace, process.execPath, args);
    this.process = spawn(program, all, { stdio: ['ignore', 'pipe', 'pipe'] });
    const take = (chunk: Buffer) => {
      this.output += chunk.toString();
    };
    this.process.stdout?.on('data', take);
    this.process.stderr?.on('data', take);
  }

  /** Resolves when the service has said where it answers. `known` are the tokens of an earlier run on the same data. */
  async ready(known: Record<string, string> = {}): Promise<this> {
    await this.until(() => this.output.includes('answers at'), 'the service did not start');
    const printed = [...this.output.matchAll(/(viewer|operator|admin)\s+(wg_\S+)/g)];
    const made = printed.map(([, role, token]): [string, string] => [role ?? '', token ?? '']);
    this.tokens = { ...known, ...Object.fromEntries(made) };
    return this;
  }

  /** Waits for a condition, at most 20 s; fails with the service's output. */
  async until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
    for (let i = 0; i < 200; i += 1) {
      if (await condition()) return;
      if (this.process.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${what}; the service said:\n${this.output}`);
  }

  request(method: 'GET' | 'POST', path: string, body?: unknown): Answer {
    const client = join(__dirname, 'http-request.mjs');
    const payload = body === undefined ? [] : [JSON.stringify(body)];
    const token = this.tokens.operator ?? '';
    const [program, args] = inside(this.namespace, process.execPath, [
      client,
      method,
      this.url + path,
      token,
      ...payload,
    ]);
    const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 << 20 });
    if (!stdout) throw new Error(`${method} ${path}: ${stderr}\n${this.output}`);
    const { status, headers, base64 } = JSON.parse(stdout) as {
      status: number;
      headers: Record<string, string>;
      base64: string;
    };
    const bytes = Buffer.from(base64, 'base64');
    return { status, headers, bytes, json: () => JSON.parse(bytes.toString()) as Record<string, never> };
  }

  get(path: string): Answer {
    return this.request('GET', `/api/v1${path}`);
  }

  post(path: string, body: unknown = {}): Answer {
    return this.request('POST', `/api/v1${path}`, body);
  }

  /** Sends a signal and resolves with the exit code (null when a signal ended it). */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return this.process.exitCode;
    // `ip netns exec` replaces itself by the program: the signal reaches the service.
    this.process.kill(signal);
    const [code] = (await once(this.process, 'exit')) as [number | null];
    return code;
  }
}
