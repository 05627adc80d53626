import { writeTrafficFile } from '@wireglass/native';
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

// The real service as a process of its own: engine, stores, API and command line together. Needs the build.

const bin = join(__dirname, '../bin/wireglass.js');
const packets = 20_000;
let directory: string;
let children: ChildProcess[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wg-service-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
  }
  rmSync(directory, { recursive: true });
});

interface Running {
  child: ChildProcess;
  url: string;
  output: () => string;
  exit: Promise<number | null>;
  ask: (path: string, role?: string, method?: string) => Promise<Response>;
  json: <Value>(path: string, role?: string, method?: string) => Promise<Value>;
}

const tokens = new Map<string, string>();

function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('WIREGLASS_')));
}

async function start(...options: string[]): Promise<Running> {
  const all = [
    'run',
    '--port',
    '0',
    '--data-dir',
    join(directory, 'data'),
    '--log-level',
    'warn',
    ...options,
  ];
  const child = spawn(process.execPath, [bin, ...all], { cwd: directory, env: environment() });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (part: Buffer) => (output += String(part)));
  const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  await until(() => output.includes('Ctrl-C ends it') || child.exitCode !== null);
  if (child.exitCode !== null) throw new Error(`the service ended: ${output}`);
  for (const [token, role = ''] of output.matchAll(/wg_(viewer|operator|admin)_[\w-]{43}/g))
    tokens.set(role, token);
  const url = /answers at (http:\S+)/.exec(output)?.[1] ?? '';
  const ask = (path: string, role = 'operator', method = 'GET') =>
    fetch(`${url}/api/v1${path}`, { method, headers: { authorization: `Bearer ${tokens.get(role)}` } });
  const json = async <Value>(path: string, role?: string, method?: string) => {
    const answer = await ask(path, role, method);
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as Value;
  };
  return { child, url, output: () => output, exit, ask, json };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(50))
    if (await condition()) return;
  throw new Error('it did not happen within 30 s');
}

interface Metrics {
  state: string;
  counters: Record<string, number>;
  ledger: { metering: { holds: boolean }; recording: { holds: boolean } };
}

async function storedFlows(service: Running): Promise<{ packets: number; rev_packets: number }[]> {
  const flows: { packets: number; rev_packets: number }[] = [];
  let cursor = '';
  do {
    const page = await service.json<{ flows: typeof flows; next_cursor: string | null }>(
      `/capture/flows?scope=stored&limit=1000${cursor}`,
      'viewer',
    );
    flows.push(...page.flows);
    cursor = page.next_cursor === null ? '' : `&cursor=${encodeURIComponent(page.next_cursor)}`;
  } while (cursor !== '');
  return flows;
}

interface Frame {
  schema: { fields: { name: string }[] };
  data: { values: unknown[][] };
}

