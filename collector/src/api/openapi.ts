import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { Api } from './dependencies.js';

const description = `Flows and packets of this host. All but the probes, this page and (on loopback) /metrics want a
token: \`Authorization: Bearer wg_…\`, made by \`wireglass token new\`. Roles: viewer (status, metrics, flows), operator
(also packets, start and stop), admin (also settings and audit log).

Every endpoint below \`/api/v1/capture\` also answers below \`/api/v1/packet_capture\` and \`/packet_capture\`.
Errors are RFC 9457 problems with a stable \`code\`. In JSON, counters are numbers; nanosecond times and ids are strings.`;

/** The document that the schemas make, and the page that shows it, from files of this machine only. */
export async function registerOpenApi(app: Api, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Wireglass', version, description, license: { name: 'Apache-2.0' } },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
      tags: [
        { name: 'capture', description: 'The capture and its flows' },
        { name: 'query', description: 'Questions of panels and alerts, answered with data frames' },
        { name: 'packets', description: 'Recorded packets' },
        { name: 'operations', description: 'Probes, metrics, audit log' },
      ],
    },
    transform: ({ schema, url, route }) => {
      const role = route.config?.role;
      const open = { ...schema, ...(role === 'public' ? { security: [] } : { 'x-role': role }) };
      return { schema: open, url };
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
}

export function openApiRoute(app: Api): void {
  app.get('/openapi.json', { config: { role: 'public' }, schema: { hide: true } }, async () => app.swagger());
}
