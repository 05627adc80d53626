import { join } from 'node:path';
import { expectedSums, IntervalList, runCapture, sumsOf } from '../../collector/src/metrics/test-run.js';
import {
  capturesFolder,
  describeWithCaptures,
  haveCaptures,
  truth,
  type ManifestEntry,
} from '../helpers/captures.js';

// Metric samples of public captures add up to the engine's counters, to the packet: whatever their times, link types,
// damage and interfaces are.

const largest = 200_000;
const entries = haveCaptures
  ? truth<ManifestEntry>('manifest.jsonl').filter(
      ({ format, packets }) => /^(pcap|pcapng|snoop|erf)/i.test(format) && packets > 0 && packets <= largest,
    )
  : [];

describeWithCaptures('metric samples of public captures', () => {
  it('add up to the ledger', async () => {
    expect(entries.length).toBeGreaterThan(20);
    const wrong: unknown[] = [];
    for (const [place, { path }] of entries.entries()) {
      const list = new IntervalList();
      const source = { kind: 'files' as const, paths: [join(capturesFolder, path)] };
      const run = await runCapture({ source, workers: 1 + (place % 2), intervalMs: 60_000 }, [list]);
      const [sums, expected] = [sumsOf(list.intervals), expectedSums(run.counters)];
      const different = Object.keys({ ...sums, ...expected }).filter((key) => sums[key] !== expected[key]);
      if (different.length > 0 || run.feed.stats().packetsMadeGood > 0)
        wrong.push({ path, different: different.map((key) => [key, sums[key], expected[key]]) });
    }
    expect(wrong).toEqual([]);
  }, 300_000);
});