/** The history has the capture, with its events, as the API answers. */
async function expectRemembered(service: Running, file: string, packets: number): Promise<void> {
  const answer = await fetch(`${service.url}/api/v1/query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.get('viewer')}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      from: 'now-1h',
      to: 'now',
      queries: ['captures', 'events'].map((type) => ({ refId: type, type })),
    }),
  });
  const { results } = (await answer.json()) as { results: Record<string, { frames: Frame[] }> };
  const column = (type: string, name: string): unknown[] => {
    const frame = results[type]?.frames[0];
    const place = frame?.schema.fields.findIndex((field) => field.name === name) ?? -1;
    return frame?.data.values[place] ?? [];
  };
  expect(column('captures', 'captured_packets')).toEqual([packets]);
  expect(column('captures', 'state')).toEqual(['finished']);
  expect(column('captures', 'ledger_holds')).toEqual([true]);
  expect(column('events', 'title').reverse()).toEqual([
    `capture of file ${file} started`,
    `capture of file ${file} ended`,
  ]);
}

const captured = async (service: Running): Promise<number> =>
  (await service.json<Metrics>('/capture/metrics', 'viewer')).counters['captured_packets'] ?? 0;
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

describe('the service', () => {
  it('meters and records a file to the packet, goes on answering, and keeps it over a restart', async () => {
    const file = join(directory, 'traffic.pcap');
    const truth = await writeTrafficFile(file, { profile: 'ordinary', packets, flows: 500, seed: 7 });
    let service = await start('--read', file);
    await until(() => service.output().includes('The service goes on answering'));
    expect(Object.values(truth)).toContain(packets);

    const metrics = await service.json<Metrics>('/capture/metrics', 'viewer');
    expect(metrics).toMatchObject({
      state: 'finished',
      counters: { captured_packets: packets, packets_recorded: packets, records_dropped: 0 },
      ledger: { settled: true, metering: { holds: true }, recording: { holds: true } },
    });
    const flows = await storedFlows(service);
    expect(flows).toHaveLength(metrics.counters['records'] ?? -1);
    const inFlows = sum(flows.map((flow) => flow.packets + flow.rev_packets));
    expect(inFlows).toBe(metrics.counters['metered_packets']);
    expect(await service.json('/packets/stats')).toMatchObject({ packets });

    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(0);
    service = await start('--idle');
    await expectRemembered(service, file, packets);
    expect(service.output()).not.toMatch(/wg_(viewer|operator|admin)_/);
    expect(await storedFlows(service)).toHaveLength(flows.length);
    expect(await service.json('/packets/stats')).toMatchObject({ packets });
  });

  it('gives LISP packets their names', async () => {
    const service = await start('--rate', '2000');
    const newest = () => service.json<{ packets: { id: string }[] }>('/packets?limit=1&kind=lisp');
    await until(async () => (await newest()).packets.length > 0);
    const id = (await newest()).packets[0]?.id;
    const one = await service.ask(`/packets/${id}/download/pcap`);
    expect(one.headers.get('content-disposition')).toBe(`attachment; filename="lisp_packet_${id}.pcap"`);
    const several = await service.ask('/packets/download/pcap?kind=lisp&count=2');
    expect(several.headers.get('content-disposition')).toMatch(/"lisp_packets_\d{8}_\d{6}\.pcap"$/);
  });

  const itWithTshark = spawnSync('tshark', ['--version']).status === 0 ? it : it.skip;
  itWithTshark('gives packets that tshark reads (needs tshark)', async () => {
    const service = await start('--rate', '2000');
    await until(async () => (await service.json<{ packets: number }>('/packets/stats')).packets > 300);
    const answer = await service.ask('/packets/download/pcap?count=100');
    expect(answer.headers.get('content-type')).toBe('application/vnd.tcpdump.pcap');
    const path = join(directory, 'download.pcap');
    const bytes = Buffer.from(await answer.arrayBuffer());
    writeFileSync(path, bytes);
    expect(bytes.readUInt32LE(0)).toBe(0xa1b2c3d4);
    const lines = execFileSync('tshark', ['-r', path, '-T', 'fields', '-e', 'frame.number'], {
      encoding: 'utf8',
    });
    expect(lines.trim().split('\n')).toHaveLength(100);
  });

  it('stores what was received when it is ended in mid-traffic', async () => {
    let service = await start('--rate', '5000');
    await until(async () => (await captured(service)) > 2_000);
    const before = await service.json<Metrics>('/capture/metrics');
    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(0);
    service = await start('--idle');
    const totals = await service.json<{ packets: number }>('/packets/stats');
    expect(totals.packets).toBeGreaterThanOrEqual(before.counters['captured_packets'] ?? Infinity);
    const flows = await storedFlows(service);
    const { entries } = await service.json<{
      entries: { action: string; parameters: { packets: number } }[];
    }>('/audit?limit=10', 'admin');
    const stop = entries.find(({ action }) => action === 'capture_stop');
    expect(totals.packets).toBe(stop?.parameters.packets);
    expect(sum(flows.map((flow) => flow.packets + flow.rev_packets))).toBeLessThanOrEqual(totals.packets);
    expect(sum(flows.map((flow) => flow.packets + flow.rev_packets))).toBeGreaterThan(0);
  });

  it('opens again after kill -9, with whole segments, flows and audit log', async () => {
    let service = await start('--rate', '5000');
    await until(async () => (await service.json<{ packets: number }>('/packets/stats')).packets > 5_000);
    await until(async () => (await storedFlows(service)).length > 0);
    const before = (await storedFlows(service)).length;
    service.child.kill('SIGKILL');
    await service.exit;
    service = await start('--rate', '100');
    expect((await storedFlows(service)).length).toBeGreaterThanOrEqual(before);
    expect((await service.json<{ packets: number }>('/packets/stats')).packets).toBeGreaterThan(4_000);
    const check = execFileSync(
      process.execPath,
      [bin, 'audit', 'verify', '--data-dir', join(directory, 'data')],
      {
        encoding: 'utf8',
        env: environment(),
      },
    );
    expect(check).toContain('the chain is whole');
  });

  it('stops the capture on request, with both equations balanced, and starts no second one before', async () => {
    const service = await start('--rate', '3000');
    await until(async () => (await captured(service)) > 500);
    const second = await fetch(`${service.url}/packet_capture/start`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.get('operator')}`, 'content-type': 'application/json' },
      body: '{"interface":"lo","backend":"libpcap","buffer_size_mb":256}',
    });
    expect([second.status, ((await second.json()) as { code: string }).code]).toEqual([
      409,
      'capture_running',
    ]);
    const stop = await service.json<Metrics & { status: { ended_by: string } }>(
      '/capture/stop',
      'operator',
      'POST',
    );
    expect(stop).toMatchObject({
      status: { state: 'finished', ended_by: expect.stringMatching(/^operator:/) as string },
      ledger: { settled: true, metering: { holds: true }, recording: { holds: true } },
    });
    expect(await service.json('/packets/stats')).toMatchObject({
      packets: stop.counters['captured_packets'],
    });
    expect((await service.ask('/capture/stop', 'operator', 'POST')).status).toBe(409);
  });

  it('heeds tokens of the command line at once, and keeps its own files to itself', async () => {
    const service = await start('--idle');
    const data = join(directory, 'data');
    const command = (...rest: string[]) =>
      execFileSync(process.execPath, [bin, 'token', ...rest, '--data-dir', data], {
        encoding: 'utf8',
        env: environment(),
      });
    const token = command('new', '--role', 'viewer').trim();
    const status = () =>
      fetch(`${service.url}/api/v1/capture/status`, { headers: { authorization: `Bearer ${token}` } });
    expect((await status()).status).toBe(200);
    const id = command('list').trim().split('\n').at(-1)?.split(' ')[0] ?? '';
    command('revoke', id);
    await sleep(1_200);
    expect((await status()).status).toBe(401);
    for (const name of ['tokens.json', 'audit.jsonl', 'sensor-id']) {
      expect([name, statSync(join(data, name)).mode & 0o077]).toEqual([name, 0]);
    }
    const actions = readFileSync(join(data, 'audit.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { action: string }).action);
    expect(actions).toEqual(['token_new', 'token_new', 'token_new', 'token_new', 'token_revoke', 'refused']);
  });
});

