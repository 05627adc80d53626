import fastify from 'fastify';
import { guardRoutes } from './access.js';
import type { Api } from './dependencies.js';
import { capturePrefixes } from './server.js';
import { as, askApi, testApi } from './test-api.js';

type Row = [method: 'GET' | 'POST', path: string, least: 'viewer' | 'operator' | 'admin'];

const captureTable: Row[] = [
  ['GET', '/backends', 'viewer'],
  ['POST', '/start', 'operator'],
  ['POST', '/stop', 'operator'],
  ['GET', '/status', 'viewer'],
  ['GET', '/metrics', 'viewer'],
  ['POST', '/flow/meter/enable', 'admin'],
  ['GET', '/flows', 'viewer'],
  ['POST', '/netflow/export/enable', 'admin'],
  ['POST', '/encryption/enable', 'admin'],
  ['GET', '/firmware/verify', 'viewer'],
];
const roleTable: Row[] = [
  ...capturePrefixes.flatMap((prefix) =>
    captureTable.map(([method, path, least]): Row => [method, `${prefix}${path}`, least]),
  ),
  ['GET', '/api/v1/packets', 'operator'],
  ['GET', '/api/v1/packets/stats', 'operator'],
  ['GET', '/api/v1/packets/x', 'operator'],
  ['GET', '/api/v1/packets/download/pcap', 'operator'],
  ['GET', '/api/v1/packets/x/download/pcap', 'operator'],
  ['GET', '/api/v1/packets/export', 'operator'],
  ['GET', '/api/v1/packets/export/preview', 'operator'],
  ['GET', '/api/v1/packets/stream', 'operator'],
  ['GET', '/api/v1/packets/diff', 'operator'],
  ['GET', '/api/v1/audit', 'admin'],
  ['POST', '/api/v1/query', 'viewer'],
  ['GET', '/api/v1/query/fields', 'viewer'],
  ['GET', '/api/v1/query/values', 'viewer'],
  ['POST', '/api/v1/query/validate', 'viewer'],
  ['GET', '/api/v1/artifacts', 'viewer'],
  ['GET', '/api/v1/pins', 'viewer'],
  ['GET', '/api/v1/keys', 'admin'],
];
const publicPaths = ['/healthz', '/readyz', '/metrics', '/docs', '/docs/json', '/api/v1/openapi.json'];
const ranks = ['viewer', 'operator', 'admin'] as const;

let api: Awaited<ReturnType<typeof testApi>>;
beforeAll(async () => (api = await testApi()));
beforeEach(() => void api.events.splice(0));
afterAll(() => api.app.close());

const ask = (app: Api, method: 'GET' | 'POST', url: string, headers: Record<string, string>) =>
  askApi(app, { method, url, headers, ...(method === 'POST' ? { payload: {} } : {}) });

describe('roles', () => {
  it('documents for every route the role that the table has', async () => {
    const answer = await ask(api.app, 'GET', '/api/v1/openapi.json', { host: 'localhost' });
    const { paths } = answer.json<{ paths: Record<string, Record<string, { 'x-role'?: string }>> }>();
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, route]) => {
        const url = path.replace('{id}', 'x');
        return `${method.toUpperCase()} ${url} ${route['x-role'] ?? 'public'}`;
      }),
    );
    const table = [
      ...roleTable.map((row) => row.join(' ')),
      ...publicPaths.map((path) => `GET ${path} public`),
    ];
    expect(documented.filter((entry) => !table.includes(entry))).toEqual([]);
    expect(documented.length).toBeGreaterThan(15);
  });

  it('does not start with a route that names no role', async () => {
    const app = fastify() as unknown as Api;
    guardRoutes(app, true, {} as never);
    expect(() => app.get('/forgotten', async () => 'open')).toThrow('route /forgotten names no role');
    await app.close();
  });

  it.each(roleTable)('%s %s asks for %s', async (method, path, least) => {
    const nobody = await ask(api.app, method, path, { host: 'localhost' });
    expect(nobody.statusCode).toBe(401);
    expect(nobody.headers['www-authenticate']).toContain('Bearer');
    expect(nobody.json<object>()).toMatchObject({ code: 'token_missing', status: 401 });
    for (const role of ranks) {
      const answer = await ask(api.app, method, path, as(role));
      const allowed = ranks.indexOf(role) >= ranks.indexOf(least);
      expect([role, answer.statusCode === 403]).toEqual([role, !allowed]);
      if (!allowed) expect(answer.json<object>()).toMatchObject({ code: 'role_insufficient' });
    }
  });

  it.each(publicPaths)('%s needs no token', async (path) => {
    const answer = await ask(api.app, 'GET', path, { host: 'localhost' });
    expect(answer.statusCode).toBeLessThan(400);
  });

  it('asks for a token at /metrics where other machines can reach it', async () => {
    const open = await testApi({ host: '0.0.0.0' });
    expect((await ask(open.app, 'GET', '/metrics', { host: 'wire.example' })).statusCode).toBe(401);
    expect((await ask(open.app, 'GET', '/metrics', as('viewer'))).statusCode).toBe(200);
    expect((await ask(open.app, 'GET', '/healthz', { host: 'wire.example' })).statusCode).toBe(200);
    await open.app.close();
  });
});

describe('refusals', () => {
  it.each([
    ['Bearer unknown', 'token_invalid'],
    ['Bearer ', 'token_invalid'],
    ['Basic YWRtaW46YWRtaW4=', 'token_invalid'],
    [`Bearer ${'x'.repeat(10_000)}`, 'token_invalid'],
    ['Bearer admin-token extra', 'token_invalid'],
  ])('%.30p is refused and audited', async (authorization, code) => {
    const answer = await ask(api.app, 'GET', '/api/v1/capture/status?secret=1', {
      authorization,
      host: 'localhost',
    });
    expect(answer.statusCode).toBe(401);
    expect(answer.json<object>()).toMatchObject({ code });
    expect(api.events).toEqual([
      {
        principal: { name: 'anonymous', role: null },
        action: 'refused',
        parameters: { method: 'GET', path: '/api/v1/capture/status' },
        outcome: code,
        remote: '127.0.0.1',
      },
    ]);
  });

  it('audits by name who asks for more than the role permits', async () => {
    await ask(api.app, 'GET', '/api/v1/audit', as('operator'));
    expect(api.events).toMatchObject([{ principal: { name: 'operator:1' }, outcome: 'role_insufficient' }]);
  });

  it('refuses although the audit log cannot be written', async () => {
    const fail = () => Promise.reject(new Error('disk full'));
    const { app } = await testApi({}, { audit: { append: fail, appendRefusal: fail, read: fail } });
    expect((await ask(app, 'GET', '/api/v1/capture/status', { host: 'localhost' })).statusCode).toBe(401);
    await app.close();
  });

  it.each(['evil.example', 'evil.example:8000', '127.0.0.1.evil.example'])(
    'refuses Host %p on loopback, whatever the token and the path',
    async (host) => {
      for (const path of ['/api/v1/capture/status', '/metrics', '/healthz', '/docs', '/nowhere']) {
        const answer = await ask(api.app, 'GET', path, { ...as('admin'), host });
        expect([path, answer.statusCode, answer.json<{ code: string }>().code]).toEqual([
          path,
          403,
          'host_not_allowed',
        ]);
      }
    },
  );

  it('takes any Host where it listens for other machines', async () => {
    const { app } = await testApi({ host: '0.0.0.0' });
    const headers = { ...as('viewer'), host: 'wire.example' };
    expect((await ask(app, 'GET', '/api/v1/capture/status', headers)).statusCode).toBe(200);
    await app.close();
  });
});
