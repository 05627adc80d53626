import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLog } from '../model/log.js';
import type { AuditEvent } from '../security/audit-log.js';
import { CaptureControl, type CaptureEnd } from './capture-control.js';
import { loadConfig } from '../config/load.js';
import type { CaptureControlConfig } from './capture-settings.js';
import { FakeEngine } from './fake-engine.js';
import { readSensorId } from './sensor-id.js';

const operator = { name: 'operator:1', role: 'operator' as const };
const defaults = loadConfig({ environment: {} }).config;
const config = {
  meter: defaults.meter,
  record: true,
  recording: {
    directory: '/data/packets',
    sensor: 0xabcd,
    max_segment_bytes: 1 << 26,
    max_segment_age_s: 60,
    max_total_bytes: 1 << 30,
  },
  decode: {
    ...defaults.decode,
    max_ip_layers: 3,
    fragment_timeout_ms: 20_000,
    ports: { ...defaults.decode.ports, lisp: [] },
  },
};
const live = { source: { kind: 'live' as const, interface: 'eth0', backend: 'libpcap' as const } };

function setUp(extra: Partial<CaptureControlConfig> = {}) {
  const engine = new FakeEngine();
  const events: AuditEvent[] = [];
  const ends: CaptureEnd[] = [];
  let flushed = 0;
  const control = new CaptureControl(
    { ...config, ...extra },
    {
      engine,
      audit: { append: async (event) => void events.push(event) },
      log: silentLog,
      flushFlows: async () => void (flushed += 1),
      onEnd: (end) => void ends.push(end),
    },
  );
  return { engine, control, events, ends, flushes: () => flushed };
}

