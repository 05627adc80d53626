/**
 * A sample of the metric series: counts of one interval. Samples of the same measurement, tags and interval add up, so
 * that what comes late is one sample more. Their sum over any time is the ledger's.
 */
export interface MetricSample {
  measurement: Measurement;
  /** begin of the interval, nanoseconds since 1970 */
  timeNs: bigint;
  intervalMs: number;
  /** few values each; what the limit on series leaves out is summed under `other` */
  tags: Readonly<Record<string, string>>;
  /** counts of the interval */
  counts: Readonly<Record<string, number>>;
}

/**
 * Measurements with their tags and counts. What has its reason in the core's reports is exact to the interval:
 * - `interface` {interface}: captured_packets, captured_bytes (on the wire), metered_packets, metered_ip_bytes,
 *   flows_started, flows_ended
 * - `protocol`, `overlay`, `ip_version`, `dscp`, `size`, `tcp_flags` {interface, value}: packets, bytes (IP octets); each
 *   sums to metered_packets and metered_ip_bytes of its interface
 * - `refused` {interface, reason}: packets
 *
 * What only the engine's counters know is what they grew by since the report before, for the capture as a whole: the
 * tag is its interface where it has one only, else `all`.
 * - `capture` {interface}: offered_packets, captured_packets, metered_packets, refused_packets, not_sampled_packets,
 *   records, records_dropped, flows_evicted, packets_recorded, bytes_recorded, segments_completed, segments_evicted
 * - `loss` {interface, cause}: packets; cause is one of lossCauses, the terms of the ledger's two equations
 */
export const measurements = [
  'interface',
  'protocol',
  'overlay',
  'ip_version',
  'dscp',
  'size',
  'tcp_flags',
  'refused',
  'capture',
  'loss',
] as const;
export type Measurement = (typeof measurements)[number];

/** Tags and counts of each measurement. */
export const measurementShapes = {
  interface: {
    tags: ['interface'],
    counts: [
      'captured_packets',
      'captured_bytes',
      'metered_packets',
      'metered_ip_bytes',
      'flows_started',
      'flows_ended',
    ],
  },
  protocol: { tags: ['interface', 'value'], counts: ['packets', 'bytes'] },
  overlay: { tags: ['interface', 'value'], counts: ['packets', 'bytes'] },
  ip_version: { tags: ['interface', 'value'], counts: ['packets', 'bytes'] },
  dscp: { tags: ['interface', 'value'], counts: ['packets', 'bytes'] },
  size: { tags: ['interface', 'value'], counts: ['packets', 'bytes'] },
  tcp_flags: { tags: ['interface', 'value'], counts: ['packets', 'bytes'] },
  refused: { tags: ['interface', 'reason'], counts: ['packets'] },
  capture: {
    tags: ['interface'],
    counts: [
      'offered_packets',
      'captured_packets',
      'metered_packets',
      'refused_packets',
      'not_sampled_packets',
      'records',
      'records_dropped',
      'flows_evicted',
      'packets_recorded',
      'bytes_recorded',
      'segments_completed',
      'segments_evicted',
    ],
  },
  loss: { tags: ['interface', 'cause'], counts: ['packets'] },
} as const satisfies Record<Measurement, { tags: readonly string[]; counts: readonly string[] }>;

/**
 * Why a packet that was offered has no flow (the first five) or is not on disk: lost by the kernel, by the interface,
 * between workers; left out by sampling; making no flow; left out by the policy of recording; refused by the disk.
 */
export const lossCauses = [
  'kernel',
  'interface',
  'workers',
  'not_sampled',
  'refused',
  'not_recorded',
  'disk',
] as const;
export type LossCause = (typeof lossCauses)[number];

/** Value of a tag for all that the limit on series leaves out, and for interfaces beyond those told apart. */
export const otherValue = 'other';
/** Interface of counts that belong to a capture of several interfaces. */
export const allInterfaces = 'all';

/** What the heaviest list of an interval tells of one value; true bytes lie in [bytes - error, bytes]. */
export interface HeavyItem {
  value: string;
  /** of conversations: the other address */
  peer: string;
  bytes: number;
  packets: number;
  error: number;
}

export const heavyDimensions = ['src_addr', 'dst_addr', 'conversation', 'service', 'tenant'] as const;
export type HeavyDimension = (typeof heavyDimensions)[number];

/** The heaviest values of a dimension in an interval. Values are no tags: they have no bound. */
export interface HeavySample {
  dimension: HeavyDimension;
  timeNs: bigint;
  intervalMs: number;
  /** the heaviest first */
  items: readonly HeavyItem[];
  /** bytes that a value which is not listed can have had */
  othersAtMost: number;
}

/** What one interval of a capture gives. */
export interface MetricInterval {
  /** a later part of an interval that was given before */
  correction: boolean;
  /** counts the captures of this host, so that two that met the same interval can be told apart */
  run: number;
  samples: readonly MetricSample[];
  heaviest: readonly HeavySample[];
}

/** Takes intervals as they come, in the order of time; never waits and never throws. */
export interface MetricSink {
  offer(interval: MetricInterval): void;
  /** Returns when all that was offered is stored, or kept where a restart finds it, or counted as lost. */
  flush(): Promise<void>;
  /**
   * What a source that can wait (capture files) waits for before it gives more; null: there is room. It settles in
   * bounded time whatever happens.
   */
  room?(): Promise<void> | null;
}
