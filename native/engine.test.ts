import { captureBackends, Engine } from './engine.js';
import { column, packetsOf, scratchDirectory, until, writePcap } from './testing/batches.js';
import { writeTrafficFile, type TrafficLedger } from './traffic.js';
import type { EngineOptions, FlowBatch, Source } from './types.js';

const scratch = scratchDirectory();
const file = scratch.path('traffic.pcap');
const engine = Engine.shared();
const endless: Source = {
  kind: 'traffic',
  profile: 'demo',
  packets: 0,
  packetsPerSecond: 20_000,
  paced: true,
};
let ledger: TrafficLedger;

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
const records = (batches: FlowBatch[]): FlowBatch[] => batches.filter(({ kind }) => kind === 'records');

function collect(queueSize = 64) {
  const batches: FlowBatch[] = [];
  return { batches, subscription: engine.subscribe((batch) => batches.push(batch), { queueSize }) };
}

async function meter(source: Source, options: Omit<EngineOptions, 'source'> = {}): Promise<void> {
  await engine.start({ source, ...options });
  await engine.finished();
}

beforeAll(async () => {
  ledger = await writeTrafficFile(file, { profile: 'ordinary', packets: 200_000, flows: 20_000, seed: 7 });
});
afterEach(async () => {
  if (['running', 'draining'].includes(engine.status().state)) await engine.stop();
});
afterAll(() => scratch.remove());

describe('metering a file', () => {
  it('counts what the generator says it made', async () => {
    await meter({ kind: 'files', paths: [file] }, { countConversations: true });
    const counters = engine.counters();
    expect(counters.offered_packets).toBe(200_000);
    expect(counters.metered_packets).toBe(ledger['packets']);
    expect(counters.captured_bytes).toBe(ledger['bytes']);
    expect(counters.metered_ip_bytes).toBe(ledger['ip_bytes']);
    expect(counters.refused_packets).toEqual({});
    expect(counters.flows_live).toBe(0);
    expect(engine.conversations().outer).toEqual({
      tcp: ledger['outer_tcp'],
      udp: ledger['outer_udp'],
      sctp: 0,
    });
    expect(engine.status()).toMatchObject({ state: 'finished', backend: 'file', failures: [], progress: 1 });
    expect(engine.status().interfaces).toEqual([
      { name: 'traffic.pcap', link_type: 'Ethernet (1)', snaplen: 65_535 },
    ]);
  });

  it('hands every record to every subscriber, with all packets in them', async () => {
    const first = collect();
    const second = collect(1);
    await meter({ kind: 'files', paths: [file] });
    for (const { batches, subscription } of [first, second]) {
      subscription.close();
      expect(sum(batches.map(packetsOf))).toBe(ledger['packets']);
      expect(sum(batches.map(({ rows }) => rows))).toBe(engine.counters().records);
    }
    expect(engine.counters().records_dropped).toBe(0);
  });

  it('waits for a slow subscriber and loses nothing', async () => {
    let packets = 0;
    const subscription = engine.subscribe(
      (batch) => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
        packets += packetsOf(batch);
      },
      { queueSize: 1 },
    );
    await meter({ kind: 'files', paths: [file] });
    subscription.close();
    expect(packets).toBe(ledger['packets']);
  });

  it('gives flow ids that are unique and start where they were told to', async () => {
    const { batches, subscription } = collect();
    await meter({ kind: 'files', paths: [file] }, { meter: { firstFlowId: 1_000n, observationDomain: 9 } });
    subscription.close();
    const ids = batches.flatMap((batch) => column(batch, 'flow_id'));
    expect(Math.min(...ids)).toBe(1_000);
    expect(new Set(ids).size).toBe(engine.counters().flows_created);
    expect(new Set(batches.flatMap((batch) => column(batch, 'observation_domain')))).toEqual(new Set([9]));
  });

  it('closes the oldest flows when the table is full, and counts them', async () => {
    await meter({ kind: 'files', paths: [file] }, { meter: { maxFlows: 4_096 } });
    expect(engine.counters().flows_evicted).toBeGreaterThan(0);
    expect(engine.counters().metered_packets).toBe(ledger['packets']);
  });

  it('refuses packets of a link type without decoder by its name', async () => {
    const usb = scratch.path('usb.pcap');
    writePcap(usb, 189, Buffer.alloc(60));
    await meter({ kind: 'files', paths: [usb] });
    expect(engine.counters()).toMatchObject({
      captured_packets: 1,
      metered_packets: 0,
      refused_packets: { 'link type USB, Linux (189)': 1 },
    });
  });

  it('refuses what is not IP, by reason', async () => {
    const arp = scratch.path('arp.pcap');
    const frame = Buffer.alloc(60);
    frame.writeUInt16BE(0x0806, 12);
    writePcap(arp, 1, frame);
    await meter({ kind: 'files', paths: [arp] });
    expect(engine.counters().refused_packets).toEqual({ not_ip: 1 });
  });

  it('counts the packets of tunnels whose inside is not followed, by reason', async () => {
    const esp = scratch.path('esp.pcap');
    const frame = Buffer.alloc(60);
    frame.writeUInt16BE(0x0800, 12);
    frame.writeUInt32BE(0x45000028, 14);
    frame.writeUInt8(50, 23);
    writePcap(esp, 1, frame);
    await meter({ kind: 'files', paths: [esp] });
    expect(engine.counters()).toMatchObject({
      metered_packets: 1,
      refused_packets: {},
      unfollowed_packets: { encrypted: 1 },
    });
  });

  it('tells of an input that cannot be read and meters the others', async () => {
    await meter({ kind: 'files', paths: [scratch.path('missing.pcap'), file] });
    expect(engine.counters().metered_packets).toBe(ledger['packets']);
    expect(engine.status()).toMatchObject({ state: 'finished', failures: [{ code: 'input_unreadable' }] });
    expect(engine.status().failures[0]?.message).toContain('missing.pcap');
  });
});