describe('CaptureControl', () => {
  it('tells its observer of reports that come during a start after it, and of none when that fails', async () => {
    const engine = new FakeEngine();
    const told: string[] = [];
    const nothing = { items: [], others_at_most: 0 };
    const top = {
      src_addr: nothing,
      dst_addr: nothing,
      conversation: nothing,
      service: nothing,
      tenant: nothing,
    };
    const report = { start_ns: '1', interval_ms: 1_000, correction: false, interfaces: [], top };
    const control = new CaptureControl(
      { ...config, intervals: defaults.intervals },
      {
        engine,
        audit: { append: async () => undefined },
        log: silentLog,
        flushFlows: async () => undefined,
        observer: {
          begin: async () => {
            told.push('begin');
            engine.report(report);
          },
          started: () => void told.push('started'),
          interval: ({ start_ns }, counters, interfaces) => {
            told.push(`${start_ns} ${interfaces.join()} ${counters.captured_packets}`);
            return null;
          },
          reading: () => undefined,
          ended: async () => void told.push('ended'),
        },
      },
    );
    await control.start();
    engine.startError = new Error('no');
    await expect(control.begin(live, operator)).rejects.toThrow('no');
    engine.report({ ...report, start_ns: '0' });
    expect(told.splice(0)).toEqual(['begin', '0  0']);
    await control.begin(live, operator);
    engine.report({ ...report, start_ns: '2' });
    await control.end(operator);
    expect(told).toEqual(['begin', 'started', '1 eth0 0', '2 eth0 0', 'ended']);
    await control.stop();
  });

  it('asks for interval reports and shows the latest of this capture', async () => {
    const intervals = {
      enabled: true,
      interval_ms: 1_000,
      lateness_ms: 500,
      top_count: 20,
      top_capacity: 1_024,
    };
    const { control, engine } = setUp({ intervals });
    await control.start();
    await control.begin(live, operator);
    expect(engine.starts[0]?.intervals).toEqual({
      intervalMs: 1_000,
      latenessMs: 500,
      topCount: 20,
      topCapacity: 1_024,
    });
    expect(control.metrics().interval).toBeNull();
    const nothing = { items: [], others_at_most: 0 };
    const top = {
      src_addr: nothing,
      dst_addr: nothing,
      conversation: nothing,
      service: nothing,
      tenant: nothing,
    };
    engine.report({ start_ns: '5', interval_ms: 1_000, correction: false, interfaces: [], top });
    expect(control.metrics().interval?.start_ns).toBe('5');
    await control.end(operator);
    await control.begin(live, operator);
    expect(control.metrics().interval).toBeNull();
    await control.stop();
  });

  it('starts the engine with request, configuration and identity of the sensor', async () => {
    const { control, engine, events } = setUp();
    expect(control.status()).toMatchObject({ state: 'idle', started_by: null, settings: null });
    const status = await control.begin({ ...live, duration_s: 60 }, operator, '127.0.0.1');
    expect(status).toMatchObject({
      state: 'running',
      started_by: 'operator:1',
      ended_at: null,
      settings: { source: { kind: 'live', interface: 'eth0' }, record: true, duration_s: 60 },
    });
    expect(engine.starts[0]).toEqual({
      source: live.source,
      meter: {
        activeTimeoutMs: 60_000,
        idleTimeoutMs: 15_000,
        maxFlows: 262_144,
        observationDomain: 1,
        applications: false,
        classifiedFlows: 0,
        stringBytesPerFlow: 64,
      },
      workers: 1,
      sampling: { mode: 'none', rate: 1 },
      outerFlows: false,
      recording: {
        directory: '/data/packets',
        sensor: 0xabcd,
        maxSegmentBytes: 1 << 26,
        maxSegmentAgeMs: 60_000,
        maxTotalBytes: 1 << 30,
      },
      udpPorts: { ...defaults.decode.ports, lisp: [] },
      maxIpLayers: 3,
      maxHeaders: 24,
      fragments: { maxDatagrams: 16_384, timeoutMs: 20_000 },
    });
    expect(events).toMatchObject([
      { action: 'capture_start', outcome: 'done', principal: operator, remote: '127.0.0.1' },
    ]);
    await control.stop();
  });

  it('records nothing where the request says so', async () => {
    const { control, engine } = setUp();
    await control.begin({ ...live, record: false }, operator);
    expect(engine.starts[0]).not.toHaveProperty('recording');
    await control.stop();
  });

  it('refuses a second start, names the first, and leaves it alone', async () => {
    const { control, engine, events } = setUp();
    await control.begin(live, operator);
    await expect(control.begin(live, operator)).rejects.toMatchObject({
      code: 'capture_running',
      message: expect.stringContaining('interface eth0, started by operator:1') as string,
    });
    expect(engine.starts).toHaveLength(1);
    expect(control.status().state).toBe('running');
    expect(events.map(({ outcome }) => outcome)).toEqual(['done', 'capture_running']);
    await control.stop();
  });

  it('lets only one of two starts at once through', async () => {
    const { control, engine } = setUp();
    const results = await Promise.allSettled([control.begin(live, operator), control.begin(live, operator)]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(engine.starts).toHaveLength(1);
    await control.stop();
  });

  it('refuses a stop without a start', async () => {
    const { control, events } = setUp();
    await expect(control.end(operator)).rejects.toMatchObject({ code: 'capture_not_running' });
    expect(events).toMatchObject([{ action: 'capture_stop', outcome: 'capture_not_running' }]);
  });

  it('hands on why the engine did not start, and can start again', async () => {
    const { control, engine, events } = setUp();
    engine.startError = Object.assign(new Error('no interface "eth0"'), { code: 'interface_not_found' });
    await expect(control.begin(live, operator)).rejects.toMatchObject({ code: 'interface_not_found' });
    expect(control.status().state).toBe('idle');
    expect(events).toMatchObject([{ action: 'capture_start', outcome: 'interface_not_found' }]);
    expect((await control.begin(live, operator)).state).toBe('running');
    await control.stop();
  });

  it('answers a stop when everything is drained and stored, also to the second who asks', async () => {
    const { control, engine, flushes, events, ends } = setUp();
    await control.begin(live, operator);
    const go = engine.delayStop();
    const first = control.end(operator);
    const second = control.end({ name: 'admin:2', role: 'admin' });
    await sleep(20);
    expect(control.status().state).toBe('draining');
    engine.count({ captured_packets: 7, packets_recorded: 7 });
    go();
    expect((await first).counters.captured_packets).toBe(7);
    expect((await second).status).toMatchObject({ state: 'finished', ended_by: 'operator:1' });
    expect(flushes()).toBe(1);
    expect(ends).toHaveLength(1);
    expect(events.filter(({ action }) => action === 'capture_stop')).toHaveLength(1);
  });

  it('stops by itself after its duration', async () => {
    const { control, events } = setUp();
    await control.begin({ ...live, duration_s: 0.05 }, operator);
    await sleep(200);
    expect(control.status()).toMatchObject({ state: 'finished', ended_by: 'local:duration' });
    expect(events.at(-1)).toMatchObject({ action: 'capture_stop', principal: { name: 'local:duration' } });
  });

  it('notices that the source ended by itself, and flushes', async () => {
    const { control, engine, ends, flushes, events } = setUp();
    await control.begin({ source: { kind: 'files', paths: ['a.pcap'] } }, operator);
    engine.count({ captured_packets: 3 });
    engine.end();
    await sleep(10);
    expect(control.status()).toMatchObject({ state: 'finished', ended_by: null });
    expect(control.status().ended_at).not.toBeNull();
    expect(ends).toMatchObject([{ source: 'file a.pcap', counters: { captured_packets: 3 } }]);
    expect(flushes()).toBe(1);
    expect(events.at(-1)).toMatchObject({ action: 'capture_end', outcome: 'done' });
    expect((await control.begin(live, operator)).state).toBe('running');
    await control.stop();
  });

  it('records why a capture failed', async () => {
    const { control, engine, events } = setUp();
    await control.begin(live, operator);
    engine.end({ code: 'interface_down', message: 'eth0 went down' });
    await sleep(10);
    expect(control.status()).toMatchObject({ state: 'failed', failures: [{ code: 'interface_down' }] });
    expect(events.at(-1)).toMatchObject({ action: 'capture_end', outcome: 'interface_down' });
  });

  it('ends the capture when the service stops, and starts none afterwards', async () => {
    const { control, flushes } = setUp();
    await control.start();
    await control.begin(live, operator);
    await control.stop();
    expect(control.status()).toMatchObject({ state: 'finished', ended_by: 'local:shutdown' });
    expect(flushes()).toBe(1);
    await expect(control.begin(live, operator)).rejects.toMatchObject({ code: 'shutting_down' });
  });

  it('goes on capturing when the audit log cannot be written', async () => {
    const control = new CaptureControl(config, {
      engine: new FakeEngine(),
      audit: { append: () => Promise.reject(new Error('disk full')) },
      log: silentLog,
      flushFlows: async () => undefined,
    });
    expect((await control.begin(live, operator)).state).toBe('running');
    await expect(control.setMeter({ max_flows: 4_096 }, operator, null)).rejects.toThrow('disk full');
    expect(control.status().next_meter.max_flows).toBe(262_144);
    await control.stop();
  });

  it('uses changed meter settings from the next start on', async () => {
    const { control, engine } = setUp();
    await control.begin(live, operator);
    const status = await control.setMeter({ idle_timeout_ms: 1_000 }, operator, null);
    expect(status.settings?.meter.idle_timeout_ms).toBe(15_000);
    expect(status.next_meter).toMatchObject({ idle_timeout_ms: 1_000, active_timeout_ms: 60_000 });
    await control.end(operator);
    await control.begin(live, operator);
    expect(engine.starts[1]?.meter?.idleTimeoutMs).toBe(1_000);
    await control.stop();
  });
});

describe('metrics', () => {
  it('balances both equations, and says which one does not', async () => {
    const { control, engine } = setUp();
    await control.begin(live, operator);
    engine.count({
      offered_packets: 112,
      captured_packets: 86,
      not_sampled_packets: 8,
      digests_lost: 4,
      metered_packets: 80,
      refused_packets: { not_ip: 5, malformed: 1 },
      dropped_kernel_packets: 10,
      dropped_interface_packets: 1,
      packets_in_ring: 2,
      packets_recorded: 80,
      packets_lost_to_disk: 6,
    });
    const running = control.metrics();
    expect(running.ledger).toMatchObject({
      settled: false,
      metering: { difference: 1, holds: false },
      recording: { difference: 0, holds: true },
    });
    engine.count({ offered_packets: 109, packets_in_ring: 0 });
    await control.end(operator);
    expect(control.metrics().ledger).toMatchObject({
      settled: true,
      metering: { holds: true, left: { packets: 109 } },
    });
    expect(control.metrics().ledger.metering.terms.map(({ packets }) => packets)).toEqual([
      80, 5, 1, 8, 4, 10, 1, 0,
    ]);
  });

  it('takes rates from readings a second apart', async () => {
    const { control, engine } = setUp();
    await control.start();
    await control.begin(live, operator);
    engine.count({ captured_packets: 5_000, captured_bytes: 500_000, dropped_kernel_packets: 100 });
    await sleep(1_300);
    const { rates } = control.metrics();
    expect(rates.interval_ms).toBeGreaterThan(500);
    expect(rates.packets_per_s).toBeCloseTo(5_000 / (rates.interval_ms / 1_000), -2);
    expect(rates.bits_per_s / rates.packets_per_s).toBeCloseTo(800, 5);
    expect(rates.dropped_packets_per_s).toBeGreaterThan(0);
    await control.stop();
    expect(control.metrics().rates).toMatchObject({ interval_ms: 0, packets_per_s: 0 });
  });
});

describe('readSensorId', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'wg-sensor-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it('makes an identity once', async () => {
    const path = join(directory, 'sensor-id');
    const id = await readSensorId(path);
    expect(await readSensorId(path)).toBe(id);
    expect(parseInt(readFileSync(path, 'utf8'), 16)).toBe(id);
  });

  it.each(['', 'xyz', '123', '123456789'])('refuses the damaged file %p', async (text) => {
    const path = join(directory, 'sensor-id');
    writeFileSync(path, text);
    await expect(readSensorId(path)).rejects.toMatchObject({ code: 'bad_config' });
  });
});
