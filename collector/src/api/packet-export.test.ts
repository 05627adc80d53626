import { Engine, PacketStore, writeTrafficFile, type PacketRow } from '@wireglass/native';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get as httpGet, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExportRun } from './packet-export-run.js';
import { maxExports } from './routes/packet-export.js';
import { as, testApi } from './test-api.js';

const directory = mkdtempSync(join(tmpdir(), 'wireglass-export-'));
const recorded = join(directory, 'packets');
const packets = 60_000;
let api: Awaited<ReturnType<typeof testApi>>;
let auditFails = false;
const noted: { action: string; outcome: string; parameters?: Record<string, unknown> }[] = [];

beforeAll(async () => {
  const file = join(directory, 'traffic.pcap');
  await writeTrafficFile(file, { profile: 'demo', packets, seed: 5 });
  const engine = Engine.shared();
  await engine.start({
    source: { kind: 'files', paths: [file] },
    recording: { directory: recorded, sensor: 7, maxSegmentBytes: 4 << 20 },
  });
  await engine.finished();
  const append = async (event: (typeof noted)[number]): Promise<void> => {
    if (auditFails) throw Object.assign(new Error('disk full'), { code: 'audit_unavailable' });
    noted.push(event);
  };
  api = await testApi(
    {},
    {
      packets: new PacketStore(recorded),
      audit: { append, appendRefusal: append, read: async () => ({ entries: [], nextBefore: null }) },
    },
  );
});
beforeEach(() => void noted.splice(0));
afterAll(async () => {
  await api.app.close();
  rmSync(directory, { recursive: true });
});

interface Sent {
  response: IncomingMessage;
  bytes: Buffer;
  complete: boolean;
}

/** The whole answer, trailers included; `atByte` is where the client leaves. */
async function get(path: string, atByte = Infinity): Promise<Sent> {
  if (!api.app.server.listening) await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = api.app.server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const request = httpGet(
      { port, path: `/api/v1/packets${path}`, headers: as('operator'), agent: false },
      (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        const end = (): void =>
          resolve({ response, bytes: Buffer.concat(parts), complete: response.complete });
        response.on('data', (part: Buffer) => {
          parts.push(part);
          size += part.length;
          if (size >= atByte) request.destroy();
        });
        response.on('end', end);
        response.on('error', end);
      },
    );
    request.on('error', (error) => (atByte === Infinity ? reject(error) : undefined));
  });
}

async function untilNoted(): Promise<(typeof noted)[number]> {
  for (let round = 0; round < 500 && noted.length === 0; ++round)
    await new Promise((resolve) => setTimeout(resolve, 10));
  return noted[0] as (typeof noted)[number];
}

const linesOf = (bytes: Buffer): string[] => bytes.toString().split('\n').filter(Boolean);

