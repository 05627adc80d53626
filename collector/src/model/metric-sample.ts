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
 * Measurements with their tags and counts.
 * - `interface` {interface}: captured_packets, captured_bytes (on the wire), metered_packets, metered_ip_bytes,
 *   flows_started, flows_ended
 * - `protocol`, `overlay`, `ip_version`, `dscp`, `size`, `tcp_flags` {interface, value}: packets, bytes (IP octets); each
 *   sums to metered_packets and metered_ip_bytes of its interface
 * - `refused` {interface, reason}: packets
 * - `capture` {interface}: offered_packets, captured_packets, metered_packets, not_sampled_packets, records,
 *   flows_evicted, packets_recorded, bytes_recorded
 * - `loss` {interface, cause}: packets; the causes are the terms of the ledger's two equations
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

/** What the heaviest list of an interval tells of one value; true bytes lie in [bytes - error, bytes]. */
export interface HeavyItem {
  value: string;
  /** of conversations: the other address */
  peer: string;
  bytes: number;
  packets: number;
  error: number;
}

/** The heaviest values of a dimension in an interval. Values are no tags: they have no bound. */
export interface HeavySample {
  dimension: 'src_addr' | 'dst_addr' | 'conversation' | 'service' | 'tenant';
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
  /** Returns when all that was offered is stored, or kept where a restart finds it. */
  flush(): Promise<void>;
}
