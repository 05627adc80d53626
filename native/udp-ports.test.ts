import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAddon } from './addon.js';
import { listFilePackets } from './file-packets.js';
import { writeTrafficFile } from './traffic.js';
import { sharedPort, udpProtocols } from './udp-ports.js';

describe('UDP ports of protocols', () => {
  it('are those that the core has', () => {
    const ports = Object.entries(udpProtocols).map(([name, protocol]) => [name, [...protocol.ports]]);
    expect(loadAddon().defaultUdpPorts()).toEqual(Object.fromEntries(ports));
  });

  it('are of one protocol each', () => {
    expect(sharedPort({})).toBeUndefined();
    expect(sharedPort({ vxlan: [6_081], geneve: [] })).toBeUndefined();
    expect(sharedPort({ vxlan: [1, 6_081] })).toEqual({ port: 6_081, protocols: ['vxlan', 'geneve'] });
  });
});

describe('listFilePackets', () => {
  let directory: string;
  let file: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'wireglass-list-'));
    file = join(directory, 'traffic.pcap');
    await writeTrafficFile(file, { profile: 'lisp_ai', seed: 7, packets: 500 });
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('shows the innermost packet, by the ports it was told', async () => {
    const rows = await listFilePackets(file, 1_000);
    expect(rows).toHaveLength(500);
    const inner = rows.filter(({ overlay }) => overlay === 'lisp');
    expect(inner.length).toBeGreaterThan(300);
    expect(inner.every(({ outer_src_addr, src_addr }) => outer_src_addr !== src_addr)).toBe(true);
    const withoutPorts = inner.filter(({ src_port }) => src_port === null);
    expect(withoutPorts.every(({ ip_protocol }) => ip_protocol === 1 || ip_protocol === 58)).toBe(true);
    const outer = await listFilePackets(file, 1_000, { udpPorts: { lisp: [] } });
    expect(outer.filter(({ overlay }) => overlay !== null)).toEqual([]);
    expect(outer.filter(({ dst_port }) => dst_port === 4_341)).toHaveLength(inner.length);
  });

  it('goes no deeper than it was told', async () => {
    const inner = await listFilePackets(file, 1_000, { maxIpLayers: 2 });
    expect(inner.filter(({ overlay }) => overlay === 'lisp').length).toBeGreaterThan(300);
    for (const limits of [{ maxIpLayers: 1 }, { maxHeaders: 4 }]) {
      const outer = await listFilePackets(file, 1_000, limits);
      expect(outer.filter(({ overlay }) => overlay !== null)).toEqual([]);
      expect(outer.filter(({ dst_port }) => dst_port === 4_341).length).toBeGreaterThan(300);
    }
  });

  it('ends at the limit and refuses what is no capture file', async () => {
    expect(await listFilePackets(file, 3)).toHaveLength(3);
    await expect(listFilePackets(__filename, 3)).rejects.toMatchObject({ code: 'not_a_capture_file' });
    await expect(listFilePackets(file, 0)).rejects.toMatchObject({ code: 'bad_argument' });
    await expect(listFilePackets(file, 1, { udpPorts: { lisp: [0] } })).rejects.toMatchObject({
      code: 'bad_argument',
    });
  });
});
