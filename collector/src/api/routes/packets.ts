import type { PacketRow } from '@wireglass/native';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../model/errors.js';
import { packetFilter } from '../../query/packet-program.js';
import type { Api, ApiDependencies } from '../dependencies.js';
import { answers, ProblemSchema } from '../schemas/common.js';
import {
  DownloadQuery,
  PacketDetailSchema,
  PacketParams,
  PacketsAnswer,
  PacketsQuery,
  PacketTotalsSchema,
} from '../schemas/packets.js';
import { timeRange } from '../time.js';

const tags = ['packets'];
export const pcapMediaType = 'application/vnd.tcpdump.pcap';

const pcapAnswers = {
  200: {
    description: 'a classic pcap with microsecond time stamps',
    content: { [pcapMediaType]: { schema: { type: 'string', format: 'binary' } } },
  },
  '4xx': ProblemSchema,
  '5xx': ProblemSchema,
};

/** Browsing of recorded packets. */
export function packetRoutes(app: Api, dependencies: ApiDependencies): void {
  const { packets } = dependencies;
  app.get(
    '/packets',
    {
      config: { role: 'operator' },
      schema: {
        tags,
        summary: 'Recorded packets, newest first',
        querystring: PacketsQuery,
        response: answers(PacketsAnswer),
      },
    },
    async ({ query }) => {
      const page = await packets.page({
        limit: query.limit,
        kind: query.kind,
        ...(query.before === undefined ? {} : { before: query.before }),
        ...(query.filter === undefined ? {} : { filter: packetFilter(query.filter) }),
        ...timeRange(query),
      });
      return { packets: page.packets, next_before: page.nextBefore };
    },
  );

  app.get(
    '/packets/stats',
    {
      config: { role: 'operator' },
      schema: { tags, summary: 'How much is recorded', response: answers(PacketTotalsSchema) },
    },
    async () => packets.totals(),
  );

  app.get(
    '/packets/:id',
    {
      config: { role: 'operator' },
      schema: {
        tags,
        summary: 'One packet with its dissection, byte ranges and bytes',
        params: PacketParams,
        response: answers(PacketDetailSchema),
      },
    },
    async ({ params }) => packets.detail(params.id),
  );
  downloadRoutes(app, dependencies);
}

function downloadRoutes(app: Api, { packets, audit }: ApiDependencies): void {
  /** An entry that cannot be written keeps the packets here. */
  const noteDownload = (request: FastifyRequest, parameters: Record<string, unknown>) =>
    audit.append({
      principal: request.principal,
      action: 'packets_download',
      parameters,
      outcome: 'done',
      remote: request.ip,
    });

  app.get(
    '/packets/download/pcap',
    {
      config: { role: 'operator' },
      schema: {
        tags,
        summary: 'The most recent packets as a pcap file',
        querystring: DownloadQuery,
        response: pcapAnswers,
      },
    },
    async (request, reply) => {
      const { count, kind } = request.query;
      const download = await packets.pcap({ limit: count, kind });
      if (download.packets === 0)
        throw new AppError('no_packets', { kind: kind === 'lisp' ? 'LISP packet' : 'packet' });
      await noteDownload(request, { count, kind, packets: download.packets });
      const prefix = kind === 'lisp' ? 'lisp_packets' : 'packets';
      return sendPcap(reply, download, `${prefix}_${fileTime(new Date())}.pcap`);
    },
  );

  app.get(
    '/packets/:id/download/pcap',
    {
      config: { role: 'operator' },
      schema: { tags, summary: 'One packet as a pcap file', params: PacketParams, response: pcapAnswers },
    },
    async (request, reply) => {
      const { id } = request.params;
      const detail = await packets.detail(id);
      const download = await packets.pcap([detail.id]);
      await noteDownload(request, { id: detail.id });
      const prefix = isLisp(detail) ? 'lisp_packet' : 'packet';
      return sendPcap(reply, download, `${prefix}_${detail.id}.pcap`);
    },
  );
}

const isLisp = ({ overlay, protocol }: PacketRow): boolean =>
  overlay === 'lisp' || protocol === 'lisp_control';

/** UTC, as file names have it: 20261122_031415 */
export function fileTime(time: Date): string {
  return time.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '_');
}

function sendPcap(
  reply: FastifyReply,
  download: { pcap: Buffer; packets: number },
  name: string,
): FastifyReply {
  return reply
    .type(pcapMediaType)
    .header('content-disposition', `attachment; filename="${name}"`)
    .header('x-wireglass-packets', download.packets)
    .send(download.pcap);
}
