import { KindGuard, Type, type TObject, type TSchema } from '@sinclair/typebox';
import type { MeterChanges, MeterSettings } from '../../capture/capture-settings.js';
import { configSchema } from '../../config/schema.js';
import { count, nullable, strictObject, stringEnum } from './common.js';

export const StartBody = strictObject({
  interface: Type.String({
    minLength: 1,
    maxLength: 15,
    pattern: '^[^\\s/]+$',
    description: 'the name of a network interface: 1 to 15 characters without blanks and slashes',
  }),
  backend: Type.Optional(
    stringEnum(['auto', 'af_packet', 'libpcap'], {
      description: 'auto: af_packet, and libpcap for the device any',
    }),
  ),
  buffer_size_mb: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 16_384, description: 'ring between kernel and service, in MiB' }),
  ),
  snaplen: Type.Optional(
    Type.Integer({ minimum: 64, maximum: 262_144, description: 'bytes taken of each packet' }),
  ),
  capture_filter: Type.Optional(
    Type.String({ maxLength: 4_096, description: 'what the kernel lets through, in pcap-filter syntax' }),
  ),
  promiscuous: Type.Optional(Type.Boolean({ description: 'also take packets that are not for this host' })),
  workers: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 64, description: 'threads that decode and meter' }),
  ),
  record: Type.Optional(Type.Boolean({ description: 'keep the packets on disk' })),
  duration_s: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1_209_600, description: 'stops by itself after so many seconds' }),
  ),
});

/** A section of the configuration as a request changes it: each key may be absent and has its limits, no default. */
const changesOf = (section: TObject): TSchema =>
  strictObject(
    Object.fromEntries(
      Object.entries(section.properties).map(([name, { default: _, ...schema }]) => [
        name,
        Type.Optional(KindGuard.IsObject(schema) ? changesOf(schema) : (schema as TSchema)),
      ]),
    ),
  );

/** A section of the configuration as an answer shows it. */
const settingsIn = (section: TObject): TSchema =>
  Type.Object(
    Object.fromEntries(
      Object.entries(section.properties).map(([name, { default: _, ...schema }]) => [
        name,
        KindGuard.IsObject(schema) ? settingsIn(schema) : (schema as TSchema),
      ]),
    ),
  );

/** What the configuration has under `meter`; what is absent stays as it is. */
export const MeterBody = Type.Unsafe<MeterChanges>(changesOf(configSchema.properties.meter));
const MeterSettingsSchema = Type.Unsafe<MeterSettings>(settingsIn(configSchema.properties.meter));

const text = nullable(Type.String());

export const StatusSchema = Type.Object({
  state: stringEnum(['idle', 'starting', 'running', 'draining', 'finished', 'failed']),
  started_at: text,
  started_by: text,
  ended_at: text,
  ended_by: nullable(Type.String({ description: 'null: the source came to its end by itself' })),
  backend: text,
  interfaces: Type.Array(
    Type.Object({ name: Type.String(), link_type: Type.String(), snaplen: Type.Integer() }),
  ),
  failures: Type.Array(Type.Object({ code: Type.String(), message: Type.String() })),
  progress: nullable(Type.Number({ minimum: 0, maximum: 1 })),
  settings: nullable(
    Type.Object(
      {
        source: Type.Object(
          { kind: stringEnum(['files', 'live', 'traffic']) },
          { additionalProperties: true },
        ),
        workers: Type.Integer(),
        record: Type.Boolean(),
        duration_s: nullable(Type.Number()),
        meter: MeterSettingsSchema,
      },
      { description: 'in force for the running capture, or for the last one' },
    ),
  ),
  next_meter: MeterSettingsSchema,
});

export const MeterAnswer = Type.Object({
  applies: stringEnum(['next_start']),
  note: Type.String(),
  next_meter: MeterSettingsSchema,
  meter_in_force: nullable(MeterSettingsSchema),
});

const CountersSchema = Type.Object({
  offered_packets: count('counted by kernel or driver behind the capture filter, drops included'),
  packets_in_ring: count('offered, not metered yet'),
  captured_packets: count('handed to the decoder'),
  captured_bytes: count('of those, on the wire'),
  dropped_kernel_packets: count('lost because the ring was full'),
  dropped_interface_packets: count('lost in the interface'),
  ring_freezes: count('times the kernel found the ring full'),
  metered_packets: count('that made or joined a flow'),
  metered_ip_bytes: count('IP octets of those'),
  not_sampled_packets: count('left out by sampling; recorded all the same'),
  digests_lost: count('lost between workers: the owner of the flow was too far behind'),
  outer_packets: count('of outer flows; metered by their inner flow as well, in no total'),
  outer_bytes: count('IP octets of those'),
  refused_packets: Type.Record(Type.String(), Type.Integer(), { description: 'reason → packets' }),
  unfollowed_packets: Type.Record(Type.String(), Type.Integer(), {
    description: 'reason → metered packets of a tunnel whose inside was not followed',
  }),
  flows_created: count('flows seen'),
  flows_live: count('flows in the cache'),
  flows_evicted: count('closed early because the cache was full'),
  fragments_learned: count('first fragments of datagrams, whose ports their later ones get'),
  fragments_resolved: count('later fragments that joined the flow of their first'),
  fragments_unresolved: count(
    'later fragments metered without ports: their first was not seen, or came later',
  ),
  fragments_replaced: count('datagrams forgotten early because the fragment table was full'),
  fragments_conflicting: count('first fragments that contradict an earlier one of their datagram'),
  records: count('flow records closed'),
  records_dropped: count('flow records lost because the queue to the store was full'),
  interval_reports_dropped: count('interval reports lost because their queue was full'),
  records_by_reason: Type.Record(Type.String(), Type.Integer(), { description: 'end reason → records' }),
  paths_refused: count('flows metered without MACs and outer addresses, as too many of these are in use'),
  application_strings_refused: count('application fields left empty for want of room'),
  application_strings_cut: count('application fields cut to 255 bytes'),
  classifications: count('flows whose application nDPI named'),
  classifications_refused: count('flows that nDPI did not see for want of room'),
  application_gave_up: Type.Record(Type.String(), Type.Integer(), {
    description: 'reason → application messages that were not read to their end',
  }),
  packets_recorded: count('on disk'),
  bytes_recorded: count('captured bytes on disk'),
  packets_buffered: count('captured, not written yet'),
  packets_lost_to_disk: count('that the disk did not take'),
  packets_not_recorded: count('not recorded by policy'),
  segments_completed: count('segments completed'),
  segments_evicted: count('segments removed to make room'),
  disk_trouble: Type.String({ description: 'what the last failed write said' }),
});

