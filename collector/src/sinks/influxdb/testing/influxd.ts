import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Why the real server cannot run here; null when it can. */
export const influxdMissing = (): string | null =>
  spawnSync('influxd', ['version']).status === 0 ? null : 'Debian package influxdb is not installed';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whether every thread of a process is in state T (proc_pid_stat(5)); a signal reaches them one after the other. */
function isStopped(pid: number): boolean {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).every((task) => {
    const [, state] = /\) (\S)/.exec(readFileSync(`${tasks}/${task}/stat`, 'utf8')) ?? [];
    return state === 'T';
  });
}

export interface Series {
  name?: string;
  tags?: Record<string, string>;
  columns: string[];
  values: unknown[][];
}

/** A real influxd of its own: authentication on, an admin `admin`, loopback, a temporary directory. */
export class Influxd {
  static readonly password = 'pass "word" \\1';
  private child: ChildProcess | null = null;

  private constructor(
    readonly directory: string,
    readonly port: number,
    private readonly more: Readonly<Record<string, string>>,
  ) {}

  /** `more`: further lines of sections of its configuration; `prepare` is given its directory before it runs. */
  static async start(
    more: Readonly<Record<string, string>> = {},
    prepare: (directory: string) => void = () => undefined,
  ): Promise<Influxd> {
    const server = new Influxd(mkdtempSync(join(tmpdir(), 'wg-influxd-')), await freePort(), more);
    prepare(server.directory);
    await server.run();
    await server.query(
      `CREATE USER admin WITH PASSWORD '${Influxd.password.replace(/[\\']/g, '\\$&')}' WITH ALL PRIVILEGES`,
    );
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it, once more after kill(). */
  async run(): Promise<void> {
    const config = join(this.directory, 'influxdb.conf');
    const section = (name: string, lines: string): string =>
      `[${name}]\n${lines}\n${this.more[name] ?? ''}\n`;
    writeFileSync(
      config,
      [
        'reporting-disabled = true\nbind-address = "127.0.0.1:0"\n',
        section('meta', `dir = "${this.directory}/meta"`),
        section(
          'data',
          `dir = "${this.directory}/data"\nwal-dir = "${this.directory}/wal"\nindex-version = "${this.more['data']?.includes('inmem') === true ? 'inmem' : 'tsi1'}"`,
        ),
        section('monitor', 'store-enabled = false'),
        section('continuous_queries', 'run-interval = "1s"\nlog-enabled = false'),
        section('http', `bind-address = "127.0.0.1:${this.port}"\nauth-enabled = true\nlog-enabled = false`),
      ].join(''),
    );
    const child = spawn('influxd', ['run', '-config', config], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part: Buffer) => (output += String(part)));
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(50)) {
      if (child.exitCode !== null) break;
      const answer = await fetch(`${this.url}/ping`).catch(() => null);
      if (answer?.status === 204) return;
    }
    throw new Error(`influxd does not run: ${output.slice(-2_000)}`);
  }

  /** Ends the process; what it stored stays. */
  async kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGCONT');
    child.kill(signal);
    await ended;
  }

  /** It takes connections and answers nothing; returns when all its threads have stopped. */
  async freeze(): Promise<void> {
    const pid = this.child?.pid;
    if (pid === undefined) throw new Error('influxd does not run');
    this.child?.kill('SIGSTOP');
    while (!isStopped(pid)) await sleep(1);
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  async end(): Promise<void> {
    await this.kill('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }

  private get authorization(): string {
    return `Basic ${Buffer.from(`admin:${Influxd.password}`).toString('base64')}`;
  }

  /** Writes lines as the admin. */
  async write(database: string, lines: string): Promise<void> {
    const answer = await fetch(`${this.url}/write?db=${encodeURIComponent(database)}`, {
      method: 'POST',
      headers: { authorization: this.authorization },
      body: lines,
    });
    if (answer.status !== 204) throw new Error(await answer.text());
  }

  /** The answer to a question as it is. */
  async forward(query: URLSearchParams): Promise<{ status: number; text: string }> {
    const answer = await fetch(`${this.url}/query?${query.toString()}`, {
      headers: { authorization: this.authorization },
    });
    return { status: answer.status, text: await answer.text() };
  }

  /** Runs InfluxQL as the admin. Rejects with what the server says. */
  async query(statement: string, database = ''): Promise<Series[]> {
    const answer = await fetch(`${this.url}/query?db=${encodeURIComponent(database)}&epoch=ns`, {
      method: 'POST',
      headers: {
        authorization: this.authorization,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ q: statement }).toString(),
    });
    // times have more digits than a number
    const text = (await answer.text()).replace(/(?<=\[)(-?\d{16,})(?=[,\]])/g, '"$1"');
    const body = JSON.parse(text) as { error?: string; results?: { error?: string; series?: Series[] }[] };
    const error = body.error ?? body.results?.find((result) => result.error !== undefined)?.error;
    if (error !== undefined) throw new Error(`${statement}: ${error}`);
    return (body.results ?? []).flatMap(({ series }) => series ?? []);
  }

  /** The one number of an answer; 0 when it is empty. */
  async number(statement: string, database = ''): Promise<number> {
    const [series] = await this.query(statement, database);
    return Number(series?.values[0]?.at(-1) ?? 0);
  }
}
