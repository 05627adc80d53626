import { Engine } from './engine.js';
import { scratchDirectory } from './testing/batches.js';
import { writeTrafficFile } from './traffic.js';
import type { IntervalReport } from './types.js';

const scratch = scratchDirectory();
const file = scratch.path('traffic.pcap');
const engine = Engine.shared();
afterAll(() => scratch.remove());

async function reportsOf(intervals?: { intervalMs?: number; topCount?: number }): Promise<IntervalReport[]> {
  const reports: IntervalReport[] = [];
  const subscription = engine.subscribeIntervals((report) => void reports.push(report), { queueSize: 1 });
  await engine.start({
    source: { kind: 'files', paths: [file] },
    ...(intervals === undefined ? {} : { intervals }),
  });
  await engine.finished();
  subscription.close();
  return reports;
}

const sum = (
  reports: IntervalReport[],
  value: (at: IntervalReport['interfaces'][number]) => number,
): number => reports.flatMap(({ interfaces }) => interfaces).reduce((total, at) => total + value(at), 0);

describe('interval reports', () => {
  beforeAll(async () => {
    await writeTrafficFile(file, {
      profile: 'ordinary',
      packets: 50_000,
      flows: 5_000,
      packetsPerSecond: 10_000,
    });
  });

  it('add up to what was metered, whatever the queue', async () => {
    const reports = await reportsOf({});
    const counters = engine.counters();
    expect(reports).toHaveLength(5);
    expect(sum(reports, (at) => at.captured_packets)).toBe(50_000);
    expect(sum(reports, (at) => at.captured_bytes)).toBe(counters.captured_bytes);
    expect(sum(reports, (at) => at.metered_ip_bytes)).toBe(counters.metered_ip_bytes);
    expect(sum(reports, (at) => at.flows_started)).toBe(counters.flows_created);
    const byProtocol = sum(reports, ({ protocol }) =>
      Object.values(protocol).reduce((packets, count) => packets + count.packets, 0),
    );
    expect(byProtocol).toBe(counters.metered_packets);
    expect(counters.interval_reports_dropped).toBe(0);
    expect(reports.map(({ start_ns }) => BigInt(start_ns) % 1_000_000_000n)).toEqual(reports.map(() => 0n));
  });

  it('have the length and the number of talkers that were asked for', async () => {
    const reports = await reportsOf({ intervalMs: 2_000, topCount: 3 });
    expect(reports).toHaveLength(3);
    for (const { interval_ms, top } of reports) {
      expect(interval_ms).toBe(2_000);
      expect(top.src_addr.items).toHaveLength(3);
      const [first, second] = top.src_addr.items;
      expect(first?.bytes).toBeGreaterThanOrEqual(second?.bytes ?? Infinity);
    }
  });

  it('wait for a subscriber that returns a promise, as many as its queue holds', async () => {
    const held: (() => void)[] = [];
    let reports = 0;
    const subscription = engine.subscribeIntervals(
      () => {
        reports += 1;
        return new Promise<void>((resolve) => held.push(resolve));
      },
      { queueSize: 2 },
    );
    await engine.start({ source: { kind: 'files', paths: [file] }, intervals: {} });
    let drained = false;
    let finished = false;
    void engine.finished().then(() => (finished = true));
    for (let round = 0; round < 5; round++) {
      while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      if (round === 4) void subscription.drained().then(() => (drained = true));
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(held.length).toBeLessThanOrEqual(2);
      expect([drained, finished]).toEqual([false, false]);
      held.shift()?.();
    }
    await engine.finished();
    await subscription.drained();
    subscription.close();
    expect(reports).toBe(5);
    expect(engine.counters().interval_reports_dropped).toBe(0);
  });

  it('are not made unless asked for, and their options are checked', async () => {
    expect(await reportsOf()).toEqual([]);
    await expect(reportsOf({ intervalMs: 1 })).rejects.toMatchObject({ code: 'bad_argument' });
    expect(() => engine.subscribeIntervals(null as never)).toThrow('onReport');
  });
});
