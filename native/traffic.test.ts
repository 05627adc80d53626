import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Engine } from './engine.js';
import { OverlayValues as overlayNames } from './generated/flow-fields.js';
import { column, scratchDirectory } from './testing/batches.js';
import { writeTrafficFile, type TrafficFileOptions } from './traffic.js';

const scratch = scratchDirectory();
const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
afterAll(() => scratch.remove());

describe('writeTrafficFile', () => {
  it('writes the same bytes for the same seed, others for another', async () => {
    const files = [5, 5, 6].map((seed, index) => ({ seed, path: scratch.path(`seed-${index}.pcap`) }));
    for (const { seed, path } of files) {
      await writeTrafficFile(path, { profile: 'ordinary', packets: 2_000, flows: 200, seed });
    }
    const [first, again, other] = files.map(({ path }) => digest(path));
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it.each<TrafficFileOptions>([
    { profile: 'ordinary', packets: 5_000, flows: 500, ipv6Percent: 30, vlanPercent: 20, sizes: 'small' },
    { profile: 'ordinary', packets: 5_000, flows: 5_000, synOnly: true, bidirectional: false, zipf: 0 },
    { profile: 'lisp_ai', packets: 5_000 },
    { profile: 'demo', packets: 5_000 },
    { profile: 'tunnels', packets: 5_000, flows: 500, ipv6Percent: 40 },
    { profile: 'tunnels', packets: 5_000, flows: 5_000, seed: 3, ipv6Percent: 100, zipf: 0 },
  ])('tells the truth about %j', async (options) => {
    const path = scratch.path('truth.pcap');
    const ledger = await writeTrafficFile(path, options);
    const engine = Engine.shared();
    await engine.start({ source: { kind: 'files', paths: [path] }, countConversations: true });
    await engine.finished();
    const { outer, inner } = engine.conversations();
    const { captured_packets, captured_bytes, metered_packets, metered_ip_bytes } = engine.counters();
    expect({ captured_packets, captured_bytes, metered_packets, metered_ip_bytes }).toEqual({
      captured_packets: options.packets,
      captured_bytes: ledger['bytes'],
      metered_packets: ledger['packets'],
      metered_ip_bytes: ledger['ip_bytes'],
    });
    expect({ outer, inner }).toMatchObject({
      outer: { tcp: ledger['outer_tcp'], udp: ledger['outer_udp'] },
      inner: { tcp: ledger['inner_tcp'], udp: ledger['inner_udp'] },
    });
  });

  it('makes every tunnel, and the meter finds each with its flows and bytes', async () => {
    const path = scratch.path('tunnels.pcap');
    const options = { profile: 'tunnels', packets: 20_000, flows: 4_000, ipv6Percent: 40, seed: 9 } as const;
    const ledger = await writeTrafficFile(path, options);
    const made: Record<string, number> = {};
    const metered: Record<string, number> = {};
    for (const [name, value] of Object.entries(ledger)) if (name.startsWith('overlay_')) made[name] = value;
    const engine = Engine.shared();
    const flowIds = new Set<string>();
    const subscription = engine.subscribe((batch) => {
      const columns = ['packets', 'rev_packets', 'bytes', 'rev_bytes', 'overlay', 'flow_id'];
      const [packets, back, bytes, bytesBack, overlay, ids] = columns.map((name) => column(batch, name));
      overlay?.forEach((code, row) => {
        const prefix = `overlay_${overlayNames[code]}`;
        const add = (name: string, value: number): void => {
          metered[`${prefix}_${name}`] = (metered[`${prefix}_${name}`] ?? 0) + value;
        };
        add('packets', (packets?.[row] ?? 0) + (back?.[row] ?? 0));
        add('ip_bytes', (bytes?.[row] ?? 0) + (bytesBack?.[row] ?? 0));
        const id = String(ids?.[row]);
        add('biflows', flowIds.has(id) ? 0 : 1);
        flowIds.add(id);
      });
    });
    await engine.start({ source: { kind: 'files', paths: [path] }, meter: { firstFlowId: 1n } });
    await engine.finished();
    subscription.close();
    expect(metered).toEqual(made);
    expect(Object.keys(made)).toHaveLength(3 * 17);
  });
});
