import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { Engine } from './engine.js';
import { PacketStore } from './packet-store.js';
import { output, scratchDirectory, until, writePcap } from './testing/batches.js';
import { writeTrafficFile } from './traffic.js';

const scratch = scratchDirectory();
const engine = Engine.shared();
const file = scratch.path('traffic.pcap');
const directory = scratch.path('store');
const store = new PacketStore(directory);
const packets = 3_000;

async function record(paths: string[], into: string): Promise<void> {
  await engine.start({ source: { kind: 'files', paths }, recording: { directory: into, sensor: 7 } });
  await engine.finished();
}

beforeAll(async () => {
  await writeTrafficFile(file, { profile: 'lisp_ai', packets, seed: 3 });
  await record([file], directory);
});
afterAll(() => scratch.remove());

/** Packets of a classic little-endian pcap: their bytes, in order. */
function packetsOfPcap(pcap: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 24; at < pcap.length;) {
    const length = pcap.readUInt32LE(at + 8);
    found.push(pcap.subarray(at + 16, at + 16 + length));
    at += 16 + length;
  }
  return found;
}

describe('recording', () => {
  it('keeps every packet, refused ones too', async () => {
    const counters = engine.counters();
    expect(counters.packets_recorded).toBe(packets);
    expect(counters.packets_not_recorded).toBe(0);
    expect(counters.packets_lost_to_disk).toBe(0);
    expect(await store.totals()).toMatchObject({ packets });
    const segments = await store.segments();
    expect(segments.reduce((sum, segment) => sum + segment.packets, 0)).toBe(packets);
    expect(segments.every(({ open }) => !open)).toBe(true);
  });

  it('can be read while it goes on', async () => {
    const running = scratch.path('running');
    await engine.start({
      source: { kind: 'traffic', profile: 'demo', packets: 0, packetsPerSecond: 5_000, paced: true },
      recording: { directory: running, sensor: 1 },
    });
    await until(() => engine.counters().packets_recorded > 100);
    const rows = await new PacketStore(running).list({ limit: 100 });
    await engine.stop();
    expect(rows).toHaveLength(100);
    expect((await new PacketStore(running).totals()).packets).toBe(engine.counters().captured_packets);
  });
});

describe('list', () => {
  it('shows the newest packets first, page by page', async () => {
    const first = await store.list({ limit: 1_000 });
    const second = await store.list({ limit: 1_000, before: first.at(-1)?.id ?? '' });
    const third = await store.list({ limit: 1_000, before: second.at(-1)?.id ?? '' });
    const times = [...first, ...second, ...third].map(({ time_ns }) => BigInt(time_ns));
    expect(times).toHaveLength(packets);
    expect(times).toEqual([...times].sort((left, right) => (left < right ? 1 : -1)));
    expect(await store.list({ limit: 1, before: third.at(-1)?.id ?? '' })).toEqual([]);
  });

  it('shows the inner flow of a LISP packet and the outer addresses', async () => {
    const rows = await store.list({ limit: 1_000, kind: 'lisp' });
    const data = rows.find(({ overlay }) => overlay === 'lisp');
    expect(data).toMatchObject({ protocol: 'tcp', decode_status: 'ok', interface: 'traffic.pcap' });
    expect(data?.tenant_id).toEqual(expect.any(Number));
    expect(data?.outer_src_addr).not.toBe(data?.src_addr);
    for (const row of rows) expect(row.overlay === 'lisp' || row.protocol === 'lisp_control').toBe(true);
  });

  it('keeps to a time range, both ends included', async () => {
    const [newest, , third] = await store.list({ limit: 3 });
    const rows = await store.list({
      limit: 100,
      fromNs: BigInt(third?.time_ns ?? 0),
      toNs: BigInt(newest?.time_ns ?? 0),
    });
    expect(rows.length).toBeGreaterThanOrEqual(3);
    expect(rows.at(-1)?.time_ns).toBe(third?.time_ns);
  });

  it('has no opinion on what makes no flow', async () => {
    const arp = scratch.path('arp.pcap');
    const frame = Buffer.alloc(60);
    frame.writeUInt16BE(0x0806, 12);
    writePcap(arp, 1, frame);
    const into = scratch.path('arp');
    await record([arp], into);
    expect(await new PacketStore(into).list({ limit: 1 })).toMatchObject([
      {
        protocol: 'arp',
        decode_status: 'not_ip',
        src_addr: null,
        dst_port: null,
        overlay: null,
        tenant_id: null,
      },
    ]);
  });
});

