import type { FastifyRequest } from 'fastify';
import { currentSpan, type RequestSpan, type Tracing } from '../telemetry/tracing.js';
import type { Api } from './dependencies.js';

/** A span for every request, those refused included; what the handler asks of stores is told within it. */
export function traceRequests(app: Api, tracing: Tracing): void {
  const spans = new WeakMap<FastifyRequest, RequestSpan>();
  app.addHook('onRequest', async (request, reply) => {
    const { traceparent, tracestate } = request.headers;
    const span = tracing.request({
      method: request.method,
      route: request.is404 ? null : (request.routeOptions.url ?? null),
      traceparent: single(traceparent),
      tracestate: single(tracestate),
    });
    spans.set(request, span);
    reply.raw.once('close', () => {
      const status = reply.raw.writableFinished ? reply.statusCode : null;
      // a request that is refused early has no principal yet
      const principal = request.principal as FastifyRequest['principal'] | null;
      span.end({ status, role: principal?.role ?? null });
    });
  });
  // not earlier: reading the body leaves the context of the hooks before
  app.addHook('preHandler', (request, _reply, done) => {
    const span = spans.get(request);
    if (span === undefined) done();
    else currentSpan.run(span, done);
  });
}

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? undefined : header;
