import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { as, testApi } from './test-api.js';
import { AppError } from '../model/errors.js';
import { startTracing } from '../telemetry/opentelemetry.js';
import { maxWaitingSpans } from '../telemetry/span-processor.js';
import { traced, type Tracing } from '../telemetry/tracing.js';

interface Attribute {
  key: string;
  value: { stringValue?: string; intValue?: number };
}
interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  traceState?: string;
  attributes: Attribute[];
  status: { code?: number };
}
interface OtlpRequest {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: OtlpSpan[] }[] }[];
}

/** A collector of traces that speaks OTLP over HTTP, as far as JSON goes. */
class Collector {
  readonly requests: {
    path: string | undefined;
    type: string | undefined;
    body: OtlpRequest;
    text: string;
  }[] = [];
  /** what it answers */
  status = 200;
  private readonly server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => (text += part.toString()));
    request.on('end', () => {
      const type = request.headers['content-type'];
      this.requests.push({ path: request.url, type, body: JSON.parse(text) as OtlpRequest, text });
      response.writeHead(this.status, { 'content-type': 'application/json' }).end('{}');
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  get spans(): OtlpSpan[] {
    return this.requests.flatMap(({ body }) =>
      body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    );
  }
}

const attributesOf = ({ attributes }: { attributes: Attribute[] }): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));

let collector: Collector;
let tracing: Tracing;
let endpoint: string;
beforeEach(async () => {
  collector = new Collector();
  endpoint = await collector.start();
  tracing = startTracing({ endpoint, oneIn: 1, version: '1.2.3' });
});
afterEach(async () => {
  await tracing.stop();
  collector.stop();
});

async function api() {
  const flowStore = {
    query: () => Promise.reject(new AppError('store_failed', { reason: 'secret filter text' })),
    aggregate: () => Promise.reject(new Error('none here')),
    values: () => Promise.reject(new Error('none here')),
  };
  return testApi({}, { tracing, flowStore: traced('flow_store', flowStore, ['query', 'aggregate']) });
}

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';

