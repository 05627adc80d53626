import { Type } from '@sinclair/typebox';
import { count, nullable, ProblemSchema, strictObject, stringEnum, timeParameter } from './common.js';

export const exportFormats = ['pcap', 'pcapng', 'json', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const exportMediaTypes: Readonly<Record<ExportFormat, string>> = {
  pcap: 'application/vnd.tcpdump.pcap',
  pcapng: 'application/x-pcapng',
  json: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8; header=present',
};

const selection = {
  filter: Type.Optional(
    Type.String({
      maxLength: 4_096,
      description: 'filter expression over packets, e.g. host 10.0.0.1 and tcp port 443',
    }),
  ),
  from: timeParameter('only packets at or after it'),
  to: timeParameter('only packets before it'),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'packets at most; all without',
    }),
  ),
};

export const ExportQuery = strictObject({
  format: stringEnum(exportFormats, {
    default: 'pcapng',
    description: 'json: an object per line, as a row of /packets; csv: the same as columns',
  }),
  nanoseconds: Type.Boolean({
    default: false,
    description: 'pcap with nanoseconds (magic 0xa1b23c4d) instead of microseconds',
  }),
  ...selection,
});

export const PreviewQuery = strictObject(selection);

/** Trailer fields of the answer (RFC 9110 section 6.5), known when all is sent. */
export const exportTrailers = { packets: 'x-wireglass-packets', leftOut: 'x-wireglass-left-out' } as const;

export const exportAnswers = {
  200: {
    description:
      'the packets in the order of their recording, chunked: an answer without its last chunk is not whole. ' +
      `Trailers: ${exportTrailers.packets}, and ${exportTrailers.leftOut}: segments that could not be read or were evicted first`,
    content: Object.fromEntries(
      Object.values(exportMediaTypes).map((type) => [
        type.split(';')[0] ?? type,
        { schema: { type: 'string', format: 'binary' } },
      ]),
    ),
  },
  '4xx': ProblemSchema,
  '5xx': ProblemSchema,
};

const size = (description: string) => count(description);

export const PreviewAnswer = Type.Object({
  exact: Type.Boolean({
    description:
      'false: the time for a preview ended first; the figures below are those of the searched part, scaled up',
  }),
  searched: Type.Number({ minimum: 0, maximum: 1, description: 'part of the range that was searched' }),
  counted_packets: count('packets found in that part'),
  packets: count('packets of the export'),
  captured_bytes: count('of these packets, as captured'),
  size_bytes: Type.Object(
    {
      pcap: nullable(size('null: several link types, which one pcap cannot hold')),
      pcapng: size('bytes'),
      json: size('bytes; an estimate beyond 10 000 packets'),
      csv: size('bytes; an estimate beyond 10 000 packets'),
    },
    { description: 'of the export by format' },
  ),
  left_out_segments: count('segments that cannot be read or were evicted meanwhile'),
});
