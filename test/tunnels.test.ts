/** Tunnels of the traffic generator, packet by packet: our innermost fields against tshark's. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listFilePackets, writeTrafficFile } from '@wireglass/native';
import { describeWhere, missing } from './helpers/requirements.js';
import { tsharkInner } from './helpers/tshark-inner.js';

/** Identifiers that links carry: tshark's field → where ours stands. */
const linkFields = [
  { field: 'nsh.spi', overlay: 'nsh', name: 'tenant_id' },
  { field: 'ieee8021ah.isid', overlay: 'pbb', name: 'tenant_id' },
  { field: 'ieee8021ad.id', overlay: null, name: 'vlan_id' },
] as const;

function tsharkLinks(file: string): string[][] {
  const fields = linkFields.flatMap(({ field }) => ['-e', field]);
  const text = execFileSync('tshark', ['-n', '-r', file, '-T', 'fields', ...fields], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));
}

describeWhere(missing(['tshark']))('generated tunnels', () => {
  let directory: string;
  beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'wireglass-tunnels-'))));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('are read as tshark reads them', async () => {
    const file = join(directory, 'tunnels.pcap');
    await writeTrafficFile(file, { profile: 'tunnels', packets: 3_000, flows: 1_000, ipv6Percent: 40 });
    const rows = await listFilePackets(file, 3_000);
    const frames = tsharkInner(file);
    expect(frames).toHaveLength(rows.length);
    // tshark 4.0 knows neither LISP-GPE nor VXLAN on 8472.
    const compared = rows.flatMap((row, index) => {
      const theirs = frames[index];
      const isUnknown = row.overlay === 'lisp_gpe' || (row.overlay === 'vxlan' && theirs?.tenant_id === null);
      return isUnknown || theirs === undefined ? [] : [{ row, theirs }];
    });
    expect(compared.length).toBeGreaterThan(2_000);
    const differing = compared.filter(
      ({ row, theirs }) =>
        row.src_addr !== theirs.src_addr ||
        row.dst_addr !== theirs.dst_addr ||
        row.src_port !== theirs.src_port ||
        row.dst_port !== theirs.dst_port ||
        (theirs.tenant_id !== null && row.tenant_id !== theirs.tenant_id),
    );
    expect(differing.slice(0, 3)).toEqual([]);
  }, 60_000);

  it('carry the identifiers of links that tshark reads', async () => {
    const file = join(directory, 'links.pcap');
    await writeTrafficFile(file, { profile: 'tunnels', packets: 3_000, flows: 1_000, seed: 2 });
    const rows = await listFilePackets(file, 3_000);
    const frames = tsharkLinks(file);
    expect(frames).toHaveLength(rows.length);
    linkFields.forEach(({ overlay, name, field }, column) => {
      const theirs = rows.flatMap((row, index) => {
        const value = frames[index]?.[column] ?? '';
        return value === '' || (overlay !== null && row.overlay !== overlay)
          ? []
          : [{ ours: row[name], value }];
      });
      const differing = theirs.filter(({ ours, value }) => String(ours) !== value);
      expect({ field, many: theirs.length > 50, differing: differing.slice(0, 3) }).toEqual({
        field,
        many: true,
        differing: [],
      });
    });
    const services = rows.filter((row) => row.overlay === 'nsh' || row.overlay === 'pbb').length;
    const shown = frames.filter(([spi, isid]) => spi !== '' || isid !== '').length;
    expect(services).toBe(shown);
  }, 60_000);
});
