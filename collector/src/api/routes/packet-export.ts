import type { PacketExportCounts } from '@wireglass/native';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { AppError } from '../../model/errors.js';
import { packetFilter } from '../../query/packet-program.js';
import { clientGone } from '../client-gone.js';
import type { Api, ApiDependencies } from '../dependencies.js';
import { ExportRun } from '../packet-export-run.js';
import { answers } from '../schemas/common.js';
import {
  exportAnswers,
  exportMediaTypes,
  ExportQuery,
  exportTrailers,
  PreviewAnswer,
  PreviewQuery,
} from '../schemas/packet-export.js';
import { timeRange } from '../time.js';
import { fileTime } from './packets.js';

const tags = ['packets'];
/** Each reads the disk and takes a thread of the pool for a slice at a time. */
export const maxExports = 4;
const stallMs = 120_000;
const previewMs = 2_000;

interface Selection {
  filter?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  limit?: number | undefined;
}

/** Throws `bad_filter`, `bad_time`. */
const selectionOf = ({ filter, limit, ...times }: Selection) => ({
  ...timeRange(times),
  ...(filter === undefined ? {} : { filter: packetFilter(filter) }),
  ...(limit === undefined ? {} : { limit }),
});

const leftOut = (counts: PacketExportCounts): number => counts.failure_count + counts.evicted_segments;

/** Export of a time range. */
export function packetExportRoutes(app: Api, { packets, audit }: ApiDependencies): void {
  let running = 0;
  const begin = (): void => {
    if (running >= maxExports) throw new AppError('too_many_exports', { limit: maxExports });
    running += 1;
  };

  app.get(
    '/packets/export',
    {
      config: { role: 'operator' },
      schema: {
        tags,
        summary: 'Packets of a time range as a file',
        querystring: ExportQuery,
        response: exportAnswers,
      },
    },
    async (request, reply) => {
      const { format, nanoseconds, ...selection } = request.query;
      const core = format === 'pcap' && nanoseconds ? 'pcap_ns' : format;
      const reading = packets.export({ format: core, ...selectionOf(selection) });
      begin();
      const run = new ExportRun(reading, {
        gone: clientGone(request, reply),
        drop: () => reply.raw.destroy(),
        stallMs,
        note: async (outcome, counts) => {
          running -= 1;
          await audit.append({
            principal: request.principal,
            action: 'packets_export',
            parameters: { ...request.query, ...countsForAudit(counts) },
            outcome,
            remote: request.ip,
          });
        },
      });
      await run.begin();
      return sendExport(reply, run, format);
    },
  );

  app.get(
    '/packets/export/preview',
    {
      config: { role: 'operator' },
      schema: {
        tags,
        summary: 'How many packets an export would hold, and how large it would be',
        querystring: PreviewQuery,
        response: answers(PreviewAnswer),
      },
    },
    async (request, reply) => {
      const reading = packets.measure(selectionOf(request.query));
      begin();
      try {
        return await preview(reading, clientGone(request, reply));
      } finally {
        running -= 1;
        reading.close();
      }
    },
  );
}

const countsForAudit = (counts: PacketExportCounts | null) =>
  counts === null
    ? {}
    : { packets: counts.packets, captured_bytes: counts.captured_bytes, left_out: leftOut(counts) };

function sendExport(
  reply: FastifyReply,
  run: ExportRun,
  format: keyof typeof exportMediaTypes,
): FastifyReply {
  const extension = format === 'json' ? 'jsonl' : format;
  void reply
    .type(exportMediaTypes[format])
    .header('content-disposition', `attachment; filename="packets_${fileTime(new Date())}.${extension}"`);
  reply.trailer(exportTrailers.packets, async () => String(run.counts?.packets ?? 0));
  reply.trailer(exportTrailers.leftOut, async () => String(run.counts === null ? 0 : leftOut(run.counts)));
  return reply.send(Readable.from(run.parts(), { objectMode: false, highWaterMark: 1 }));
}

async function preview(reading: ReturnType<ApiDependencies['packets']['measure']>, gone: AbortSignal) {
  const until = Date.now() + previewMs;
  let step = await reading.next();
  while (!step.done && Date.now() < until && !gone.aborted) step = await reading.next();
  const searched = step.done ? 1 : (step.progress ?? 0);
  const scaled = (value: number): number =>
    step.done || searched === 0 ? value : Math.round(value / searched);
  const { pcap, pcapng, json, csv } = step.sizes;
  return {
    exact: step.done,
    searched,
    counted_packets: step.packets,
    packets: scaled(step.packets),
    captured_bytes: scaled(step.captured_bytes),
    size_bytes: {
      pcap: pcap === null ? null : scaled(pcap),
      pcapng: scaled(pcapng),
      json: scaled(json),
      csv: scaled(csv),
    },
    left_out_segments: leftOut(step),
  };
}