describe('starting and stopping', () => {
  it('refuses a second start while a capture runs', async () => {
    await engine.start({ source: endless });
    await expect(engine.start({ source: endless })).rejects.toMatchObject({ code: 'capture_running' });
    expect(engine.status().state).toBe('running');
  });

  it('refuses a stop where nothing runs', async () => {
    await engine.finished();
    await expect(engine.stop()).rejects.toMatchObject({ name: 'NativeError', code: 'capture_not_running' });
  });

  it('hands over all that was captured before a stop', async () => {
    const { batches, subscription } = collect();
    await engine.start({ source: endless });
    await until(() => engine.counters().metered_packets > 1_000);
    await engine.stop();
    subscription.close();
    expect(engine.status().state).toBe('finished');
    const counters = engine.counters();
    expect(counters.captured_packets).toBe(counters.offered_packets);
    expect(sum(records(batches).map(packetsOf))).toBe(counters.metered_packets);
  });

  it('stops once for all who ask', async () => {
    await engine.start({ source: endless });
    await Promise.all([engine.stop(), engine.stop(), engine.finished()]);
    expect(engine.status().state).toBe('finished');
  });

  it('stops an endless source that no clock holds back', async () => {
    await engine.start({ source: { kind: 'traffic', profile: 'demo', packets: 0 } });
    await until(() => engine.counters().metered_packets > 10_000);
    await engine.stop();
    expect(engine.counters().flows_live).toBe(0);
  });

  it('starts again after a start that failed', async () => {
    const missing: Source = { kind: 'files', paths: [scratch.path('missing.pcap')] };
    await expect(engine.start({ source: missing })).rejects.toMatchObject({ code: 'input_unreadable' });
    const noInterface: Source = { kind: 'live', interface: 'wireglass-none', backend: 'auto' };
    await expect(engine.start({ source: noInterface })).rejects.toMatchObject({ name: 'NativeError' });
    await meter({ kind: 'files', paths: [file] });
    expect(engine.counters().metered_packets).toBe(ledger['packets']);
  });
});

describe('snapshots', () => {
  it('shows the live flows of a running capture', async () => {
    const { batches, subscription } = collect();
    await engine.start({ source: endless });
    await until(() => engine.counters().flows_live > 50);
    const id = engine.requestSnapshot();
    const answer = (): FlowBatch[] =>
      batches.filter(({ kind, snapshotId }) => kind === 'snapshot' && snapshotId === id);
    await until(() => answer().some(({ last }) => last));
    expect(sum(answer().map(({ rows }) => rows))).toBeGreaterThan(50);
    expect(answer().flatMap((batch) => column(batch, 'end_reason'))).not.toContain(1);
    await engine.stop();
    subscription.close();
  });

  it('are answered without rows where nothing runs', async () => {
    const { batches, subscription } = collect();
    const id = engine.requestSnapshot();
    await subscription.drained();
    subscription.close();
    expect(batches).toMatchObject([{ kind: 'snapshot', rows: 0, last: true, snapshotId: id }]);
  });

  it('are all answered, however the capture ends', async () => {
    const { batches, subscription } = collect();
    await engine.start({ source: { kind: 'files', paths: [file] } });
    const ids = new Set(Array.from({ length: 20 }, () => engine.requestSnapshot()));
    await engine.finished();
    await subscription.drained();
    subscription.close();
    const answered = batches
      .filter(({ kind, last }) => kind === 'snapshot' && last)
      .map(({ snapshotId }) => snapshotId);
    expect(new Set(answered)).toEqual(ids);
  });
});

describe('subscriptions', () => {
  it('hear nothing after close', async () => {
    const { batches, subscription } = collect();
    subscription.close();
    subscription.close();
    await meter({ kind: 'files', paths: [file] });
    await subscription.drained();
    expect(batches).toEqual([]);
  });

  it('keep batches that outlive the capture', async () => {
    const { batches, subscription } = collect();
    await meter({ kind: 'files', paths: [file] });
    subscription.close();
    await meter({ kind: 'files', paths: [file] });
    expect(sum(batches.map(packetsOf))).toBe(ledger['packets']);
  });

  it('that are too slow make a live source drop records, counted to the last one', async () => {
    let taken = 0;
    const subscription = engine.subscribe(
      (batch) => {
        taken += batch.rows;
        if (taken === batch.rows) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4_000);
      },
      { queueSize: 1 },
    );
    await engine.start({
      source: { ...endless, packetsPerSecond: 200_000 },
      meter: { idleTimeoutMs: 1_000, activeTimeoutMs: 1_000 },
    });
    await until(() => taken > 0);
    await engine.stop();
    subscription.close();
    const { records: made, records_dropped: dropped } = engine.counters();
    expect(dropped).toBeGreaterThan(0);
    expect(taken + dropped).toBe(made);
  });
});

describe('captureBackends', () => {
  it('says of every backend whether it can be used, or why not', async () => {
    const backends = await captureBackends();
    expect(backends.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['af_packet', 'libpcap', 'file']),
    );
    for (const { available, reason } of backends) expect(available).toBe(reason === '');
  });
});
