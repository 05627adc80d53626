import type { IntervalReport } from '@wireglass/native';
import { LatestInterval } from './latest-interval.js';

const nothing = { items: [], others_at_most: 0 };
const report = (startNs: string, correction = false): IntervalReport => ({
  start_ns: startNs,
  interval_ms: 1_000,
  correction,
  interfaces: [],
  top: { src_addr: nothing, dst_addr: nothing, conversation: nothing, service: nothing, tenant: nothing },
});

describe('LatestInterval', () => {
  it('is the latest report that is no correction of an earlier one', () => {
    const latest = new LatestInterval();
    expect(latest.get()).toBeNull();
    latest.take(report('1000'));
    latest.take(report('2000'));
    latest.take(report('1000', true));
    expect(latest.get()?.start_ns).toBe('2000');
  });

  it('knows nothing of an earlier capture', () => {
    const latest = new LatestInterval();
    latest.take(report('1000'));
    latest.clear();
    expect(latest.get()).toBeNull();
  });
});
