// Loaded only where telemetry.otlp_endpoint is set.
import {
  createTraceState,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { AppError, errorCode } from '../model/errors.js';
import { BoundedSpanProcessor } from './span-processor.js';
import type { RequestEnd, RequestSpan, RequestStart, Tracing, TracingStats } from './tracing.js';

export interface TracingSettings {
  /** of a collector of OTLP/HTTP, such as http://127.0.0.1:4318 */
  endpoint: string;
  /** one of so many traces that begin here is kept */
  oneIn: number;
  version: string;
}

const exportTimeoutMs = 5_000;

/** Error: `bad_config` where the endpoint is no address. */
export function startTracing({ endpoint, oneIn, version }: TracingSettings): Tracing {
  const exporter = new OTLPTraceExporter({ url: tracesUrl(endpoint), timeoutMillis: exportTimeoutMs });
  const processor = new BoundedSpanProcessor(exporter);
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'wireglass', 'service.version': version }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(1 / oneIn) }),
    spanProcessors: [processor],
  });
  return new OpenTelemetryTracing(provider, processor, version);
}

function tracesUrl(endpoint: string): string {
  const reason = `telemetry.otlp_endpoint is "${endpoint}"; expected an address such as http://127.0.0.1:4318`;
  if (!URL.canParse(endpoint)) throw new AppError('bad_config', { reason });
  const url = new URL(endpoint);
  if (!['http:', 'https:'].includes(url.protocol)) throw new AppError('bad_config', { reason });
  if (!url.pathname.endsWith('/v1/traces')) url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`;
  return url.toString();
}

class OpenTelemetryTracing implements Tracing {
  private readonly tracer: Tracer;

  constructor(
    private readonly provider: BasicTracerProvider,
    private readonly processor: BoundedSpanProcessor,
    version: string,
  ) {
    this.tracer = provider.getTracer('wireglass', version);
  }

  request({ method, route, traceparent, tracestate }: RequestStart): RequestSpan {
    const attributes = {
      'http.request.method': method,
      ...(route === null ? {} : { 'http.route': route }),
    };
    const name = route === null ? method : `${method} ${route}`;
    const parent = contextOf(traceparent, tracestate);
    const span = this.tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
    return new OpenTelemetrySpan(this.tracer, span);
  }

  stats(): TracingStats {
    return this.processor.stats();
  }

  stop(): Promise<void> {
    return this.provider.shutdown();
  }
}

class OpenTelemetrySpan implements RequestSpan {
  constructor(
    private readonly tracer: Tracer,
    private readonly span: Span,
  ) {}

  async within<Result>(part: string, operation: string, run: () => Promise<Result>): Promise<Result> {
    const attributes = {
      'db.system.name': 'duckdb',
      'db.operation.name': operation,
      'wireglass.store': part,
    };
    const parent = trace.setSpan(ROOT_CONTEXT, this.span);
    const child = this.tracer.startSpan(
      `${part} ${operation}`,
      { kind: SpanKind.CLIENT, attributes },
      parent,
    );
    try {
      return await run();
    } catch (error) {
      // codes, no messages: those may hold what the client asked for
      const code = errorCode(error);
      child.setAttribute('error.type', code);
      if (code !== 'query_cancelled') child.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      child.end();
    }
  }

  end({ status, role }: RequestEnd): void {
    const { span } = this;
    if (role !== null) span.setAttribute('wireglass.role', role);
    if (status === null) span.setAttribute('error.type', 'client_left');
    else {
      span.setAttribute('http.response.status_code', status);
      if (status >= 500) {
        span.setAttribute('error.type', String(status));
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
    }
    span.end();
  }
}

/** W3C Trace Context, section 3.2: a header that is not valid is as none. */
const traceparentPattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const longestState = 512;

function contextOf(traceparent: string | undefined, tracestate: string | undefined): Context {
  const [, version, traceId = '', spanId = '', flags = '', more] =
    traceparentPattern.exec(traceparent ?? '') ?? [];
  const isValid =
    version !== undefined &&
    version !== 'ff' &&
    !(version === '00' && more !== undefined) &&
    /[^0]/.test(traceId) &&
    /[^0]/.test(spanId);
  if (!isValid) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
    ...(tracestate === undefined || tracestate.length > longestState
      ? {}
      : { traceState: createTraceState(tracestate) }),
  });
}
