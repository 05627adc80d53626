/**
 * Live capture by two workers that share an interface (AF_PACKET fanout): every frame is metered and recorded once, and
 * a flow is one record whichever worker received its packets. LISP's two directions have outer ports of their own, so
 * the kernel hands many of them to different workers.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlowRecord } from '@wireglass/native';
import { repositoryRoot } from './house/sources.js';
import { inside, NamespacePair } from './helpers/namespaces.js';
import { describeWhere, missing } from './helpers/requirements.js';
import { Service } from './helpers/service.js';

const PACKETS = 12_000;
const WORKERS = 2;
const generator = join(repositoryRoot, 'native/build/release/traffic/wireglass-traffic');
const wireglass = join(repositoryRoot, 'collector/bin/wireglass.js');

interface Ledger {
  packets: number;
  ip_bytes: number;
  biflows: number;
}
interface Conversation {
  records: number;
  packets: number;
  bytes: number;
}

/** What each conversation exchanged, in both directions together: who began may look different to two workers. */
function conversations(flows: FlowRecord[]): Map<string, Conversation> {
  const found = new Map<string, Conversation>();
  for (const flow of flows) {
    const ends = [`${flow.src_addr} ${flow.src_port}`, `${flow.dst_addr} ${flow.dst_port}`].sort();
    // GTP-U's tenant is the endpoint identifier of the initiator's direction.
    const tenant = flow.overlay === 'gtp_u' ? 0 : flow.tenant_id;
    const key = [flow.protocol, flow.vlan_id, flow.overlay, tenant, ...ends].join(' ');
    const sum = found.get(key) ?? { records: 0, packets: 0, bytes: 0 };
    sum.records += 1;
    sum.packets += flow.packets + flow.rev_packets;
    sum.bytes += flow.bytes + flow.rev_bytes;
    found.set(key, sum);
  }
  return found;
}

function storedFlows(service: Service): FlowRecord[] {
  const flows: FlowRecord[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const path = `/capture/flows?scope=stored&limit=1000${cursor && `&cursor=${cursor}`}`;
    const page = service.get(path).json() as unknown as { flows: FlowRecord[]; next_cursor: string | null };
    flows.push(...page.flows);
    cursor = page.next_cursor;
  }
  return flows;
}

function flowsOfFile(file: string): FlowRecord[] {
  const args = [wireglass, 'meter', '--workers', '1', '--format', 'json', file];
  const lines = execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 64 << 20 });
  return lines
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as FlowRecord);
}

describeWhere(missing(['ip', 'tcpreplay'], true))('live capture by two workers', () => {
  const pair = new NamespacePair();
  let folder: string;
  let service: Service | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wireglass-workers-'));
    pair.create();
  });
  afterEach(async () => {
    await service?.end('SIGKILL');
    pair.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  function make(file: string, options: string[]): Ledger {
    const args = [...options, '--packets', String(PACKETS), '-o', file];
    const made = spawnSync(generator, args, { encoding: 'utf8' });
    return JSON.parse(made.stderr) as Ledger;
  }

  function packetSockets(): number {
    const [program, args] = inside(pair.sensor, 'cat', ['/proc/net/packet']);
    return execFileSync(program, args, { encoding: 'utf8' }).trim().split('\n').length - 1;
  }

  it.each([
    ['lisp_ai', []],
    ['ordinary', ['--flows', '3000', '--ipv6', '20', '--vlan', '10', '--all-live']],
    // Frames that fit the interface's MTU with their tunnel.
    ['tunnels', ['--flows', '3000', '--ipv6', '20', '--all-live', '--sizes', 'fixed:600']],
  ])('meters %s traffic exactly, each flow in one record', async (profile, options) => {
    const sent = join(folder, 'sent.pcap');
    const ledger = make(sent, ['--profile', profile, ...options]);
    expect(ledger.packets).toBe(PACKETS);

    service = await new Service(['--idle'], join(folder, 'data'), pair.sensor).ready();
    const body = { interface: pair.sensorInterface, workers: WORKERS, buffer_size_mb: 64 };
    expect(service.post('/capture/start', body).status).toBe(200);
    expect(packetSockets()).toBe(WORKERS);
    const replay = ['-i', pair.senderInterface, '--pps', '8000', '-q', sent];
    const [program, args] = inside(pair.sender, 'tcpreplay', replay);
    execFileSync(program, args, { stdio: 'pipe' });
    expect(service.post('/capture/stop').status).toBe(200);

    expect(service.get('/capture/metrics').json().counters).toMatchObject({
      offered_packets: PACKETS,
      captured_packets: PACKETS,
      metered_packets: PACKETS,
      packets_recorded: PACKETS,
      metered_ip_bytes: ledger.ip_bytes,
      dropped_kernel_packets: 0,
      digests_lost: 0,
      flows_evicted: 0,
      records_dropped: 0,
    });
    const metered = conversations(storedFlows(service));
    expect(metered.size).toBe(ledger.biflows);
    const inPieces = [...metered].filter(([, { records }]) => records !== 1);
    expect(inPieces.slice(0, 3)).toEqual([]);
    const alone = conversations(flowsOfFile(sent));
    const differing = [...metered].filter(([key, { packets, bytes }]) => {
      const theirs = alone.get(key);
      return packets !== theirs?.packets || bytes !== theirs.bytes;
    });
    expect(differing.slice(0, 3)).toEqual([]);
  });
});
