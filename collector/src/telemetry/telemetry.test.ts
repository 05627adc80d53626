import { noCounters } from '../capture/fake-engine.js';
import { ledger } from '../model/ledger.js';
import { RateMeter } from '../capture/rates.js';
import { ConsoleLog } from './console-log.js';
import { Metrics, type MetricsDependencies } from './metrics.js';
import { readinessReport } from './readiness.js';

const counters = {
  ...noCounters,
  offered_packets: 30,
  captured_packets: 20,
  metered_packets: 18,
  refused_packets: { not_ip: 2, 'link type "x\\"': 1 },
  unfollowed_packets: { encrypted: 4 },
  dropped_kernel_packets: 9,
};
const dependencies: MetricsDependencies = {
  capture: () => ({
    state: 'running',
    counters,
    rates: new RateMeter().current(),
    ledger: ledger(counters, false),
    interval: null,
  }),
  flowStore: async () => ({
    rowsStored: 5,
    hotRows: 2,
    sealedFiles: 1,
    sealedRows: 3,
    sealedBytes: 1_024,
    sealingLagS: 0.5,
    rowsRemoved: 4,
    batchesWaiting: 1,
    rowsLost: 0,
    fileBytes: 4_096,
    lastError: null,
  }),
  packetStore: async () => ({ segments: 2, packets: 20, file_bytes: 9_000, first_ns: null, last_ns: null }),
  audit: () => ({ entries: 3, failures: 0, refusals: 1, chainIntact: true }),
};

describe('Metrics', () => {
  it('shows counters with unit, labels and help', async () => {
    const text = await new Metrics(dependencies).registry.metrics();
    for (const line of [
      '# TYPE wireglass_capture_offered_packets_total counter',
      'wireglass_capture_offered_packets_total 30',
      'wireglass_capture_dropped_packets_total{cause="kernel"} 9',
      'wireglass_meter_refused_packets_total{reason="not_ip"} 2',
      'wireglass_meter_unfollowed_packets_total{reason="encrypted"} 4',
      'wireglass_ledger_difference_packets{equation="metering"} 0',
      'wireglass_flow_store_rows_total 9',
      'wireglass_flow_store_hot_rows 2',
      'wireglass_flow_store_sealed_files 1',
      'wireglass_flow_store_sealing_lag_seconds 0.5',
      'wireglass_flow_store_removed_rows_total 4',
      'wireglass_packet_store_segments 2',
      'wireglass_audit_chain_intact 1',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
  });

  it('does not add up when it is read twice', async () => {
    const { registry } = new Metrics(dependencies);
    await registry.metrics();
    expect(await registry.metrics()).toContain('wireglass_capture_packets_total 20\n');
  });

  it('leaves out only the part that cannot be asked', async () => {
    const text = await new Metrics({
      ...dependencies,
      flowStore: () => Promise.reject(new Error('closed')),
    }).registry.metrics();
    expect(text).not.toMatch(/^wireglass_flow_store_rows_total \d/m);
    expect(text).toContain('wireglass_capture_packets_total 20\n');
  });
});

describe('readinessReport', () => {
  it('is ready when every part is, with their remarks', async () => {
    expect(await readinessReport({ store: async () => null, audit: () => 'chain broken' })).toEqual({
      ready: true,
      checks: { store: { ready: true, detail: 'ok' }, audit: { ready: true, detail: 'chain broken' } },
    });
  });

  it('says which part is not, also when it throws at once or never answers', async () => {
    const report = await readinessReport({
      store: () => Promise.reject(new Error('is being opened')),
      engine: () => {
        throw new Error('missing');
      },
      packets: () => new Promise(() => undefined),
      audit: () => null,
    });
    expect(report.ready).toBe(false);
    expect(report.checks).toEqual({
      store: { ready: false, detail: 'is being opened' },
      engine: { ready: false, detail: 'missing' },
      packets: { ready: false, detail: 'no answer within 2000 ms' },
      audit: { ready: true, detail: 'ok' },
    });
  });
});

describe('ConsoleLog', () => {
  it('writes what its level lets through, one line each, whatever the message holds', () => {
    const lines: string[] = [];
    const log = new ConsoleLog('info', (line) => lines.push(line));
    log.debug('hidden');
    log.info('started', { interface: 'eth0', packets: 3, missing: undefined });
    log.error('bad\n2026 info forged', { path: 'a b\u2028c' });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^\S+Z info {2}started interface=eth0 packets=3\n$/);
    expect(lines[1]).toMatch(/^\S+Z error bad 2026 info forged path="a b c"\n$/);
  });

  it('says nothing when silent', () => {
    const lines: string[] = [];
    new ConsoleLog('silent', (line) => lines.push(line)).error('x');
    expect(lines).toEqual([]);
  });
});
