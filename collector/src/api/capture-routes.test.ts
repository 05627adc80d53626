import { Value } from '@sinclair/typebox/value';
import { nativeError, as, askApi, testApi } from './test-api.js';
import { BackendsAnswer, MeterAnswer, MetricsSchema, StatusSchema, StopAnswer } from './schemas/capture.js';
import { capturePrefixes } from './server.js';

let api: Awaited<ReturnType<typeof testApi>>;
beforeEach(async () => (api = await testApi()));
afterEach(async () => {
  await api.capture.stop();
  await api.app.close();
});

const post = (path: string, payload?: unknown, role: 'operator' | 'admin' = 'operator') =>
  api.ask({
    method: 'POST',
    url: `/api/v1/capture${path}`,
    headers: as(role),
    ...(payload === undefined ? {} : { payload: payload as object }),
  });
const get = (path: string) => api.ask({ url: `/api/v1/capture${path}`, headers: as('viewer') });

describe('POST /capture/start', () => {
  it.each(capturePrefixes)('takes the body of the documentation at %s', async (prefix) => {
    const answer = await api.ask({
      method: 'POST',
      url: `${prefix}/start`,
      headers: as('operator'),
      payload: { interface: 'eth0', backend: 'libpcap', buffer_size_mb: 256 },
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.json<object>()).toMatchObject({
      state: 'running',
      started_by: 'operator:1',
      settings: { source: { interface: 'eth0', backend: 'libpcap', buffer_size_mb: 256 } },
    });
    expect(Value.Errors(StatusSchema, answer.json<object>()).First()).toBeUndefined();
    expect(api.engine.starts[0]?.source).toEqual({
      kind: 'live',
      interface: 'eth0',
      backend: 'libpcap',
      bufferSizeMb: 256,
      snaplen: 262_144,
      promiscuous: true,
    });
  });

  it('hands every setting to the engine', async () => {
    const body = {
      interface: 'eth0',
      snaplen: 128,
      capture_filter: 'udp port 53',
      promiscuous: false,
      workers: 1,
      record: false,
      duration_s: 3_600,
    };
    expect((await post('/start', body)).statusCode).toBe(200);
    expect(api.engine.starts[0]).toMatchObject({
      source: { backend: 'auto', snaplen: 128, captureFilter: 'udp port 53', promiscuous: false },
    });
    expect(api.engine.starts[0]).not.toHaveProperty('recording');
  });

  it('uses the configuration where the request does not say', async () => {
    const live = {
      backend: 'libpcap' as const,
      buffer_size_mb: 8,
      snaplen: 96,
      promiscuous: false,
      capture_filter: 'tcp',
      workers: 1,
    };
    const { app, engine, capture } = await testApi({ live });
    const start = { method: 'POST', url: '/api/v1/capture/start', headers: as('operator') };
    await askApi(app, { ...start, payload: { interface: 'eth0' } });
    const source = { kind: 'live', interface: 'eth0', backend: 'libpcap', snaplen: 96, promiscuous: false };
    expect(engine.starts[0]?.source).toEqual({ ...source, bufferSizeMb: 8, captureFilter: 'tcp' });
    await capture.stop();
    await app.close();
  });

  it.each<[unknown, string]>([
    [undefined, 'body: missing'],
    [{}, 'body: interface is missing; expected the name of a network interface'],
    [{ interface: '' }, 'body: interface is ""; expected the name'],
    [{ interface: 'eth0/../x' }, 'body: interface is "eth0/../x"'],
    [{ interface: 'an-interface-name-too-long' }, 'body: interface'],
    [{ interface: 7 }, 'body: interface is 7'],
    [{ interfase: 'eth0' }, 'interfase is no key that is known here; did you mean interface?'],
    [{ interface: 'eth0', bufer_size_mb: 1 }, 'did you mean buffer_size_mb?'],
    [{ interface: 'eth0', __proto: 1 }, '__proto is no key'],
    [{ interface: 'eth0', backend: 'pcap' }, 'backend is "pcap"; expected one of auto, af_packet, libpcap'],
    [{ interface: 'eth0', buffer_size_mb: 0 }, 'expected an integer from 1 to 16384'],
    [{ interface: 'eth0', buffer_size_mb: '256' }, 'buffer_size_mb is "256"; expected an integer'],
    [{ interface: 'eth0', buffer_size_mb: 1.5 }, 'buffer_size_mb is 1.5; expected an integer'],
    [{ interface: 'eth0', snaplen: 63 }, 'snaplen is 63'],
    [{ interface: 'eth0', promiscuous: 'yes' }, 'promiscuous is "yes"; expected true or false'],
    [{ interface: 'eth0', duration_s: -1 }, 'duration_s is -1'],
    [{ interface: null }, 'interface is null'],
    [[], 'body: expected a JSON object'],
  ])('refuses %j', async (body, reason) => {
    const answer = await post('/start', body);
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    const problem = answer.json<Record<string, unknown>>();
    expect(problem).toMatchObject({
      code: 'bad_request',
      status: 400,
      type: 'urn:wireglass:problem:bad_request',
    });
    expect(problem['detail']).toContain(reason);
    expect(api.engine.starts).toEqual([]);
  });

  it.each([
    ['{"interface":', 'application/json', 400, 'bad_request'],
    ['"eth0"', 'application/json', 400, 'bad_request'],
    ['null', 'application/json', 400, 'bad_request'],
    ['{"interface":"eth0","__proto__":{}}', 'application/json', 400, 'bad_request'],
    ['interface=eth0', 'application/x-www-form-urlencoded', 415, 'media_type_unsupported'],
    [`{"interface":"${'x'.repeat(70_000)}"}`, 'application/json', 413, 'body_too_large'],
  ])('refuses %.40p as %s', async (payload, type, status, code) => {
    const headers = { ...as('operator'), 'content-type': type };
    const answer = await api.ask({ method: 'POST', url: '/api/v1/capture/start', headers, payload });
    expect(answer.statusCode).toBe(status);
    expect(answer.json<object>()).toMatchObject({ code, status });
  });

  it.each([
    ['interface_not_found', 404],
    ['permission_denied', 403],
    ['backend_unavailable', 422],
    ['bad_capture_filter', 400],
    ['interface_down', 409],
    ['capture_failed', 500],
    ['segment_unwritable', 500],
  ])('passes on %s of the core as %d with its message', async (code, status) => {
    api.engine.startError = nativeError(code, 'what the core says, and what to do');
    const answer = await post('/start', { interface: 'eth0' });
    expect(answer.statusCode).toBe(status);
    expect(answer.json<object>()).toMatchObject({
      code,
      status,
      detail: 'what the core says, and what to do',
    });
    expect(api.events.at(-1)).toMatchObject({ action: 'capture_start', outcome: code });
  });

  it('passes on a code of the core that the table does not know', async () => {
    api.engine.startError = nativeError('ring_on_fire', 'the ring burns');
    const answer = await post('/start', { interface: 'eth0' });
    expect(answer.json<object>()).toMatchObject({
      code: 'ring_on_fire',
      status: 500,
      detail: 'the ring burns',
    });
  });

  it('tells nothing of what only the log should know', async () => {
    api.engine.startError = new Error('secret internals');
    const answer = await post('/start', { interface: 'eth0' });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret');
    expect(answer.json<object>()).toMatchObject({ code: 'internal_error' });
  });

  it('refuses a second start', async () => {
    await post('/start', { interface: 'eth0' });
    const answer = await post('/start', { interface: 'eth1' });
    expect(answer.statusCode).toBe(409);
    expect(answer.json<object>()).toMatchObject({ code: 'capture_running' });
  });

  it('starts as many workers as asked for, within limits', async () => {
    await post('/start', { interface: 'eth0', workers: 2 });
    expect(api.engine.starts[0]).toMatchObject({ workers: 2 });
    expect((await post('/start', { interface: 'eth0', workers: 65 })).statusCode).toBe(400);
  });
});

describe('POST /capture/stop', () => {
  it('answers the final counters', async () => {
    await post('/start', { interface: 'eth0' });
    api.engine.count({ offered_packets: 5, captured_packets: 5, metered_packets: 5, packets_recorded: 5 });
    const answer = await post('/stop');
    expect(answer.statusCode).toBe(200);
    expect(answer.json<object>()).toMatchObject({
      source: 'interface eth0',
      status: { state: 'finished', ended_by: 'operator:1' },
      counters: { captured_packets: 5 },
      ledger: { settled: true, metering: { holds: true }, recording: { holds: true } },
    });
    expect(Value.Errors(StopAnswer, answer.json<object>()).First()).toBeUndefined();
  });

  it('takes an empty body that calls itself JSON', async () => {
    await post('/start', { interface: 'eth0' });
    const headers = { ...as('operator'), 'content-type': 'application/json' };
    const answer = await api.ask({ method: 'POST', url: '/api/v1/capture/stop', headers });
    expect(answer.statusCode).toBe(200);
  });

  it('is a conflict when nothing runs', async () => {
    const answer = await post('/stop');
    expect(answer.statusCode).toBe(409);
    expect(answer.json<object>()).toEqual({
      type: 'urn:wireglass:problem:capture_not_running',
      title: 'No capture runs',
      status: 409,
      detail: 'no capture runs: there is nothing to stop',
      instance: expect.stringMatching(/^\/api\/v1\/capture\/stop#/) as string,
      code: 'capture_not_running',
    });
  });
});

describe('GET /capture/…', () => {
  it('answers status and metrics as their schemas say, before, while and after', async () => {
    const check = async () => {
      const [status, metrics] = [
        (await get('/status')).json<object>(),
        (await get('/metrics')).json<object>(),
      ];
      expect(Value.Errors(StatusSchema, status).First()).toBeUndefined();
      expect(Value.Errors(MetricsSchema, metrics).First()).toBeUndefined();
      return { status, metrics };
    };
    expect((await check()).status).toMatchObject({ state: 'idle', started_at: null });
    await post('/start', { interface: 'eth0' });
    api.engine.count({ offered_packets: 9, dropped_kernel_packets: 2, refused_packets: { not_ip: 3 } });
    expect((await check()).metrics).toMatchObject({
      state: 'running',
      loss: { kernel_packets: 2, refused_packets: 3, disk_packets: 0 },
      ledger: { metering: { left: { packets: 9 }, difference: 4, holds: false } },
    });
    await post('/stop');
    expect((await check()).status).toMatchObject({ state: 'finished' });
  });

  it('lists backends', async () => {
    const answer = (await get('/backends')).json<object>();
    expect(answer).toMatchObject({ backends: [{ name: 'libpcap', available: true }] });
    expect(Value.Check(BackendsAnswer, answer)).toBe(true);
  });
});

describe('POST /capture/flow/meter/enable', () => {
  it('changes the next start, says so, and leaves the running capture alone', async () => {
    await post('/start', { interface: 'eth0' });
    const answer = await post('/flow/meter/enable', { max_flows: 4_096 }, 'admin');
    expect(answer.statusCode).toBe(200);
    expect(answer.json<object>()).toMatchObject({
      applies: 'next_start',
      next_meter: { max_flows: 4_096, idle_timeout_ms: 15_000 },
      meter_in_force: { max_flows: 262_144 },
    });
    expect(Value.Check(MeterAnswer, answer.json<object>())).toBe(true);
    expect(api.events.at(-1)).toMatchObject({ action: 'meter_settings', parameters: { max_flows: 4_096 } });
    await post('/stop');
    await post('/start', { interface: 'eth0' });
    expect(api.engine.starts[1]?.meter?.maxFlows).toBe(4_096);
  });

  it.each([
    [{ max_flows: 4_095 }, 'from 4096 to 16777216'],
    [{ max_flows: 16_777_217 }, 'from 4096 to 16777216'],
    [{ tcp_idle_timeout_ms: -1 }, 'from 0 to 86400000'],
    [{ tcp_timeout_ms: 1 }, 'is no key that is known here'],
    [{ applications: 1 }, 'expected true or false'],
    [{ idle_timeout: 5 }, 'did you mean idle_timeout_ms?'],
    [{ active_timeout_ms: 'long' }, 'expected an integer'],
  ])('refuses %j', async (body, reason) => {
    const answer = await post('/flow/meter/enable', body, 'admin');
    expect(answer.statusCode).toBe(400);
    expect(answer.json<{ detail: string }>().detail).toContain(reason);
  });

  it('takes timeouts by protocol, and whether to read applications', async () => {
    const timeouts = { tcp_idle_timeout_ms: 300_000, idle_timeout_ms: 20_000, icmp_active_timeout_ms: 5_000 };
    const change = { ...timeouts, applications: true };
    const answer = await post('/flow/meter/enable', change, 'admin');
    expect(answer.json<object>()).toMatchObject({ next_meter: { ...change, udp_idle_timeout_ms: 0 } });
    await post('/start', { interface: 'eth0' });
    expect(api.engine.starts[0]?.meter).toMatchObject({
      idleTimeoutMs: { tcp: 300_000, udp: 20_000, icmp: 20_000, other: 20_000 },
      applications: true,
      activeTimeoutMs: { tcp: 60_000, udp: 60_000, icmp: 5_000, other: 60_000 },
    });
  });

  it.each([{ max_flows: 4_096 }, { max_flows: 16_777_216 }])('takes the limit %j', async (body) => {
    expect((await post('/flow/meter/enable', body, 'admin')).statusCode).toBe(200);
  });
});
