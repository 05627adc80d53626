// A service in a process of its own, for what is measured over its API.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./service-process.mjs', import.meta.url));

export class ServiceUnderTest {
  #child = null;
  #waiting = new Map();
  #next = 1;
  token = '';
  url = '';

  /** `flags`: settings by path, as the command line's; `token`: of a data directory that has some. */
  async start(flags, token = '') {
    this.#child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', ({ id, result, error }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    });
    this.#child.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`the service ended (${signal ?? code})`));
      this.#waiting.clear();
    });
    const { url, tokens } = await this.#ask('start', {
      flags: { 'api.port': 0, 'log.level': 'warn', ...flags },
    });
    this.url = url;
    this.token = tokens.find(({ role }) => role === 'admin')?.token ?? token;
    return this;
  }

  meter = (source) => this.#ask('meter', { source });
  endCapture = () => this.#ask('endCapture', null);

  async stop() {
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    await this.#ask('stop', null);
    this.#child.disconnect();
    await exited;
  }

  /** As a crash ends it. */
  async kill() {
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await exited;
  }

  async get(path) {
    return this.#read(await fetch(`${this.url}${path}`, { headers: this.#headers() }), path);
  }

  /** One query; its frames and how long the answer took. Throws where it failed. */
  async query(range, query) {
    const began = performance.now();
    const response = await fetch(`${this.url}/api/v1/query`, {
      method: 'POST',
      headers: { ...this.#headers(), 'content-type': 'application/json' },
      body: JSON.stringify({ ...range, queries: [{ refId: 'A', ...query }] }),
    });
    const { A } = (await this.#read(response, JSON.stringify(query))).results;
    const ms = performance.now() - began;
    if (A.error !== undefined) throw new Error(`${JSON.stringify(query)}: ${A.error}`);
    return { frames: A.frames, ms };
  }

  /** Resident memory in MiB. */
  residentMb() {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
  }

  #headers() {
    return { authorization: `Bearer ${this.token}` };
  }

  async #read(response, what) {
    const text = await response.text();
    if (!response.ok) throw new Error(`${what}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  #ask(ask, argument) {
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, ask, argument });
    });
  }
}

/** Median, 95th percentile and the largest. */
export function latencies(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), max: sorted.at(-1) ?? 0 };
}