describe('detail', () => {
  it('has the bytes, their digest and the headers with their places', async () => {
    const [row] = await store.list({ limit: 1, kind: 'lisp' });
    const detail = await store.detail(row?.id ?? '');
    const bytes = Buffer.from(detail.hex, 'hex');
    expect(detail).toMatchObject(row ?? {});
    expect(bytes).toHaveLength(detail.captured_length);
    expect(detail.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(detail.headers[0]).toMatchObject({ protocol: 'ethernet', offset: 0, length: 14 });
    for (const { offset, length } of detail.headers)
      expect(offset + length).toBeLessThanOrEqual(bytes.length);
  });

  it.each(['1-00000007-99-0', '1-00000007-1-4000000', 'x', '../../etc/passwd'])(
    'knows no packet %j',
    async (id) => {
      await expect(store.detail(id)).rejects.toMatchObject({ name: 'NativeError', code: 'packet_not_found' });
    },
  );
});

describe('pcap', () => {
  it('gives the newest packets in the order of their recording, byte for byte', async () => {
    const { pcap, packets: count } = await store.pcap({ limit: 50 });
    expect(pcap.readUInt32LE(0)).toBe(0xa1b2c3d4);
    expect(count).toBe(50);
    expect(packetsOfPcap(pcap)).toEqual(packetsOfPcap(readFileSync(file)).slice(-50));
  });

  it('gives the packets that are named', async () => {
    const rows = await store.list({ limit: 10 });
    const ids = rows.filter((_, index) => index % 3 === 0).map(({ id }) => id);
    const { pcap, packets: count } = await store.pcap(ids);
    const hex = await Promise.all([...ids].reverse().map(async (id) => (await store.detail(id)).hex));
    expect(count).toBe(ids.length);
    expect(packetsOfPcap(pcap).map((bytes) => bytes.toString('hex'))).toEqual(hex);
  });

  it('is read by capinfos', async () => {
    const path = scratch.path('download.pcap');
    writeFileSync(path, (await store.pcap({ limit: 1_000 })).pcap);
    const capinfos = output('capinfos', ['-Mc', path]);
    if (capinfos === null) return console.warn('skipped: capinfos is not installed');
    expect(capinfos).toMatch(/Number of packets:\s+1000$/m);
  });

  it('of an empty store is a file without packets', async () => {
    const empty = scratch.path('empty.pcap');
    writeFileSync(empty, readFileSync(file).subarray(0, 24));
    const into = scratch.path('empty');
    await record([empty], into);
    const { pcap, packets: count } = await new PacketStore(into).pcap({ limit: 10 });
    expect({ bytes: pcap.length, count }).toEqual({ bytes: 24, count: 0 });
  });

  it('refuses packets of several link types, which the format cannot hold', async () => {
    const raw = scratch.path('raw.pcap');
    writePcap(raw, 101, Buffer.alloc(20, 0x45));
    const ethernet = scratch.path('ethernet.pcap');
    writePcap(ethernet, 1, Buffer.alloc(60));
    const into = scratch.path('mixed');
    await record([raw, ethernet], into);
    await expect(new PacketStore(into).pcap({ limit: 10 })).rejects.toMatchObject({
      code: 'several_link_types',
      message: expect.stringMatching(/raw IP \(101\).*Ethernet \(1\)/) as string,
    });
  });
});
