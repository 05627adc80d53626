import type { FastifyRequest } from 'fastify';
import { AppError, errorCode, errorMessage } from '../model/errors.js';
import { isLoopbackHostHeader } from '../security/loopback.js';
import { anonymous, permits } from '../security/principal.js';
import type { Api, ApiDependencies } from './dependencies.js';
import { pathOf } from './problem.js';

/** Paths of the API page, which its plugin registers without knowing of roles. */
const pagePrefix = '/docs';

/**
 * Gives every request its principal and refuses what its role does not permit. A route that names no role is a mistake
 * that ends the start.
 */
export function guardRoutes(app: Api, loopbackOnly: boolean, dependencies: ApiDependencies): void {
  app.decorateRequest('principal', null as never);
  app.addHook('onRoute', (route) => {
    if (route.url.startsWith(pagePrefix)) route.config = { ...route.config, role: 'public' };
    if (route.config?.role === undefined) throw new Error(`route ${route.url} names no role`);
  });
  app.addHook('onRequest', async (request) => {
    request.principal = anonymous;
    try {
      await admit(request, loopbackOnly, dependencies);
    } catch (error) {
      await recordRefusal(request, errorCode(error), dependencies);
      throw error;
    }
  });
}

async function admit(
  request: FastifyRequest,
  loopbackOnly: boolean,
  { tokens }: ApiDependencies,
): Promise<void> {
  if (loopbackOnly && !isLoopbackHostHeader(request.headers.host)) {
    throw new AppError('host_not_allowed', { host: request.headers.host ?? '' });
  }
  const needed = request.is404 ? 'public' : (request.routeOptions.config.role ?? 'admin');
  const token = bearerToken(request.headers.authorization);
  const known = token === null ? null : await tokens.authenticate(token);
  if (known !== null) request.principal = known;
  if (needed === 'public') return;
  if (request.headers.authorization === undefined) throw new AppError('token_missing', { role: needed });
  if (known === null) throw new AppError('token_invalid', { role: needed });
  if (!permits(known.role, needed)) {
    throw new AppError('role_insufficient', { needed, role: known.role ?? 'none', principal: known.name });
  }
}

/** RFC 6750 section 2.1; null where the header is none of that kind */
function bearerToken(header: string | undefined): string | null {
  if (header === undefined || header.length > 256) return null;
  return /^Bearer +([\w.~+/-]+=*)$/i.exec(header)?.[1] ?? null;
}

async function recordRefusal(
  request: FastifyRequest,
  outcome: string,
  { audit, log }: ApiDependencies,
): Promise<void> {
  const event = {
    principal: request.principal,
    action: 'refused',
    parameters: { method: request.method, path: pathOf(request) },
    outcome,
    remote: request.ip,
  };
  await audit.appendRefusal(event).catch((error: unknown) => {
    log.error(`a refusal is not in the audit log: ${errorMessage(error)}`);
  });
}
