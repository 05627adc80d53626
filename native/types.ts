/**
 * What crosses the boundary between the C++ core and TypeScript. Methods and options are camelCase; data that goes on
 * to the API has its API name (snake_case) from the start. 64-bit ids and nanosecond times are bigint in options and
 * strings in data; counters are numbers.
 */

import type { DecoderOptions } from './decoder-options.js';

/** Where packets come from. */
export type Source =
  | { kind: 'files'; paths: string[] }
  | {
      kind: 'live';
      interface: string;
      backend: 'auto' | 'af_packet' | 'libpcap';
      bufferSizeMb?: number;
      snaplen?: number;
      captureFilter?: string;
      promiscuous?: boolean;
    }
  | {
      kind: 'traffic';
      profile: 'ordinary' | 'lisp_ai' | 'demo' | 'tunnels';
      seed?: number;
      /** 0: endless */
      packets?: number;
      packetsPerSecond?: number;
      /** true: paced by the clock as if live; false: as fast as it goes, in trace time */
      paced?: boolean;
    };

/** Timeouts by upper-layer protocol; `icmp` is ICMP and ICMPv6. What is absent keeps its standard. */
export interface ProtocolTimeoutsMs {
  tcp?: number;
  udp?: number;
  icmp?: number;
  other?: number;
}

export interface MeterOptions {
  /** one for all protocols, or by protocol */
  activeTimeoutMs?: number | ProtocolTimeoutsMs;
  idleTimeoutMs?: number | ProtocolTimeoutsMs;
  /** 4 096 to 16 777 216 */
  maxFlows?: number;
  observationDomain?: number;
  /** Application fields of flows' first packets (DNS, TLS, HTTP); default false. */
  applications?: boolean;
  /** Flows at a time whose application nDPI names, with `applications`; default 0: none. Needs a build with nDPI. */
  classifiedFlows?: number;
  /** Room for application fields per flow of the table, 0 to 1 024; default 64. The whole is 1 MiB at least. */
  stringBytesPerFlow?: number;
  /** First flow id; default: the clock's nanoseconds, so that ids stay unique over restarts. */
  firstFlowId?: bigint;
}

/** Interval reports; see IntervalReport. */
export interface IntervalOptions {
  /** 100 to 3 600 000; default 1 000. Intervals begin at its multiples since 1970. */
  intervalMs?: number;
  /** How long an interval waits for late packets; what is later makes a correction. Default 500. */
  latenessMs?: number;
  /** Items told of each dimension; default 20. */
  topCount?: number;
  /**
   * 16 to 8 192, default 1 024: no error exceeds the interval's bytes divided by this, and whatever has more bytes than
   * that is among the items that are looked at.
   */
  topCapacity?: number;
}

export interface RecordingOptions {
  directory: string;
  /** Identity of this sensor in packet ids, 32 bits. */
  sensor: number;
  maxSegmentBytes?: number;
  maxSegmentAgeMs?: number;
  maxTotalBytes?: number;
}

/** Which packets are metered (RFC 5475); `rate`: one of so many packets, or flows, in mode `flow`. */
export interface SamplingOptions {
  mode: 'none' | 'systematic' | 'random' | 'flow';
  rate: number;
}

/** Fragmented datagrams whose ports are kept for their later fragments, for each input. */
export interface FragmentOptions {
  /** 4 to 16 777 216, rounded up to a power of two, of 64 bytes each; default 16 384. */
  maxDatagrams?: number;
  /** How long after its first fragment a datagram is forgotten: 1 to 3 600 000, default 30 000. */
  timeoutMs?: number;
}

export interface EngineOptions extends DecoderOptions {
  source: Source;
  meter?: MeterOptions;
  /** Absent: no interval reports. */
  intervals?: IntervalOptions;
  /** Absent: packets are metered, not recorded. */
  recording?: RecordingOptions;
  countConversations?: boolean;
  /** threads that decode and meter, 1 to 64; default 1 */
  workers?: number;
  sampling?: SamplingOptions;
  /** A tunnel's outermost IP layer makes a flow of its own, besides those inside; default false. */
  outerFlows?: boolean;
  fragments?: FragmentOptions;
}

export type EngineState = 'idle' | 'running' | 'draining' | 'finished' | 'failed';

export interface EngineFailure {
  code: string;
  message: string;
}

export interface EngineStatus {
  state: EngineState;
  /** "af_packet", "libpcap", "file", "traffic"; null when idle */
  backend: string | null;
  interfaces: { name: string; link_type: string; snaplen: number }[];
  /** why the state is failed, or which inputs could not be read to their end */
  failures: EngineFailure[];
  /** 0 to 1, null where unknown */
  progress: number | null;
}

