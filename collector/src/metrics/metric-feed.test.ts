import { writeTrafficFile, type EngineOptions } from '@wireglass/native';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noCounters } from '../model/no-counters.js';
import type { MetricInterval } from '../model/metric-sample.js';
import { MetricFeed } from './metric-feed.js';
import { expectedSums, IntervalList, runCapture, sumsOf } from './test-run.js';

type Source = EngineOptions['source'];

const traffic = (profile: 'ordinary' | 'lisp_ai' | 'demo' | 'tunnels', seed: number): Source => ({
  kind: 'traffic',
  profile,
  seed,
  packets: 100_000,
  packetsPerSecond: 10_000,
  paced: false,
});

let directory: string;
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'wg-metrics-'))));
afterAll(() => rmSync(directory, { recursive: true }));

describe('metric samples of the real engine', () => {
  it.each([
    ['ordinary', 1, 1],
    ['lisp_ai', 2, 2],
    ['demo', 3, 1],
    ['tunnels', 4, 3],
  ] as const)(
    'of %s traffic, seed %i, by %i workers add up to the ledger',
    async (profile, seed, workers) => {
      const list = new IntervalList();
      const { counters, feed } = await runCapture({ source: traffic(profile, seed), workers }, [list]);
      expect(counters.captured_packets).toBe(100_000);
      expect(sumsOf(list.intervals)).toEqual(expectedSums(counters));
      expect(feed.stats()).toMatchObject({ samplesUnderOther: 0, packetsMadeGood: 0 });
    },
  );

  it('add up per interface, too, when files have several with names of any kind', async () => {
    const files = [1, 2].map((seed) => join(directory, `${seed}.pcap`));
    for (const [place, file] of files.entries())
      await writeTrafficFile(file, {
        profile: 'ordinary',
        packets: 4_000,
        flows: 300,
        seed: place + 9,
        packetsPerSecond: 1_000,
      });
    const list = new IntervalList();
    const { counters, interfaces } = await runCapture({ source: { kind: 'files', paths: files } }, [list]);
    expect(sumsOf(list.intervals)).toEqual(expectedSums(counters));
    const told = new Set(
      list.intervals.flatMap(({ samples }) => samples.map(({ tags }) => tags['interface'])),
    );
    expect([...told].sort()).toEqual([...new Set([...interfaces, 'all'])].sort());
  });

  it('keep every sum when the limit on series is low', async () => {
    const list = new IntervalList();
    const { counters, feed } = await runCapture({ source: traffic('tunnels', 5), maxSeries: 25 }, [list]);
    const series = new Set<string>();
    for (const { samples } of list.intervals)
      for (const { measurement, tags } of samples) series.add(JSON.stringify([measurement, tags]));
    expect(series.size).toBeLessThanOrEqual(25);
    expect(feed.stats()).toMatchObject({ series: 25, seriesLimit: 25 });
    expect(feed.stats().samplesUnderOther).toBeGreaterThan(0);
    const whole = Object.keys(expectedSums(counters, 'as a whole'));
    const sums = sumsOf(list.intervals);
    expect(Object.fromEntries(whole.map((key) => [key, sums[key]]))).toEqual(
      expectedSums(counters, 'as a whole'),
    );
  });

  it('make good what reports that got lost would have told', async () => {
    const list = new IntervalList();
    const lost = { source: traffic('demo', 6), loses: (_: unknown, place: number) => place % 3 === 1 };
    const { counters, feed } = await runCapture(lost, [list]);
    expect(sumsOf(list.intervals)).toEqual(expectedSums(counters));
    expect(feed.stats().packetsMadeGood).toBeGreaterThan(0);
    const madeGood = list.intervals.at(-1)?.samples.find(({ measurement }) => measurement === 'protocol');
    expect(madeGood?.tags).toEqual({ interface: 'other', value: 'other' });
  });

  it('tell a series once per interval, with counts that are not zero', async () => {
    const list = new IntervalList();
    await runCapture({ source: traffic('demo', 7), intervalMs: 500 }, [list]);
    for (const { samples } of list.intervals) {
      const keys = samples.map(({ measurement, tags }) => JSON.stringify([measurement, tags]));
      expect(new Set(keys).size).toBe(keys.length);
      expect(samples.flatMap(({ counts }) => Object.values(counts))).not.toContain(0);
      expect(new Set(samples.map(({ timeNs }) => timeNs % 500_000_000n))).toEqual(new Set([0n]));
    }
    expect(list.intervals.some(({ heaviest }) => heaviest.length === 5)).toBe(true);
  });
});

