import type { Role } from '../../security/principal.js';
import type { Api, ApiDependencies } from '../dependencies.js';
import { answers } from '../schemas/common.js';
import { AuditAnswer, AuditQuery, HealthAnswer, ReadinessAnswer } from '../schemas/operations.js';

const tags = ['operations'];

/** Probes and metrics, outside the versioned prefix as their users expect them. */
export function probeRoutes(app: Api, metricsRole: Role | 'public', dependencies: ApiDependencies): void {
  const { readiness, metrics } = dependencies;
  app.get(
    '/healthz',
    {
      config: { role: 'public' },
      schema: { tags, summary: 'The process answers', response: { 200: HealthAnswer } },
    },
    async () => ({ status: 'ok' }),
  );

  app.get(
    '/readyz',
    {
      config: { role: 'public' },
      schema: {
        tags,
        summary: 'Stores and API are up; says which part is not',
        response: { 200: ReadinessAnswer, 503: ReadinessAnswer },
      },
    },
    async (_, reply) => {
      const report = await readiness();
      return reply.code(report.ready ? 200 : 503).send(report);
    },
  );

  app.get(
    '/metrics',
    {
      config: { role: metricsRole },
      schema: {
        tags,
        summary: 'Prometheus metrics',
        description: 'Without a token while the service listens on loopback only; else with one of any role.',
      },
    },
    async (_, reply) => reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}

export function auditRoutes(app: Api, { audit }: ApiDependencies): void {
  app.get(
    '/audit',
    {
      config: { role: 'admin' },
      schema: {
        tags,
        summary: 'Who did what, newest first',
        querystring: AuditQuery,
        response: answers(AuditAnswer),
      },
    },
    async ({ query }) => {
      const { limit, before } = query;
      const page = await audit.read({ limit, ...(before === undefined ? {} : { before }) });
      return { entries: page.entries, next_before: page.nextBefore };
    },
  );
}