/**
 * One reading of all counters:
 * offered = metered + Σ refused + not_sampled + digests_lost + dropped_kernel + dropped_interface + packets_in_ring, and
 * captured = packets_recorded + packets_not_recorded + packets_lost_to_disk + packets_buffered.
 * When the capture has ended, nothing is in the ring or buffered.
 */
export interface EngineCounters {
  offered_packets: number;
  /** offered, not metered yet */
  packets_in_ring: number;
  captured_packets: number;
  /** on the wire */
  captured_bytes: number;
  dropped_kernel_packets: number;
  dropped_interface_packets: number;
  ring_freezes: number;
  metered_packets: number;
  metered_ip_bytes: number;
  /** left out by sampling; recorded all the same */
  not_sampled_packets: number;
  /** lost between workers: the one that owns the flow was too far behind (live, several workers) */
  digests_lost: number;
  /** of outer flows: packets that their inner flow counts as well; never part of metered totals */
  outer_packets: number;
  outer_bytes: number;
  /** reason → packets, only reasons that occurred; unsupported link types by name ("link type IEEE 802.11 (105)") */
  refused_packets: Record<string, number>;
  /**
   * reason → metered packets that count for a tunnel's own addresses because its inside was not followed
   * (`not_ip`, `truncated`, `malformed`, `too_deep`, `encrypted`, `compressed`, `aggregated`), only reasons that occurred
   */
  unfollowed_packets: Record<string, number>;
  flows_created: number;
  flows_live: number;
  flows_evicted: number;
  /** of fragmented datagrams: first fragments seen; later ones that got their ports, and did not */
  fragments_learned: number;
  fragments_resolved: number;
  fragments_unresolved: number;
  fragments_replaced: number;
  fragments_conflicting: number;
  records: number;
  records_dropped: number;
  /** the subscriber's queue was full (live only) */
  interval_reports_dropped: number;
  /** end reason → records, only reasons that occurred */
  records_by_reason: Record<string, number>;
  /** flows metered without MACs and outer addresses, as too many of these are in use */
  paths_refused: number;
  application_strings_refused: number;
  application_strings_cut: number;
  /** flows that nDPI named; flows that it did not see for want of room (classifiedFlows) */
  classifications: number;
  classifications_refused: number;
  /** reason → application messages that were not read to their end */
  application_gave_up: Record<string, number>;
  packets_recorded: number;
  bytes_recorded: number;
  /** captured, not written yet */
  packets_buffered: number;
  packets_lost_to_disk: number;
  packets_not_recorded: number;
  segments_completed: number;
  segments_evicted: number;
  /** what the last failed write to disk said, empty when all is well */
  disk_trouble: string;
}

export interface Conversations {
  outer: { tcp: number; udp: number; sctp: number };
  inner: { tcp: number; udp: number; sctp: number };
}

/** Flow records in columns: `flowColumns` says where each stands in `columns`. */
export interface FlowBatch {
  kind: 'records' | 'snapshot';
  rows: number;
  /** flowBatchSizeBytes long; memory of the core, valid as long as it is referenced. Read only. */
  columns: ArrayBuffer;
  snapshotId: number;
  /** the last batch of a snapshot's answer */
  last: boolean;
}

export interface TrafficCount {
  packets: number;
  bytes: number;
}

/**
 * One interface in one interval. Each of the records below holds only what occurred and sums to metered_packets and
 * metered_ip_bytes.
 */
export interface IntervalInterface {
  /** place in EngineStatus.interfaces; null: all those beyond the first 64 */
  interface: number | null;
  captured_packets: number;
  /** on the wire */
  captured_bytes: number;
  metered_packets: number;
  metered_ip_bytes: number;
  flows_started: number;
  flows_ended: number;
  /** reason → packets */
  refused_packets: Record<string, number>;
  /** "tcp", or the number where no short name is common */
  protocol: Record<string, TrafficCount>;
  overlay: Record<string, TrafficCount>;
  /** "4", "6" */
  ip_version: Record<string, TrafficCount>;
  dscp: Record<string, TrafficCount>;
  /** IP octets by powers of two: "0-63", "64-127" … "4096-" */
  size: Record<string, TrafficCount>;
  /** "none", "syn", "syn_ack", "fin", "rst"; "mixed" for several of them at once */
  tcp_flags: Record<string, TrafficCount>;
}

/** The true bytes lie in [bytes - error, bytes]. */
export interface TopItem {
  /** an address, "tcp/443", "vxlan/5001" */
  value: string;
  /** of conversations: the other address */
  peer?: string;
  bytes: number;
  error: number;
  /** exact where error is 0, else those since the item was found heavy */
  packets: number;
}