describe('MetricFeed', () => {
  const report = (start: number, captured: number) => ({
    start_ns: `${start}000000000`,
    interval_ms: 1_000,
    correction: false,
    interfaces: [
      {
        interface: 0,
        captured_packets: captured,
        captured_bytes: captured * 100,
        metered_packets: 0,
        metered_ip_bytes: 0,
        flows_started: 0,
        flows_ended: 0,
        refused_packets: { not_ip: captured },
        protocol: {},
        overlay: {},
        ip_version: {},
        dscp: {},
        size: {},
        tcp_flags: {},
      },
    ],
    top: Object.fromEntries(
      ['src_addr', 'dst_addr', 'conversation', 'service', 'tenant'].map((name) => [
        name,
        { items: [], others_at_most: 0 },
      ]),
    ) as never,
  });
  const counted = (packets: number, dropped: number) => ({
    ...noCounters,
    offered_packets: packets + dropped,
    captured_packets: packets,
    captured_bytes: packets * 100,
    refused_packets: { not_ip: packets },
    dropped_kernel_packets: dropped,
  });
  const lossOf = ({ samples }: MetricInterval) =>
    samples.find(({ measurement, tags }) => measurement === 'loss' && tags['cause'] === 'kernel')?.counts;

  it('counts losses in the interval they were noticed in, the last ones after the end, and anew per run', async () => {
    const list = new IntervalList();
    const feed = new MetricFeed(1_000, 1_000, [list]);
    feed.begin(7);
    void feed.take(report(10, 5), counted(5, 3), ['eth0']);
    void feed.take(report(11, 5), counted(10, 3), ['eth0']);
    await feed.end(counted(10, 8), ['eth0'], 99n);
    expect(list.intervals.map(lossOf)).toEqual([{ packets: 3 }, undefined, { packets: 5 }]);
    expect(list.intervals[2]).toMatchObject({ correction: true, run: 7 });
    expect(list.intervals[2]?.samples[0]?.timeNs).toBe(11_000_000_000n);

    feed.begin(8);
    void feed.take(report(12, 1), counted(1, 2), ['eth0']);
    expect(lossOf(list.intervals[3] as MetricInterval)).toEqual({ packets: 2 });
    await feed.end(counted(1, 2), ['eth0'], 99n);
    expect(list.intervals).toHaveLength(4);
  });

  it('has an interval for a capture that met no packet but lost some', async () => {
    const list = new IntervalList();
    const feed = new MetricFeed(1_000, 1_000, [list]);
    feed.begin(1);
    await feed.end(
      { ...noCounters, offered_packets: 4, dropped_kernel_packets: 4 },
      ['eth0'],
      5_700_000_000n,
    );
    expect(list.intervals).toHaveLength(1);
    expect(list.intervals[0]).toMatchObject({ correction: false });
    expect(list.intervals[0]?.samples[0]?.timeNs).toBe(5_000_000_000n);
  });

  it('makes tags of names that are no names', () => {
    const list = new IntervalList();
    const feed = new MetricFeed(1_000, 1_000, [list]);
    feed.begin(1);
    void feed.take(report(1, 1), counted(1, 0), ['a\nb=\u0000\ud800 ']);
    void feed.take(report(2, 1), counted(2, 0), ['\n']);
    void feed.take(report(3, 1), counted(3, 0), []);
    const names = list.intervals.map(({ samples }) => samples[0]?.tags['interface']);
    expect(names).toEqual(['a b=', 'unnamed', 'interface 0']);
  });

  it('waits for the sinks that ask for it', async () => {
    const feed = new MetricFeed(1_000, 1_000, [
      new IntervalList(),
      { offer: () => undefined, flush: async () => undefined, room: () => Promise.resolve() },
    ]);
    feed.begin(1);
    await expect(feed.take(report(1, 1), counted(1, 0), ['x'])).resolves.toBeUndefined();
    expect(
      new MetricFeed(100, 1_000, [new IntervalList()]).take(report(1, 1), counted(1, 0), ['x']),
    ).toBeNull();
  });
});