describe('traces of the API', () => {
  it('have a span per request, with the store within it, under the caller’s trace, and no secrets', async () => {
    const { app, ask } = await api();
    const headers = {
      ...as('viewer'),
      traceparent: `00-${traceId}-${parentId}-01`,
      tracestate: 'rojo=00f067aa0ba902b7',
    };
    const url = '/api/v1/capture/flows?filter=host%2010.9.8.7';
    expect((await ask({ method: 'GET', url, headers })).statusCode).toBe(500);
    await app.close();
    await tracing.stop();

    expect(collector.requests.map(({ path, type }) => [path, type])).toEqual([
      ['/v1/traces', 'application/json'],
    ]);
    const resource = collector.requests[0]?.body.resourceSpans[0]?.resource;
    expect(attributesOf(resource ?? { attributes: [] })).toMatchObject({
      'service.name': 'wireglass',
      'service.version': '1.2.3',
    });
    const [store, request] = collector.spans;
    expect(request).toMatchObject({
      traceId,
      parentSpanId: parentId,
      name: 'GET /api/v1/capture/flows',
      kind: 2,
      traceState: 'rojo=00f067aa0ba902b7',
      status: { code: 2 },
    });
    expect(attributesOf(request as OtlpSpan)).toEqual({
      'http.request.method': 'GET',
      'http.route': '/api/v1/capture/flows',
      'http.response.status_code': 500,
      'error.type': '500',
      'wireglass.role': 'viewer',
    });
    expect(store).toMatchObject({ traceId, parentSpanId: request?.spanId, name: 'flow_store query' });
    expect(attributesOf(store as OtlpSpan)).toMatchObject({ 'error.type': 'store_failed' });
    const { text = '' } = collector.requests[0] ?? {};
    for (const secret of ['viewer-token', '10.9.8.7', 'secret filter']) expect(text).not.toContain(secret);
    expect(tracing.stats()).toMatchObject({ ended: 2, exported: 2, lost: 0, waiting: 0, lastError: null });
  });

  it('know the request behind a query that came in a body', async () => {
    const { app, ask } = await api();
    const payload = {
      from: 0,
      to: 60_000,
      queries: [{ refId: 'A', type: 'timeseries', measure: 'total_bytes' }],
    };
    await ask({ method: 'POST', url: '/api/v1/query', headers: as('viewer'), payload });
    await app.close();
    await tracing.stop();
    const request = collector.spans.find(({ name }) => name === 'POST /api/v1/query');
    const store = collector.spans.find(({ name }) => name === 'flow_store aggregate');
    expect(store).toMatchObject({ traceId: request?.traceId, parentSpanId: request?.spanId });
  });

  it('tell of refusals and of addresses that are none', async () => {
    const { app, ask } = await api();
    await ask({ method: 'GET', url: '/api/v1/capture/status', headers: {} });
    await ask({ method: 'GET', url: '/none?token=x', headers: as('admin') });
    await app.close();
    await tracing.stop();
    expect(
      collector.spans.map((span) => [span.name, attributesOf(span)['http.response.status_code']]),
    ).toEqual([
      ['GET /api/v1/capture/status', 401],
      ['GET', 404],
    ]);
  });

  it.each([
    'x',
    `00-${traceId}-${parentId}`,
    `00-${traceId}-${parentId}-01-more`,
    `ff-${traceId}-${parentId}-01`,
    `00-${'0'.repeat(32)}-${parentId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${parentId}-01`,
  ])('begin anew where the traceparent is %s', async (traceparent) => {
    tracing
      .request({ method: 'GET', route: '/', traceparent, tracestate: undefined })
      .end({ status: 200, role: null });
    await tracing.stop();
    expect(collector.spans).toHaveLength(1);
    expect(collector.spans[0]?.traceId).not.toBe(traceId);
    expect(collector.spans[0]?.parentSpanId ?? '').toBe('');
  });

  it('go by the caller’s decision, and by one in so many where there is none', async () => {
    const few = startTracing({ endpoint, oneIn: 1_000_000, version: '1' });
    const make = (traceparent?: string) =>
      few
        .request({ method: 'GET', route: '/', traceparent, tracestate: undefined })
        .end({ status: 200, role: null });
    for (let place = 0; place < 20; place++) make();
    make(`00-${traceId}-${parentId}-00`);
    make(`01-${traceId}-${parentId}-01-later`);
    await few.stop();
    const kept = collector.spans.filter((span) => span.parentSpanId === parentId);
    expect(kept).toHaveLength(1);
    expect(collector.spans.length).toBeLessThan(5);
  });

  it('are lost and counted, and nothing else, when the collector takes none', async () => {
    collector.status = 400;
    const span = () =>
      tracing.request({ method: 'GET', route: '/', traceparent: undefined, tracestate: undefined });
    for (let place = 0; place < maxWaitingSpans + 5; place++) span().end({ status: null, role: null });
    expect(tracing.stats()).toMatchObject({ ended: maxWaitingSpans + 5, lost: 5, waiting: maxWaitingSpans });
    await tracing.stop();
    const { lost, exported, lastError } = tracing.stats();
    expect(exported).toBe(0);
    expect(lost).toBeGreaterThan(5);
    expect(lastError).not.toBeNull();
  });

  it.each(['', 'localhost:4318', 'ftp://x', 'x'])('cannot go to "%s"', (address) => {
    expect(() => startTracing({ endpoint: address, oneIn: 1, version: '1' })).toThrow(
      'expected an address such as',
    );
  });

  it('are not made, and their modules not loaded, unless an endpoint is set', () => {
    const compose = join(__dirname, '../../dist/compose.js');
    const script = `require(${JSON.stringify(compose)});
      console.log(Object.keys(require.cache).filter((path) => /@opentelemetry.(?!api)/.test(path)).length)`;
    expect(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }).trim()).toBe('0');
  });
});