describe('a start that cannot be', () => {
  it('says that the port is in use, and leaves no tokens that nobody saw', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(start('--port', String(port))).rejects.toThrow(`127.0.0.1:${port} is in use`);
    expect(existsSync(join(directory, 'data/tokens.json'))).toBe(false);
    server.close();
  });

  it('says that another service has the data', async () => {
    await start('--idle');
    await expect(start('--idle')).rejects.toThrow(/is in use by process \d+/);
  });

  it.each<[string, string[], RegExp, number]>([
    ['no such interface', ['--interface', 'wg-none0'], /wg-none0/, 1],
    ['a data directory that is a file', ['--data-dir', '/dev/null/x'], /cannot be written/, 1],
    ['a misspelt option', ['--prot', '1'], /Did you mean --port/, 2],
    ['two sources', ['--interface', 'lo', '--idle'], /cannot be used with/, 2],
    ['a port that is none', ['--port', 'http'], /api.port/, 2],
    ['an address that is not here', ['--host', '192.0.2.1'], /cannot listen on 192.0.2.1/, 1],
  ])('ends for %s', async (_, options, reason, code) => {
    const running = start(...options);
    await expect(running).rejects.toThrow(reason);
    expect(children.at(-1)?.exitCode).toBe(code);
  });

  it('shows the tokens of a first start whose capture does not begin', async () => {
    await expect(start('--interface', 'wg-none0')).rejects.toThrow(/wg_operator_/);
  });
});
