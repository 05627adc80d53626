import {
  badArgument,
  bigint,
  boolean,
  integer,
  nonEmptyString,
  nonEmptyStrings,
  number,
  object,
  oneOf,
  string,
  type Check,
} from './arguments.js';
import { decoderChecks } from './decoder-options.js';

const uint32 = 0xffff_ffff;
/** Counters and sizes travel as numbers. */
const exact = Number.MAX_SAFE_INTEGER;
const dayMs = 86_400_000;
const maxInputFiles = 100_000;
export const maxWorkers = 64;

const percent = integer(0, 100);

export const trafficKinds = ['ordinary', 'lisp_ai', 'demo', 'tunnels'] as const;

/** What a traffic profile may set beside its kind; `packets` differs between a file and a live source. */
export const trafficProperties: Record<string, Check> = {
  seed: integer(0, exact),
  flows: integer(1, 100_000_000),
  zipf: number(0, 10),
  sizes: string,
  ipv6Percent: percent,
  tcpPercent: percent,
  udpPercent: percent,
  vlanPercent: percent,
  snaplen: integer(64, 262_144),
  bidirectional: boolean,
  synOnly: boolean,
  packetsPerSecond: integer(1, 1_000_000_000),
  startNs: bigint(0n, 2n ** 62n),
};

const sources: Record<string, Check> = {
  files: object({ required: { kind: string, paths: nonEmptyStrings(maxInputFiles) } }),
  live: object({
    required: { kind: string, interface: nonEmptyString, backend: oneOf(['auto', 'af_packet', 'libpcap']) },
    optional: {
      bufferSizeMb: integer(1, 65_536),
      snaplen: integer(64, 262_144),
      captureFilter: string,
      promiscuous: boolean,
    },
  }),
  traffic: object({
    required: { kind: string, profile: oneOf(trafficKinds) },
    optional: { ...trafficProperties, packets: integer(0, exact), paced: boolean },
  }),
};

const source: Check = (name, value) => {
  const kind: unknown =
    typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  const check = typeof kind === 'string' && Object.hasOwn(sources, kind) ? sources[kind] : undefined;
  if (check === undefined) throw badArgument(`${name}.kind`, 'one of "files", "live", "traffic"', kind);
  check(name, value);
};

const timeoutMs = integer(1, dayMs);
const timeoutsByProtocol = object({
  optional: { tcp: timeoutMs, udp: timeoutMs, icmp: timeoutMs, other: timeoutMs },
});
const timeouts: Check = (name, value) =>
  (typeof value === 'object' ? timeoutsByProtocol : timeoutMs)(name, value);

const meter = object({
  optional: {
    activeTimeoutMs: timeouts,
    idleTimeoutMs: timeouts,
    maxFlows: integer(4_096, 16_777_216),
    observationDomain: integer(0, uint32),
    applications: boolean,
    classifiedFlows: integer(0, 1_048_576),
    stringBytesPerFlow: integer(0, 1_024),
    firstFlowId: bigint(1n, 2n ** 63n - 1n),
  },
});

const recording = object({
  required: { directory: nonEmptyString, sensor: integer(0, uint32) },
  optional: {
    maxSegmentBytes: integer(65_536, exact),
    maxSegmentAgeMs: integer(1, dayMs),
    maxTotalBytes: integer(65_536, exact),
  },
});

const intervals = object({
  optional: {
    intervalMs: integer(100, 3_600_000),
    latenessMs: integer(0, 3_600_000),
    topCount: integer(0, 8_192),
    topCapacity: integer(16, 8_192),
  },
});

const sampling = object({
  required: { mode: oneOf(['none', 'systematic', 'random', 'flow']), rate: integer(1, uint32) },
});

const fragments = object({
  optional: { maxDatagrams: integer(4, 16_777_216), timeoutMs: integer(1, 3_600_000) },
});

/** Checks the EngineOptions of types.ts. */
export const checkEngineOptions = object({
  required: { source },
  optional: {
    meter,
    intervals,
    recording,
    countConversations: boolean,
    workers: integer(1, maxWorkers),
    sampling,
    outerFlows: boolean,
    ...decoderChecks,
    fragments,
  },
});
