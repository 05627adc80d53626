/**
 * Every public capture against the truth that independent tools told of it. A difference must be listed with both
 * values and a reason in differences.json, and an entry that no longer differs must go.
 */
import { join } from 'node:path';
import { capturesFolder, describeWithCaptures, truth, type ManifestEntry } from '../helpers/captures.js';
import { meterFiles, refusedTotal, type Metered } from '../helpers/meter-files.js';
import { listedDifferences, updateDifferences, type Difference } from './differences.js';

const TRANSPORTS = ['tcp', 'udp', 'sctp'] as const;

/** The manifest's numbers beside ours, field by field. */
function compare(entry: ManifestEntry, metered: Metered): Omit<Difference, 'reason'>[] {
  const pairs: [string, number, number][] = [
    ['packets', metered.counters.captured_packets, entry.packets],
    ['bytes', metered.counters.captured_bytes, entry.bytes_wire],
  ];
  for (const place of ['outer', 'inner'] as const) {
    for (const transport of TRANSPORTS) {
      pairs.push([
        `conversations.${place}.${transport}`,
        metered.conversations[place][transport],
        entry.conversations[place][transport] ?? 0,
      ]);
    }
  }
  return pairs
    .filter(([, ours, theirs]) => ours !== theirs)
    .map(([field, ours, theirs]) => ({ capture: entry.path, field, wireglass: ours, manifest: theirs }));
}

describeWithCaptures('public captures', () => {
  // A .dat file is one UDP payload that the manifest wrapped into a packet of its own: no capture file.
  const entries = () =>
    truth<ManifestEntry>('manifest.jsonl').filter((entry) => entry.format !== 'udp-payload');

  it('agree with the manifest in packets, bytes and conversations, or the difference is explained', async () => {
    const found: Omit<Difference, 'reason'>[] = [];
    for (const entry of entries().filter(({ path }) => !path.startsWith('malformed/'))) {
      found.push(...compare(entry, await meterFiles([join(capturesFolder, entry.path)])));
    }
    if (process.env.WIREGLASS_UPDATE_DIFFERENCES === '1') updateDifferences(found);
    const listed = listedDifferences();
    expect(listed.map(({ reason: _, ...numbers }) => numbers)).toEqual(found);
    expect(listed.filter(({ reason }) => reason.length < 20)).toEqual([]);
  }, 300_000);

  it('account for every packet of every file, malformed ones included', async () => {
    const unaccounted: string[] = [];
    for (const { path } of entries()) {
      const { counters } = await meterFiles([join(capturesFolder, path)]);
      if (counters.captured_packets !== counters.metered_packets + refusedTotal(counters))
        unaccounted.push(path);
    }
    expect(unaccounted).toEqual([]);
  }, 300_000);

  it('refuse what is no capture file, by name', async () => {
    const payloads = truth<ManifestEntry>('manifest.jsonl').filter(({ format }) => format === 'udp-payload');
    for (const { path } of payloads) {
      const { failures } = await meterFiles([join(capturesFolder, path)]);
      expect([path, failures.map(({ code }) => code)]).toEqual([path, ['not_a_capture_file']]);
      expect(failures[0]?.message).toContain(path.split('/').pop());
    }
  });
});
