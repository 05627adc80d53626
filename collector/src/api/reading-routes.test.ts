import { Value } from '@sinclair/typebox/value';
import { AppError } from '../model/errors.js';
import { AuditAnswer } from './schemas/operations.js';
import { PacketDetailSchema, PacketsAnswer, PacketTotalsSchema } from './schemas/packets.js';
import { as, askApi, nativeError, packet, testApi } from './test-api.js';
import { parseTimeNs } from './time.js';

let api: Awaited<ReturnType<typeof testApi>>;
beforeEach(async () => (api = await testApi()));
afterEach(() => api.app.close());

const get = (url: string, role: 'viewer' | 'operator' | 'admin' = 'operator') =>
  api.ask({ url: `/api/v1${url}`, headers: as(role) });
const manyPackets = (count: number) =>
  Array.from({ length: count }, (_, index) => packet(`1-00000001-1-${index}`));

describe('GET /capture/flows', () => {
  it('asks the store with defaults', async () => {
    const answer = await get('/capture/flows', 'viewer');
    expect(answer.json<object>()).toEqual({ flows: [], next_cursor: null });
    expect(api.queries).toEqual([{ scope: 'all', sort: { field: 'end_ns', descending: true }, limit: 100 }]);
  });

  it('hands on filter, sort, page and range', async () => {
    const filter = encodeURIComponent('src net 10.0.0.0/8 and dst port 443');
    api.page.nextCursor = 'next';
    const url = `/capture/flows?filter=${filter}&sort=-bytes&limit=5&scope=live&cursor=abc&from=10&to=1970-01-01T00:00:01.5Z`;
    expect((await get(url, 'viewer')).json()).toMatchObject({ next_cursor: 'next' });
    expect(api.queries[0]).toMatchObject({
      scope: 'live',
      sort: { field: 'bytes', descending: true },
      limit: 5,
      cursor: 'abc',
      fromNs: 10n,
      toNs: 1_500_000_000n,
      filter: { kind: 'and', left: { kind: 'address', side: 'src' }, right: { kind: 'port', low: 443 } },
    });
  });

  it.each([
    ['limit=0', 'bad_request', 'limit is 0; expected an integer from 1 to 1000'],
    ['limit=1001', 'bad_request', 'limit is 1001'],
    ['limit=ten', 'bad_request', 'limit is "ten"'],
    ['limit=', 'bad_request', 'limit is ""'],
    ['limit=5&limit=6', 'bad_request', 'limit is given more than once'],
    ['limits=5', 'bad_request', 'did you mean limit?'],
    ['scope=some', 'bad_request', 'expected one of live, stored, all'],
    ['sort=-byte', 'bad_request', 'did you mean bytes?'],
    ['sort=__proto__', 'bad_request', '__proto__'],
    ['from=yesterday', 'bad_time', 'from: "yesterday" is neither'],
    ['from=20&to=10', 'bad_time', 'later than "to"'],
    ['filter=src%20prot%205', 'bad_filter', 'column'],
    [`filter=${'a'.repeat(5_000)}`, 'bad_request', 'expected text of 0 to 4096 characters'],
  ])('refuses %.40s', async (query, code, reason) => {
    const answer = await get(`/capture/flows?${query}`, 'viewer');
    expect(answer.statusCode).toBe(400);
    expect(answer.json<object>()).toMatchObject({ code });
    expect(answer.json<{ detail: string }>().detail).toContain(reason);
    expect(api.queries).toEqual([]);
  });

  it('says in the problem where a filter is wrong', async () => {
    const answer = await get(`/capture/flows?filter=${encodeURIComponent('port 80 and')}`, 'viewer');
    expect(answer.json<{ column: number }>().column).toBeGreaterThan(8);
  });

  it('passes on what the store refuses', async () => {
    const query = () => Promise.reject(new AppError('bad_cursor', { reason: 'of another query' }));
    const { app } = await testApi({}, { flowStore: { query, aggregate: query, values: query } });
    const answer = await askApi(app, { url: '/api/v1/capture/flows?cursor=x', headers: as('viewer') });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'bad_cursor']);
    await app.close();
  });
});