const EquationSchema = Type.Object({
  equation: Type.String(),
  left: Type.Object({ name: Type.String(), packets: Type.Integer() }),
  terms: Type.Array(Type.Object({ name: Type.String(), packets: Type.Integer() })),
  difference: Type.Integer({ description: 'left minus terms; 0 unless a counter is wrong' }),
  holds: Type.Boolean(),
});

const TrafficCounts = (description: string) =>
  Type.Record(Type.String(), Type.Object({ packets: Type.Integer(), bytes: Type.Integer() }), {
    description,
  });

const TopSchema = (description: string) =>
  Type.Object(
    {
      items: Type.Array(
        Type.Object({
          value: Type.String(),
          peer: Type.Optional(Type.String({ description: 'of a conversation: the other address' })),
          bytes: count('upper bound of its IP octets'),
          error: count('the true octets lie between bytes - error and bytes'),
          packets: count('exact where error is 0, else those since it was found heavy'),
        }),
      ),
      others_at_most: count('octets that a value which is not listed can have had'),
    },
    { description },
  );

const IntervalSchema = Type.Object(
  {
    start_ns: Type.String({ description: 'nanoseconds since 1970' }),
    interval_ms: Type.Integer(),
    correction: Type.Boolean(),
    interfaces: Type.Array(
      Type.Object({
        interface: nullable(
          Type.Integer({
            description: "place among the capture's interfaces; null: all beyond the first 64",
          }),
        ),
        captured_packets: count('packets read'),
        captured_bytes: count('of those, on the wire'),
        metered_packets: count('that made or joined a flow'),
        metered_ip_bytes: count('IP octets of those'),
        flows_started: count('flows that began'),
        flows_ended: count('flows that ended'),
        refused_packets: Type.Record(Type.String(), Type.Integer(), { description: 'reason → packets' }),
        protocol: TrafficCounts('by IP protocol'),
        overlay: TrafficCounts('by overlay'),
        ip_version: TrafficCounts('by IP version'),
        dscp: TrafficCounts('by differentiated services code point'),
        size: TrafficCounts('by octets of the IP packet'),
        tcp_flags: TrafficCounts('by what the TCP flags open or end'),
      }),
    ),
    top: Type.Object({
      src_addr: TopSchema('addresses that sent most'),
      dst_addr: TopSchema('addresses that received most'),
      conversation: TopSchema('pairs of addresses, both directions'),
      service: TopSchema('protocol and port that the initiator addressed, both directions'),
      tenant: TopSchema('overlay and tenant, both directions'),
    }),
  },
  { description: 'the latest complete interval: exact counts, and the heaviest with their error' },
);

export const MetricsSchema = Type.Object({
  state: StatusSchema.properties.state,
  counters: CountersSchema,
  rates: Type.Object({
    interval_ms: Type.Number(),
    packets_per_s: Type.Number(),
    bits_per_s: Type.Number(),
    dropped_packets_per_s: Type.Number(),
    records_per_s: Type.Number(),
  }),
  loss: Type.Object(
    {
      kernel_packets: count('the capture ring was full'),
      interface_packets: count('lost in the interface'),
      refused_packets: count('made no flow; counters.refused_packets says why'),
      disk_packets: count('metered, not on disk'),
      records: count('flow records that the store did not take'),
    },
    { description: 'loss, split by cause' },
  ),
  ledger: Type.Object({
    settled: Type.Boolean({ description: 'nothing is on the way any more: both equations must hold' }),
    metering: EquationSchema,
    recording: EquationSchema,
  }),
  interval: nullable(IntervalSchema),
});

export const StopAnswer = Type.Object({
  source: Type.String(),
  status: StatusSchema,
  counters: CountersSchema,
  ledger: MetricsSchema.properties.ledger,
});

export const BackendsAnswer = Type.Object({
  backends: Type.Array(
    Type.Object({
      name: Type.String(),
      available: Type.Boolean(),
      reason: Type.String({ description: 'why not; empty when available' }),
      remedy: Type.String({ description: 'what would change that' }),
      features: Type.Array(Type.String()),
    }),
  ),
});