/** The heaviest of one dimension by IP octets, the heaviest first. */
export interface TopList {
  items: TopItem[];
  /** bytes that a value which is not listed can have had */
  others_at_most: number;
}

export type TopDimension = 'src_addr' | 'dst_addr' | 'conversation' | 'service' | 'tenant';

/**
 * An interval of a capture. Counts are exact; reports of the same interval add: packets that come after their interval
 * was reported make another report of it, with `correction` set.
 */
export interface IntervalReport {
  start_ns: string;
  interval_ms: number;
  correction: boolean;
  interfaces: IntervalInterface[];
  top: Record<TopDimension, TopList>;
}

export interface BackendInfo {
  name: string;
  available: boolean;
  /** why not, and what would change that; empty when available */
  reason: string;
  remedy: string;
  features: string[];
}

/** A header of a packet with the bytes that its fields stand in. */
export interface DissectedHeader {
  protocol: string;
  offset: number;
  length: number;
  fields: { name: string; value: string; offset: number; length: number }[];
}

/** A recorded packet, decoded: a row of /packets. Absent things are null. */
/** What the decoder tells of one packet: addresses and ports are the innermost ones. */
export interface PacketSummary {
  /** innermost protocol that was decoded: "tcp", "udp", "icmp", "icmpv6", "sctp", "lisp_control", "arp", else "other" */
  protocol: string;
  src_addr: string | null;
  dst_addr: string | null;
  src_port: number | null;
  dst_port: number | null;
  vlan_id: number | null;
  overlay: string | null;
  tenant_id: number | null;
  outer_src_addr: string | null;
  outer_dst_addr: string | null;
  /** "ok", or why the packet made no flow */
  decode_status: string;
}

export interface PacketRow extends PacketSummary {
  id: string;
  time_ns: string;
  captured_length: number;
  original_length: number;
  interface: string;
  link_type: string;
}

/** A packet of a capture file. */
export interface FilePacketRow extends PacketSummary {
  /** number of the upper layer behind the innermost IP header */
  ip_protocol: number | null;
}

export interface PacketDetail extends PacketRow {
  headers: DissectedHeader[];
  /** lower-case hex of the captured bytes */
  hex: string;
  sha256: string;
}

export interface PacketListOptions {
  /** 1 to 1 000 */
  limit: number;
  kind?: 'any' | 'lisp';
  before?: string;
  fromNs?: bigint;
  toNs?: bigint;
  /** a program of core/filter (PacketFilter says its form); the collector makes it of a filter expression */
  filter?: string;
}

/** A page of recorded packets, newest first. */
export interface PacketPage {
  /** may be fewer than asked for, or none, where a filter passes few: one page reads 256 MiB of segments at most */
  packets: PacketRow[];
  /** `before` of the page that follows; null: this is the last one */
  nextBefore: string | null;
}

/** Which packets are exported, and as what: `pcap_ns` is pcap with nanoseconds, `json` has an object per line. */
export interface PacketExportOptions {
  format: 'pcap' | 'pcap_ns' | 'pcapng' | 'json' | 'csv';
  /** as in PacketListOptions */
  filter?: string;
  /** included */
  fromNs?: bigint;
  /** not included */
  toNs?: bigint;
  /** packets; absent: all */
  limit?: number;
}

/** How far the reading behind an export has come. */
export interface PacketExportCounts {
  /** nothing follows */
  done: boolean;
  packets: number;
  /** of these packets, as captured */
  captured_bytes: number;
  scanned_packets: number;
  scanned_bytes: number;
  /** that were to be read, and were gone before they could be opened */
  evicted_segments: number;
  /** files and segments that could not be read to their end; 16 of them are told */
  failure_count: number;
  failures: EngineFailure[];
  /** 0 to 1, null where unknown */
  progress: number | null;
}

export interface PacketExportStep extends PacketExportCounts {
  data: Buffer;
  /** nothing can refuse the export any more but what is read */
  begun: boolean;
}

export interface PacketMeasureStep extends PacketExportCounts {
  /** of what was read; `pcap` null: several link types; `json`, `csv`: estimates beyond 10 000 packets */
  sizes: { pcap: number | null; pcapng: number; json: number; csv: number };
}

/** What PacketStore.recover() did. */
export interface PacketRecovery {
  /** segments that a crash had left open, complete to their last whole block now */
  segments_completed: number;
  /** files that had to be left as they are, and why */
  failures: string[];
}

export interface PacketTotals {
  segments: number;
  packets: number;
  file_bytes: number;
  first_ns: string | null;
  last_ns: string | null;
}

export interface SegmentRow {
  sequence: string;
  packets: number;
  file_bytes: number;
  first_ns: string;
  last_ns: string;
  open: boolean;
}
