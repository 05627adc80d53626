/**
 * Live capture end to end: N frames from one namespace into another, metered, on disk, byte-equal to what tcpdump wrote
 * beside it, and had back over the API.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from './house/sources.js';
import { capinfosPackets, pcapFrames, segmentsToPcap } from './helpers/capture-bytes.js';
import { inside, NamespacePair } from './helpers/namespaces.js';
import { describeWhere, missing } from './helpers/requirements.js';
import { Service } from './helpers/service.js';

const PACKETS = 3_000;
const generator = join(repositoryRoot, 'native/build/release/traffic/wireglass-traffic');

interface Counters {
  captured_packets: number;
  metered_packets: number;
  packets_recorded: number;
  offered_packets: number;
  dropped_kernel_packets: number;
}

describeWhere(missing(['ip', 'tcpdump', 'tcpreplay', 'mergecap', 'capinfos'], true))('live capture', () => {
  const pair = new NamespacePair();
  let folder: string;
  let service: Service | undefined;
  let tcpdump: ChildProcess | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wireglass-live-'));
    pair.create();
  });
  afterEach(async () => {
    await service?.end('SIGKILL');
    tcpdump?.kill('SIGKILL');
    pair.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function startTcpdump(file: string): Promise<void> {
    const args = ['-i', pair.sensorInterface, '-w', file, '-U', '-Z', 'root', '-B', '65536', '-s', '0'];
    const [program, all] = inside(pair.sensor, 'tcpdump', args);
    const child = spawn(program, all, { stdio: ['ignore', 'ignore', 'pipe'] });
    tcpdump = child;
    await once(child.stderr, 'data'); // "listening on …"
  }

  function makeAndSend(packets: number): string {
    const sent = join(folder, 'sent.pcap');
    execFileSync(generator, ['--profile', 'lisp_ai', '--packets', String(packets), '-o', sent], {
      stdio: 'pipe',
    });
    const replay = ['-i', pair.senderInterface, '--pps', '5000', '-q', sent];
    const [program, args] = inside(pair.sender, 'tcpreplay', replay);
    execFileSync(program, args, { stdio: 'pipe' });
    return sent;
  }

  const counters = () => service?.get('/capture/metrics').json().counters as unknown as Counters;

  for (const backend of ['af_packet', 'libpcap']) {
    it(`by ${backend} meters and records every frame as tcpdump saw it`, async () => {
      service = await new Service(['--idle'], join(folder, 'data'), pair.sensor).ready();
      const body = { interface: pair.sensorInterface, backend, buffer_size_mb: 64 };
      expect(service.post('/capture/start', body).status).toBe(200);
      const beside = join(folder, 'tcpdump.pcap');
      await startTcpdump(beside);

      const sent = makeAndSend(PACKETS);
      expect(service.post('/capture/start', body).json()).toMatchObject({
        status: 409,
        code: 'capture_running',
      });
      const stopped = service.post('/capture/stop');
      expect(stopped.status).toBe(200);
      tcpdump?.kill('SIGINT');
      if (tcpdump) await once(tcpdump, 'exit');

      expect(counters()).toMatchObject({
        offered_packets: PACKETS,
        captured_packets: PACKETS,
        metered_packets: PACKETS,
        packets_recorded: PACKETS,
        dropped_kernel_packets: 0,
      });
      expect(service.post('/capture/stop').json()).toMatchObject({
        status: 409,
        code: 'capture_not_running',
      });

      const packets = join(folder, 'data/packets');
      const segments = readdirSync(packets)
        .filter((name) => name.endsWith('.pcapng'))
        .sort();
      const recorded = join(folder, 'recorded.pcap');
      segmentsToPcap(
        segments.map((name) => join(packets, name)),
        recorded,
      );
      const frames = pcapFrames(recorded);
      expect(frames).toEqual(pcapFrames(beside));
      expect(frames).toEqual(pcapFrames(sent));
    });
  }

  it('hands packets out as files that Wireshark opens', async () => {
    service = await new Service(
      ['--interface', pair.sensorInterface],
      join(folder, 'data'),
      pair.sensor,
    ).ready();
    makeAndSend(200);
    await service.until(() => counters().packets_recorded === 200, 'the frames did not arrive');
    const file = join(folder, 'download.pcap');

    for (const [query, expected] of [
      ['', 10],
      ['?count=100', 100],
      ['?count=1', 1],
    ] as const) {
      const answer = service.get(`/packets/download/pcap${query}`);
      expect(answer.headers['content-type']).toBe('application/vnd.tcpdump.pcap');
      expect(answer.headers['content-disposition']).toMatch(/filename="?packets_\d{8}_\d{6}\.pcap"?/);
      writeFileSync(file, answer.bytes);
      expect(capinfosPackets(file)).toBe(expected);
    }
    for (const bad of ['0', '101', 'abc', '', '1.5']) {
      const answer = service.get(`/packets/download/pcap?count=${bad}`);
      expect([bad, answer.status]).toEqual([bad, 400]);
      expect(String(answer.json().detail)).toMatch(/count/);
    }
    const lisp = service.get('/packets/download/pcap?kind=lisp&count=5');
    expect(lisp.headers['content-disposition']).toMatch(/lisp_packets_\d{8}_\d{6}\.pcap/);

    const [newest] = service.get('/packets?limit=1').json().packets as unknown as { id: string }[];
    const one = service.get(`/packets/${newest?.id}/download/pcap`);
    expect(one.headers['content-disposition']).toContain(`packet_${newest?.id}.pcap`);
    writeFileSync(file, one.bytes);
    expect(capinfosPackets(file)).toBe(1);
    expect(service.get('/packets/1-00000000-1-0').status).toBe(404);
    expect(service.get('/packets/nonsense/download/pcap').status).toBe(404);
  });

  it('stopped by SIGTERM in mid-traffic stores what it had received and exits with 0', async () => {
    service = await new Service(
      ['--interface', pair.sensorInterface],
      join(folder, 'data'),
      pair.sensor,
    ).ready();
    const sent = join(folder, 'sent.pcap');
    execFileSync(generator, ['--profile', 'ordinary', '--packets', '100000', '--flows', '2000', '-o', sent], {
      stdio: 'pipe',
    });
    const [program, args] = inside(pair.sender, 'tcpreplay', [
      '-i',
      pair.senderInterface,
      '--pps',
      '20000',
      '-q',
      sent,
    ]);
    const replay = spawn(program, args, { stdio: 'ignore' });
    await service.until(() => counters().captured_packets > 10_000, 'no traffic arrived');
    const before = counters().captured_packets;
    expect(await service.end('SIGTERM')).toBe(0);
    replay.kill('SIGKILL');

    const again = await new Service(['--idle'], join(folder, 'data'), pair.sensor).ready(service.tokens);
    service = again;
    const totals = again.get('/packets/stats').json() as unknown as { packets: number };
    expect(totals.packets).toBeGreaterThanOrEqual(before);
    const segments = readdirSync(join(folder, 'data/packets')).filter((name) => name.endsWith('.pcapng'));
    const onDisk = segments.map((name) => capinfosPackets(join(folder, 'data/packets', name)));
    expect(onDisk.reduce((sum, packets) => sum + packets, 0)).toBe(totals.packets);
    expect(flowPackets(again)).toBe(totals.packets);
  });

  it('killed by SIGKILL reopens its store and recovers the open segment to its last whole block', async () => {
    service = await new Service(
      ['--interface', pair.sensorInterface],
      join(folder, 'data'),
      pair.sensor,
    ).ready();
    makeAndSend(2_000);
    await service.until(() => counters().packets_recorded === 2_000, 'the frames did not arrive');
    // Asking for a packet has the writer flush; what came before is on disk then.
    service.get('/packets?limit=1');
    await service.end('SIGKILL');

    const again = await new Service(['--idle'], join(folder, 'data'), pair.sensor).ready(service.tokens);
    service = again;
    expect(again.get('/packets/stats').json()).toMatchObject({ packets: 2_000 });
    expect(readdirSync(join(folder, 'data/packets')).filter((name) => name.endsWith('.open'))).toEqual([]);
    expect(again.get('/capture/flows?scope=stored&limit=1').status).toBe(200);
  });

  it('names what is wrong with an interface', async () => {
    service = await new Service(['--idle'], join(folder, 'data'), pair.sensor).ready();
    execFileSync('ip', ['-n', pair.sensor, 'link', 'set', pair.sensorInterface, 'down']);
    for (const [name, status, code] of [
      ['nosuch0', 404, 'interface_not_found'],
      [pair.sensorInterface, 409, 'interface_down'],
    ] as const) {
      const answer = service.post('/capture/start', { interface: name });
      expect(answer.json()).toMatchObject({ status, code });
      expect(answer.headers['content-type']).toContain('application/problem+json');
    }
  });
});

/** Packets of all stored flow records, both directions. */
function flowPackets(service: Service): number {
  let total = 0;
  for (let cursor: string | null = ''; cursor !== null;) {
    const page = service
      .get(`/capture/flows?scope=stored&limit=1000${cursor && `&cursor=${cursor}`}`)
      .json() as unknown as {
      flows: { packets: number; rev_packets: number }[];
      next_cursor: string | null;
    };
    total += page.flows.reduce((sum, flow) => sum + flow.packets + flow.rev_packets, 0);
    cursor = page.next_cursor;
  }
  return total;
}