describe('GET /packets/export', () => {
  it.each(['pcap', 'pcapng'])('sends %s that foreign readers read, and notes its counts', async (format) => {
    const { response, bytes, complete } = await get(`/export?format=${format}&filter=tcp`);
    expect(response.statusCode).toBe(200);
    expect(complete).toBe(true);
    expect(response.headers['content-disposition']).toMatch(
      new RegExp(`^attachment; filename="packets_\\d{8}_\\d{6}\\.${format}"$`),
    );
    const file = join(directory, `got.${format}`);
    writeFileSync(file, bytes);
    const told = execFileSync('capinfos', ['-M', '-c', file], { encoding: 'utf8' });
    const count = Number(response.trailers['x-wireglass-packets']);
    expect(count).toBeGreaterThan(10_000);
    expect(told).toMatch(new RegExp(`Number of packets: +${count}$`, 'm'));
    expect(response.trailers['x-wireglass-left-out']).toBe('0');
    expect(noted).toMatchObject([
      { action: 'packets_export', outcome: 'done', parameters: { format, filter: 'tcp', packets: count } },
    ]);
  });

  it('sends the rows of /packets as JSON lines and as CSV, oldest first', async () => {
    const filter = encodeURIComponent('udp port 53');
    const rows = (await get(`?limit=1000&filter=${filter}`)).bytes;
    const listed = (JSON.parse(rows.toString()) as { packets: PacketRow[] }).packets.reverse();
    const lines = linesOf((await get(`/export?format=json&filter=${filter}`)).bytes);
    expect(listed.length).toBeGreaterThan(20);
    expect(lines.slice(-listed.length).map((line) => JSON.parse(line) as PacketRow)).toEqual(listed);
    const csv = linesOf((await get(`/export?format=csv&filter=${filter}`)).bytes);
    expect(csv).toHaveLength(lines.length + 1);
    expect(csv[0]).toMatch(/^id,time_ns,/);
    expect(csv.at(-1)).toMatch(`${listed.at(-1)?.id},${listed.at(-1)?.time_ns},`);
  });

  it('keeps to time range and limit', async () => {
    const all = linesOf((await get('/export?format=json')).bytes).map(
      (line) => JSON.parse(line) as PacketRow,
    );
    expect(all).toHaveLength(packets);
    const [from, to] = [all[1_000]?.time_ns, all[2_000]?.time_ns];
    const part = linesOf((await get(`/export?format=json&from=${from}&to=${to}`)).bytes);
    const inRange = all.filter(({ time_ns }) => time_ns >= String(from) && time_ns < String(to));
    expect(part.map((line) => (JSON.parse(line) as PacketRow).id)).toEqual(inRange.map(({ id }) => id));
    expect(linesOf((await get('/export?format=json&limit=17')).bytes)).toHaveLength(17);
  });

  it('stops reading when the client leaves, and notes how far it came', async () => {
    const whole = (await get('/export?format=pcap')).bytes.length;
    await untilNoted();
    noted.splice(0);
    const { complete } = await get('/export?format=pcap', 1);
    expect(complete).toBe(false);
    const entry = await untilNoted();
    expect(entry).toMatchObject({ action: 'packets_export', outcome: 'cancelled' });
    expect(Number(entry.parameters?.['captured_bytes'])).toBeLessThan(whole);
  });

  it('refuses more than four at a time, and reads no further than clients take', async () => {
    const { port } = api.app.server.address() as AddressInfo;
    const slow = await Promise.all(
      Array.from(
        { length: maxExports },
        async () =>
          new Promise<IncomingMessage>((resolve) => {
            // nothing reads from it
            httpGet(
              { port, path: '/api/v1/packets/export', headers: as('operator'), agent: false },
              resolve,
            ).on('error', () => undefined);
          }),
      ),
    );
    expect((await get('/export')).response.statusCode).toBe(429);
    expect((await get('/export/preview')).response.statusCode).toBe(429);
    expect(noted).toEqual([]);
    for (const response of slow) response.destroy();
    for (let round = 0; round < 500 && noted.length < maxExports; ++round)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(noted.map(({ outcome }) => outcome)).toEqual(Array(maxExports).fill('cancelled'));
    for (const { parameters } of noted) expect(parameters?.['packets']).toBeLessThan(packets);
    expect((await get('/export/preview')).response.statusCode).toBe(200);
  });

  it('drops a client that takes nothing', async () => {
    const outcomes: string[] = [];
    let drop: () => void = () => undefined;
    const dropped = new Promise<void>((resolve) => (drop = resolve));
    const run = new ExportRun(new PacketStore(recorded).export({ format: 'pcap' }), {
      gone: new AbortController().signal,
      note: async (outcome) => void outcomes.push(outcome),
      drop,
      stallMs: 20,
    });
    await run.begin();
    const parts = run.parts();
    expect((await parts.next()).value).toBeInstanceOf(Buffer);
    await dropped;
    expect(outcomes).toEqual(['stalled']);
    await expect(parts.next()).rejects.toMatchObject({ code: 'bad_argument' });
  });

  it('does not complete the file when its entry cannot be written', async () => {
    auditFails = true;
    const { complete } = await get('/export?format=pcapng');
    auditFails = false;
    expect(complete).toBe(false);
  });

  it.each([
    ['filter=tcp_rtt_us%20%3E%205', 'bad_filter'],
    ['from=yesterday', 'bad_time'],
    ['from=2000000000000000000&to=1', 'bad_time'],
    ['format=erf', 'bad_request'],
    ['limit=0', 'bad_request'],
    ['colour=red', 'bad_request'],
  ])('refuses %s before the first byte', async (query, code) => {
    const { response, bytes } = await get(`/export?${query}`);
    expect(response.statusCode).toBe(400);
    expect(response.headers['content-type']).toMatch('application/problem+json');
    expect(JSON.parse(bytes.toString())).toMatchObject({ code });
  });
});

describe('GET /packets/export/preview', () => {
  it('tells what the export is', async () => {
    const told = JSON.parse((await get('/export/preview?filter=udp%20port%2053')).bytes.toString()) as {
      exact: boolean;
      packets: number;
      size_bytes: Record<string, number>;
    };
    expect(told.exact).toBe(true);
    for (const format of ['pcap', 'pcapng', 'json', 'csv']) {
      const { bytes, response } = await get(`/export?format=${format}&filter=udp%20port%2053`);
      expect(told.size_bytes[format]).toBe(bytes.length);
      expect(response.trailers['x-wireglass-packets']).toBe(String(told.packets));
    }
  });
});

describe('GET /packets', () => {
  it('lists what a filter passes', async () => {
    const { bytes } = await get(`?limit=5&filter=${encodeURIComponent('overlay lisp and tcp')}`);
    const rows = (JSON.parse(bytes.toString()) as { packets: PacketRow[] }).packets;
    expect(rows).toHaveLength(5);
    for (const row of rows) expect(row).toMatchObject({ overlay: 'lisp', protocol: 'tcp' });
  });
});