describe('GET /packets', () => {
  it('pages', async () => {
    api.packets.rows = manyPackets(3);
    const first = (await get('/packets?limit=2&kind=lisp&before=1-00000001-9-0&from=5')).json<object>();
    expect(first).toMatchObject({ next_before: '1-00000001-1-1' });
    expect(Value.Errors(PacketsAnswer, first).First()).toBeUndefined();
    expect(api.packets.listed).toEqual([{ limit: 2, kind: 'lisp', before: '1-00000001-9-0', fromNs: 5n }]);
    expect((await get('/packets')).json()).toMatchObject({ next_before: null });
  });

  it.each(['limit=0', 'limit=1001', 'kind=all', 'filter=x', 'before='])('refuses %s', async (query) => {
    expect((await get(`/packets?${query}`)).statusCode).toBe(400);
  });

  it('answers totals and one packet', async () => {
    api.packets.rows = manyPackets(1);
    const totals = (await get('/packets/stats')).json<object>();
    expect(Value.Check(PacketTotalsSchema, totals)).toBe(true);
    const detail = (await get('/packets/1-00000001-1-0')).json<object>();
    expect(detail).toMatchObject({ id: '1-00000001-1-0', headers: [{ protocol: 'ethernet' }] });
    expect(Value.Errors(PacketDetailSchema, detail).First()).toBeUndefined();
  });

  it('tells a packet that never was from one that was removed', async () => {
    for (const path of ['/packets/nothing', '/packets/nothing/download/pcap']) {
      const answer = await get(path);
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([404, 'packet_not_found']);
      api.packets.failure = nativeError('packet_evicted', 'segment 1 was removed at …: total size');
      const gone = await get(path);
      expect([gone.statusCode, gone.json<{ detail: string }>().detail]).toEqual([
        410,
        'segment 1 was removed at …: total size',
      ]);
      api.packets.failure = null;
    }
  });
});

describe('PCAP downloads', () => {
  it.each([
    ['', 10, 'any', /^attachment; filename="packets_\d{8}_\d{6}\.pcap"$/],
    ['?count=1', 1, 'any', /^attachment; filename="packets_/],
    ['?count=100', 100, 'any', /^attachment; filename="packets_/],
    ['?count=3&kind=lisp', 3, 'lisp', /^attachment; filename="lisp_packets_\d{8}_\d{6}\.pcap"$/],
  ])('of the newest: %p', async (query, limit, kind, disposition) => {
    api.packets.rows = manyPackets(120);
    const answer = await get(`/packets/download/pcap${query}`);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('application/vnd.tcpdump.pcap');
    expect(answer.headers['content-disposition']).toMatch(disposition);
    expect(answer.headers['x-wireglass-packets']).toBe(String(limit));
    expect(answer.bytes.subarray(0, 4).toString('hex')).toBe('d4c3b2a1');
    expect(api.packets.downloaded).toEqual([{ limit, kind }]);
    expect(api.events).toMatchObject([
      { action: 'packets_download', principal: { name: 'operator:1' }, parameters: { packets: limit } },
    ]);
  });

  it('carry the time in UTC', async () => {
    api.packets.rows = manyPackets(1);
    const before = new Date().toISOString();
    const name = String((await get('/packets/download/pcap')).headers['content-disposition']);
    const after = new Date().toISOString();
    const stamp = /packets_(\d{8})_(\d{6})/.exec(name);
    const compact = (time: string) => time.slice(0, 19).replace(/[-:T]/g, '');
    const text = `${stamp?.[1]}${stamp?.[2]}`;
    expect(text >= compact(before) && text <= compact(after)).toBe(true);
  });

  it.each(['0', '101', 'abc', '-1', '1.5', '', '1e1', '0x5', ' 5', '9999999999999999999'])(
    'refuse count %p with the reason',
    async (count) => {
      api.packets.rows = manyPackets(1);
      const answer = await get(`/packets/download/pcap?count=${encodeURIComponent(count)}`);
      expect(answer.statusCode).toBe(400);
      expect(answer.json<{ detail: string }>().detail).toMatch(
        /^query: count is .*; expected an integer from 1 to 100$/,
      );
      expect(api.packets.downloaded).toEqual([]);
    },
  );

  it.each([
    [{ overlay: 'lisp' }, 'lisp_packet_p.pcap'],
    [{ protocol: 'lisp_control' }, 'lisp_packet_p.pcap'],
    [{ overlay: 'vxlan' }, 'packet_p.pcap'],
    [{}, 'packet_p.pcap'],
  ])('of one packet %j are called %s', async (change, name) => {
    api.packets.rows = [packet('p', change)];
    const answer = await get('/packets/p/download/pcap');
    expect(answer.headers['content-disposition']).toBe(`attachment; filename="${name}"`);
    expect(answer.headers['content-type']).toBe('application/vnd.tcpdump.pcap');
    expect(api.packets.downloaded).toEqual([['p']]);
    expect(api.events).toMatchObject([{ action: 'packets_download', parameters: { id: 'p' } }]);
  });

  it('are never empty files', async () => {
    const answer = await get('/packets/download/pcap?kind=lisp');
    expect(answer.statusCode).toBe(404);
    expect(answer.json<object>()).toMatchObject({
      code: 'no_packets',
      detail: 'no LISP packet is recorded yet',
    });
  });

  it('of several link types are refused', async () => {
    api.packets.failure = nativeError('several_link_types', 'Ethernet and raw IP: take PCAPNG');
    expect((await get('/packets/download/pcap')).statusCode).toBe(422);
  });

  it('are not given out when they cannot be audited', async () => {
    const fail = () => Promise.reject(new AppError('audit_unavailable', { reason: 'disk full' }));
    const { app, packets } = await testApi({}, { audit: { append: fail, appendRefusal: fail, read: fail } });
    packets.rows = manyPackets(1);
    const answer = await askApi(app, { url: '/api/v1/packets/download/pcap', headers: as('operator') });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([503, 'audit_unavailable']);
    await app.close();
  });
});

describe('the rest', () => {
  it('answers the audit log as its schema says', async () => {
    const entry = {
      seq: 1,
      time: 't',
      principal: 'p',
      role: null,
      action: 'a',
      parameters: { x: [1] },
      outcome: 'done',
      remote: null,
      prev: '0',
    };
    const read = async () => ({ entries: [entry], nextBefore: 1 });
    const done = async () => undefined;
    const { app } = await testApi({}, { audit: { append: done, appendRefusal: done, read } });
    const answer = await askApi(app, { url: '/api/v1/audit?limit=1&before=9', headers: as('admin') });
    expect(answer.json<object>()).toEqual({ entries: [entry], next_before: 1 });
    expect(Value.Check(AuditAnswer, answer.json<object>())).toBe(true);
    await app.close();
  });

  it('says what is not ready', async () => {
    const report = { ready: false, checks: { flow_store: { ready: false, detail: 'is being opened' } } };
    const { app } = await testApi({}, { readiness: async () => report });
    const answer = await askApi(app, { url: '/readyz', headers: { host: 'localhost' } });
    expect([answer.statusCode, answer.json<object>()]).toEqual([503, report]);
    await app.close();
  });

  it('shows Prometheus metrics, requests among them', async () => {
    await get('/capture/status');
    const answer = await api.ask({ url: '/metrics', headers: { host: 'localhost' } });
    expect(answer.headers['content-type']).toContain('text/plain');
    expect(answer.body).toMatch(
      /wireglass_http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/capture\/status",status="200"\} 1\n/,
    );
  });

  it.each([
    ['GET', '/nowhere', 404, 'route_not_found'],
    ['GET', '/api/v1/capture/start', 405, 'method_not_allowed'],
    ['DELETE', '/api/v1/packets/x', 405, 'method_not_allowed'],
    ['GET', '/api/v1/%zz', 400, 'bad_request'],
    ['GET', '/api/v1/packets/stream', 501, 'not_built_yet'],
  ] as const)('%s %s is a %d problem', async (method, url, status, code) => {
    const answer = await api.ask({ method, url, headers: as('admin') });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json<object>()).toMatchObject({ code, status });
  });

  it('documents every built endpoint once, with its role, and no alias', async () => {
    const document = (await get('/openapi.json')).json<{ openapi: string; paths: Record<string, object> }>();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).sort()).toEqual([
      '/api/v1/audit',
      '/api/v1/capture/backends',
      '/api/v1/capture/flow/meter/enable',
      '/api/v1/capture/flows',
      '/api/v1/capture/metrics',
      '/api/v1/capture/start',
      '/api/v1/capture/status',
      '/api/v1/capture/stop',
      '/api/v1/packets',
      '/api/v1/packets/download/pcap',
      '/api/v1/packets/export',
      '/api/v1/packets/export/preview',
      '/api/v1/packets/stats',
      '/api/v1/packets/{id}',
      '/api/v1/packets/{id}/download/pcap',
      '/api/v1/query',
      '/api/v1/query/fields',
      '/api/v1/query/validate',
      '/api/v1/query/values',
      '/healthz',
      '/metrics',
      '/readyz',
    ]);
    expect(document.paths['/api/v1/packets']).toMatchObject({ get: { 'x-role': 'operator' } });
    expect(JSON.stringify(document)).toContain('"description":"constant over a flow\'s life');
  });

  it('shows the API page without asking other machines', async () => {
    const page = await api.ask({ url: '/docs/', headers: { host: 'localhost' } });
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/(src|href)="https?:/);
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
  });
});

