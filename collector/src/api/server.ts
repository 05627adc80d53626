import fastify, { type FastifyRequest } from 'fastify';
import { AppError, errorMessage } from '../model/errors.js';
import { isLoopbackAddress } from '../security/loopback.js';
import { guardRoutes } from './access.js';
import type { Api, ApiConfig, ApiDependencies } from './dependencies.js';
import { openApiRoute, registerOpenApi } from './openapi.js';
import { pathOf, sendProblem } from './problem.js';
import { captureRoutes } from './routes/capture.js';
import { flowRoutes } from './routes/flows.js';
import { captureNotBuilt, notBuilt, notBuiltRoutes } from './routes/not-built.js';
import { auditRoutes, probeRoutes } from './routes/operations.js';
import { packetExportRoutes } from './routes/packet-export.js';
import { packetRoutes } from './routes/packets.js';
import { queryRoutes } from './routes/query.js';
import { traceRequests } from './trace-requests.js';
import { compileValidator } from './validation.js';

const bodyLimitBytes = 65_536;
const requestTimeoutMs = 30_000;
const closePatienceMs = 5_000;

/** Where the ten capture endpoints answer; all but the first are aliases, absent from the document. */
export const capturePrefixes = ['/api/v1/capture', '/api/v1/packet_capture', '/packet_capture'] as const;

/** The REST API. */
export class ApiServer {
  private app: Api | null = null;

  constructor(
    private readonly config: ApiConfig,
    private readonly dependencies: ApiDependencies,
  ) {}

  /** Listens. Errors: `address_in_use`, `address_unavailable`. Returns the URL. */
  async start(): Promise<string> {
    const { host, port } = this.config;
    this.app = await buildApi(this.config, this.dependencies);
    try {
      await this.app.listen({ host, port });
    } catch (error) {
      await this.app.close();
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
        throw new AppError('address_in_use', { host, port });
      throw new AppError(
        'address_unavailable',
        { host, port, reason: errorMessage(error) },
        { cause: error },
      );
    }
    return this.url();
  }

  /** Answers what is being asked and closes; who takes too long is cut off. */
  async stop(): Promise<void> {
    const app = this.app;
    if (app === null) return;
    this.app = null;
    const cutOff = setTimeout(() => app.server.closeAllConnections(), closePatienceMs);
    await app.close();
    clearTimeout(cutOff);
  }

  private url(): string {
    const address = this.app?.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : this.config.port;
    const host = this.config.host.includes(':') ? `[${this.config.host}]` : this.config.host;
    return `http://${host}:${port}`;
  }
}

/** All routes, not listening yet. */
export async function buildApi(config: ApiConfig, dependencies: ApiDependencies): Promise<Api> {
  const loopbackOnly = isLoopbackAddress(config.host);
  const { log, metrics } = dependencies;
  const app = fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply, log),
  }) as unknown as Api;
  app.setValidatorCompiler(compileValidator);
  // Answers go out as they are; the schemas describe them, and the tests hold them to it.
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, log));
  acceptEmptyBodies(app);

  const metricsRole = loopbackOnly ? 'public' : 'viewer';
  const paths = new RoutePaths();
  app.addHook('onRoute', (route) => paths.add(route.method, route.url));
  app.setNotFoundHandler((request) => {
    throw paths.explain(request);
  });
  app.addHook('onSend', async (_, reply) => {
    void reply.header('x-content-type-options', 'nosniff');
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
  });
  app.addHook('onResponse', async (request, reply) => {
    const labels = {
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      status: reply.statusCode,
    };
    metrics.requests.observe(labels, reply.elapsedTime / 1_000);
    log.debug(`${request.method} ${pathOf(request)}`, {
      status: reply.statusCode,
      by: request.principal?.name,
      ms: Math.round(reply.elapsedTime),
    });
  });
  if (dependencies.tracing) traceRequests(app, dependencies.tracing);
  guardRoutes(app, loopbackOnly, dependencies);
  await registerOpenApi(app, config.version);

  probeRoutes(app, metricsRole, dependencies);
  for (const prefix of capturePrefixes) {
    await app.register(async (scope: Api) => captureScope(scope, prefix, config, dependencies), { prefix });
  }
  await app.register(
    async (scope: Api) => {
      openApiRoute(scope);
      packetRoutes(scope, dependencies);
      packetExportRoutes(scope, dependencies);
      auditRoutes(scope, dependencies);
      queryRoutes(scope, config, dependencies);
      notBuiltRoutes(scope, notBuilt);
    },
    { prefix: '/api/v1' },
  );
  await app.ready();
  return app;
}

function captureScope(scope: Api, prefix: string, config: ApiConfig, dependencies: ApiDependencies): void {
  if (prefix !== capturePrefixes[0]) {
    scope.addHook('onRoute', (route) => {
      route.schema = { ...route.schema, hide: true };
    });
  }
  captureRoutes(scope, config.live, dependencies);
  flowRoutes(scope, dependencies);
  notBuiltRoutes(scope, captureNotBuilt);
}

/** Clients send "content-type: application/json" with no body at all when there is nothing to say. */
function acceptEmptyBodies(app: Api): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.trim() === '') done(null, undefined);
    else void parse(request, body, done);
  });
}

/** Knows which addresses there are, to tell a wrong method from a wrong address. */
class RoutePaths {
  private readonly routes: { method: string; pattern: RegExp }[] = [];

  add(methods: string | string[], url: string): void {
    const pattern = new RegExp(
      `^${url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[^/]+/g, '[^/]+')}/?$`,
    );
    for (const method of [methods].flat()) this.routes.push({ method, pattern });
  }

  explain(request: FastifyRequest): AppError {
    const path = pathOf(request);
    const allowed = this.routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    const { method } = request;
    if (allowed.length === 0 || allowed.includes(method))
      return new AppError('route_not_found', { method, path });
    return new AppError('method_not_allowed', { method, path, allowed: [...new Set(allowed)].join(', ') });
  }
}
