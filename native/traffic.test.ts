import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Engine } from './engine.js';
import { scratchDirectory } from './testing/batches.js';
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
});
