import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, errorMessage, errorTable, isErrorCode, type ErrorCode } from '../model/errors.js';
import type { Log } from '../model/log.js';

/** RFC 9457 problem details; members beyond these come from the error's details. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: string;
  [member: string]: unknown;
}

export const problemMediaType = 'application/problem+json';

type Thrown = {
  code?: unknown;
  name?: unknown;
  statusCode?: unknown;
  details?: Record<string, unknown>;
};

/** What the client is told about anything thrown. */
export function toProblem(error: unknown, request: FastifyRequest): Problem {
  const thrown = (error ?? {}) as Thrown;
  const translated = isErrorCode(thrown.code) ? error : fromFastify(thrown, error, request);
  const { code, details } = translated as Thrown;
  const row = isErrorCode(code) ? errorTable[code] : { status: 500, title: 'Engine error' };
  // The reason is the detail's own text.
  const { reason: _reason, ...members } = details ?? {};
  return {
    ...withoutBigints(members),
    type: `urn:wireglass:problem:${String(code)}`,
    title: row.title,
    status: row.status,
    detail: errorMessage(translated),
    instance: `${pathOf(request)}#${request.id}`,
    code: String(code),
  };
}

/** Errors of Fastify itself and of bugs; the core's errors pass with the code they have. */
function fromFastify(thrown: Thrown, error: unknown, request: FastifyRequest): unknown {
  if (thrown.name === 'NativeError' && typeof thrown.code === 'string') return error;
  switch (thrown.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new AppError('body_too_large', { limit_bytes: request.routeOptions.bodyLimit });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new AppError('media_type_unsupported', {
        media_type: request.headers['content-type'] ?? 'nothing',
      });
  }
  const status = Number(thrown.statusCode);
  if (status >= 400 && status < 500) return new AppError('bad_request', { reason: errorMessage(error) });
  return new AppError('internal_error', {
    reason: `the service failed to answer; its log says why (${request.id})`,
  });
}

/** Sends the problem; what is the service's own fault goes to its log with everything that is known. */
export function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
): FastifyReply {
  const problem = toProblem(error, request);
  if (problem.code === 'internal_error') {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.error(`${request.method} ${pathOf(request)} failed: ${stack}`, { request: request.id });
  }
  if (problem.status === 401) void reply.header('www-authenticate', challenge(problem.code as ErrorCode));
  return reply
    .code(problem.status)
    .type(problemMediaType)
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send(problem);
}

/** RFC 6750 section 3 */
function challenge(code: ErrorCode): string {
  return code === 'token_missing'
    ? 'Bearer realm="wireglass"'
    : 'Bearer realm="wireglass", error="invalid_token"';
}

export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}

function withoutBigints(details: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(details, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  ) as Record<string, unknown>;
}