describe('parseTimeNs', () => {
  it.each([
    ['0', 0n],
    ['1795000000123456789', 1_795_000_000_123_456_789n],
    ['1970-01-01T00:00:00Z', 0n],
    ['1970-01-01T00:00:01.000000001Z', 1_000_000_001n],
    ['1970-01-01T01:00:00+01:00', 0n],
    ['1970-01-01T01:00:00.5 01:00', 500_000_000n],
    ['1970-01-02t00:00:00z', 86_400_000_000_000n],
  ])('%p', (text, ns) => expect(parseTimeNs('from', text)).toBe(ns));

  it.each([
    ['now', 7_200_000_000_000n],
    ['now-1h', 3_600_000_000_000n],
    ['now+30s', 7_230_000_000_000n],
  ])('%p, two hours after the beginning of 1970', (text, ns) =>
    expect(parseTimeNs('from', text, 7_200_000_000_000n)).toBe(ns),
  );

  it.each([
    '',
    '-1',
    '1e9',
    '2026-11-22',
    '2026-13-01T00:00:00Z',
    '1969-12-31T23:59:59Z',
    '99999999999999999999',
    '9999999999999999999',
    '2026-11-22T03:14:15',
    '1970-01-01T00:00:00.1234567890Z',
  ])('refuses %p', (text) => expect(() => parseTimeNs('from', text)).toThrow(/^from: /));
});
