import { Type, type Static, type TObject, type TProperties } from '@sinclair/typebox';
import {
  maxHeaders,
  maxIpLayers,
  maxPortsPerProtocol,
  udpProtocols,
  type UdpProtocol,
} from '@wireglass/native';

const section = <Properties extends TProperties>(
  description: string,
  properties: Properties,
): TObject<Properties> => Type.Object(properties, { description, additionalProperties: false });

const integer = (minimum: number, maximum: number, standard: number, description: string) =>
  Type.Integer({ minimum, maximum, default: standard, description });
const timeoutOf = (protocol: string, kind: 'active' | 'idle') =>
  integer(0, 86_400_000, 0, `the same for flows of ${protocol}; 0: as ${kind}_timeout_ms`);
const text = (standard: string, description: string, minLength = 0) =>
  Type.String({ default: standard, description, minLength });
/** A text that is never shown. */
const secret = (description: string) => Type.String({ default: '', description, secret: true });
const flag = (standard: boolean, description: string) => Type.Boolean({ default: standard, description });
const oneOf = <Values extends string[]>(values: [...Values], standard: Values[number], description: string) =>
  Type.Union(
    values.map((value) => Type.Literal(value)),
    { default: standard, description },
  ) as unknown as ReturnType<typeof Type.Unsafe<Values[number]>>;

const portsOf = (protocol: UdpProtocol) =>
  Type.Array(Type.Integer({ minimum: 1, maximum: 65_535 }), {
    default: [...udpProtocols[protocol].ports],
    description: udpProtocols[protocol].meaning,
    maxItems: maxPortsPerProtocol,
    uniqueItems: true,
  });
// Object.fromEntries forgets the names that it was given
const portsOfProtocols = Object.fromEntries(
  Object.keys(udpProtocols).map((protocol) => [protocol, portsOf(protocol as UdpProtocol)]),
) as Record<UdpProtocol, ReturnType<typeof portsOf>>;

/** Every key of the configuration, once: type, limits, default, meaning. Units end the names. */
export const configSchema = Type.Object(
  {
    data_dir: text(
      'wireglass-data',
      'where flows, packets, tokens and the audit log are kept; relative to the working directory',
      1,
    ),

    api: section('the REST API', {
      host: text(
        '127.0.0.1',
        'address to listen on; anything but loopback can be reached from other machines',
        1,
      ),
      port: integer(0, 65_535, 8_000, 'TCP port to listen on, 0 for any free one'),
    }),

    capture: section('live capture; a request to start one may say otherwise', {
      backend: oneOf(
        ['auto', 'af_packet', 'libpcap'],
        'auto',
        'how packets are taken from an interface; auto: af_packet, and libpcap for the device any',
      ),
      buffer_size_mb: integer(1, 16_384, 64, 'ring between kernel and service, in MiB'),
      snaplen: integer(64, 262_144, 262_144, 'bytes taken of each packet'),
      promiscuous: flag(true, 'also take packets that are not for this host'),
      capture_filter: text('', 'what the kernel lets through, in pcap-filter syntax; empty: everything'),
      workers: integer(
        1,
        64,
        1,
        'threads that decode and meter; each has a socket of its own with af_packet',
      ),
    }),

    meter: section('the flow cache (RFC 6728)', {
      active_timeout_ms: integer(1_000, 86_400_000, 60_000, 'a flow that goes on gets a record this often'),
      idle_timeout_ms: integer(100, 86_400_000, 15_000, 'a flow without packets for this long has ended'),
      tcp_active_timeout_ms: timeoutOf('TCP', 'active'),
      udp_active_timeout_ms: timeoutOf('UDP', 'active'),
      icmp_active_timeout_ms: timeoutOf('ICMP and ICMPv6', 'active'),
      tcp_idle_timeout_ms: timeoutOf('TCP', 'idle'),
      udp_idle_timeout_ms: timeoutOf('UDP', 'idle'),
      icmp_idle_timeout_ms: timeoutOf('ICMP and ICMPv6', 'idle'),
      max_flows: integer(
        4_096,
        16_777_216,
        262_144,
        'flows in the cache; beyond it the oldest is closed early',
      ),
      observation_domain: integer(0, 4_294_967_295, 1, 'observation domain (RFC 7011) that records carry'),
      applications: flag(
        false,
        'read application fields (names in DNS, TLS and HTTP) out of the first packets of flows',
      ),
      classified_flows: integer(
        0,
        1_048_576,
        0,
        'with applications: flows at a time whose application nDPI names, where the build has it; 0: none',
      ),
      string_bytes_per_flow: integer(
        0,
        1_024,
        64,
        'with applications: room for their fields, in bytes per flow of max_flows; the whole is 1 MiB at least',
      ),
      outer_flows: flag(false, "meter a tunnel's outermost IP layer as a flow of its own, in no total"),
      sampling: section('which packets are metered (RFC 5475); the others are counted and recorded', {
        mode: oneOf(
          ['none', 'systematic', 'random', 'flow'],
          'none',
          'systematic: every N-th packet; random: each with probability 1/N; flow: one of N flows, whole',
        ),
        rate: integer(1, 4_294_967_295, 1, 'N: one of so many packets or flows is metered'),
      }),
    }),

    intervals: section('counts and heaviest talkers per interval', {
      enabled: flag(true, 'whether they are made'),
      interval_ms: integer(100, 3_600_000, 1_000, 'length; they begin at its multiples since 1970'),
      lateness_ms: integer(0, 3_600_000, 500, 'an interval waits this long for late packets'),
      top_count: integer(
        0,
        8_192,
        20,
        'heaviest addresses, conversations, services and tenants that are told',
      ),
      top_capacity: integer(
        16,
        8_192,
        1_024,
        "no error exceeds the interval's bytes divided by this; memory grows with it",
      ),
    }),

    metrics: section('counts per interval, kept as time series', {
      store: oneOf(['embedded', 'influxdb', 'none'], 'embedded', 'where they are kept and read back from'),
      max_series: integer(
        100,
        1_000_000,
        10_000,
        'combinations of measurement and tags; what comes beyond is summed under the value other',
      ),
      second_retention_h: integer(
        1,
        87_600,
        24,
        'samples as they were measured are kept this long after they were stored',
      ),
      minute_retention_h: integer(1, 876_000, 720, 'the same for their sums per minute'),
      hour_retention_h: integer(1, 876_000, 17_520, 'the same for their sums per hour'),
      max_waiting_samples: integer(
        10_000,
        10_000_000,
        200_000,
        'samples, and items of heaviest lists, held while the store does not take them; beyond it new ones are lost and counted',
      ),
    }),

    influxdb: section('InfluxDB, where samples are sent to as line protocol', {
      url: text('', 'http or https address of the server, such as http://127.0.0.1:8086; empty: not used'),
      version: integer(1, 3, 1, 'API that is spoken: 1 (1.x), 2 (2.x, token) or 3 (3.x, token)'),
      v3_endpoint: oneOf(
        ['native', 'v2'],
        'native',
        'of version 3: /api/v3/write_lp, or the compatible /api/v2/write',
      ),
      database: text('wireglass', 'database of 1.x and 3.x, bucket of 2.x', 1),
      org: text('', 'organisation, of version 2'),
      username: text('', 'user of 1.x; empty: the server asks for none'),
      password: secret('password of that user; better in password_file'),
      password_file: text('', 'file whose first line is the password'),
      token: secret('token of 2.x and 3.x; better in token_file'),
      token_file: text('', 'file whose first line is the token'),
      ca_file: text(
        '',
        'PEM file of the authorities that an https server is checked by; empty: those of Node.js',
      ),
      measurement_prefix: text('wireglass_', 'in front of the names of measurements; letters, digits and _'),
      sensor: text('', 'value of the tag sensor; empty: the name of this host'),
      batch_points: integer(1, 100_000, 5_000, 'points of a request at most'),
      flush_interval_ms: integer(10, 600_000, 1_000, 'points wait at most this long to be on disk, and sent'),
      request_timeout_ms: integer(100, 600_000, 10_000, 'an answer is waited for this long'),
      gzip: flag(true, 'requests are compressed'),
      retry_initial_ms: integer(
        10,
        60_000,
        500,
        'after a failure it is tried again after this time, then after twice as long, and so on',
      ),
      retry_max_ms: integer(100, 3_600_000, 30_000, 'but at least this often'),
      spool_bytes: integer(
        1_048_576,
        1_125_899_906_842_624,
        1_073_741_824,
        'points that are not stored yet, kept compressed on disk; beyond it the oldest are lost and counted',
      ),
      max_waiting_points: integer(
        10_000,
        10_000_000,
        200_000,
        'points held in memory while the disk refuses them; beyond it new ones are lost and counted',
      ),
      administer: flag(
        true,
        'of 1.x: make the database, retention policies and continuous queries; these then follow the next keys',
      ),
      raw_retention_h: integer(6, 876_000, 168, 'samples as they were measured are kept this long (1.x)'),
      minute_retention_h: integer(6, 876_000, 2_160, 'the same for their sums per minute (1.x)'),
      hour_retention_h: integer(6, 876_000, 43_800, 'the same for their sums per hour (1.x)'),
    }),

    history: section('the list of captures and of events', {
      retention_h: integer(1, 876_000, 17_520, 'entries are kept this long after they ended'),
      max_captures: integer(10, 1_000_000, 10_000, 'beyond it the oldest are removed'),
      max_events: integer(100, 10_000_000, 100_000, 'beyond it the oldest are removed'),
    }),

    decode: section('what is found inside packets', {
      max_ip_layers: integer(
        1,
        maxIpLayers,
        maxIpLayers,
        'IP headers that are followed; 1 follows no tunnel',
      ),
      max_headers: integer(1, maxHeaders, maxHeaders, 'headers of any kind that are followed'),
      max_fragmented_datagrams: integer(
        4,
        16_777_216,
        16_384,
        'fragmented datagrams at a time whose ports are kept for their later fragments, of 64 bytes each',
      ),
      fragment_timeout_ms: integer(
        1,
        3_600_000,
        30_000,
        'so long after its first fragment a datagram is forgotten (RFC 791 asks for 15 s at least)',
      ),
      ports: section(
        'UDP ports of protocols that are known by nothing else; none turns a protocol off',
        portsOfProtocols,
      ),
    }),

    packets: section('recording of packets', {
      record: flag(true, 'keep packets on disk'),
      max_segment_bytes: integer(
        1_048_576,
        17_179_869_184,
        67_108_864,
        'a segment is completed at this size',
      ),
      max_segment_age_s: integer(1, 86_400, 60, 'a segment is completed at this age'),
      max_total_bytes: integer(
        1_048_576,
        1_125_899_906_842_624,
        1_073_741_824,
        'the oldest segments are removed beyond this total',
      ),
    }),

    flows: section('the store of flow records', {
      retention_h: integer(1, 87_600, 168, 'records are kept this long after they were stored'),
      max_total_bytes: integer(
        1_048_576,
        1_125_899_906_842_624,
        10_737_418_240,
        'the oldest records are removed beyond this total of the directory of flows',
      ),
      seal_age_s: integer(
        1,
        86_400,
        900,
        'records stay in the database this long, then they become a Parquet file',
      ),
      seal_rows: integer(1_000, 100_000_000, 1_000_000, 'the same as soon as there are so many'),
      compact_bytes: integer(
        0,
        17_179_869_184,
        134_217_728,
        'neighbouring Parquet files of a day are merged up to this size; 0: never',
      ),
      rollup_top_values: integer(
        1,
        10_000,
        100,
        'values that the sums per minute and hour list for each address, conversation, service and name',
      ),
      rollup_cube_rows: integer(
        10,
        1_000_000,
        2_000,
        'combinations of protocol, overlay, DSCP and the like that they tell apart',
      ),
      rollup_minute_retention_h: integer(
        1,
        876_000,
        720,
        'sums per minute are kept this long, in whole days',
      ),
      rollup_hour_retention_h: integer(1, 876_000, 17_520, 'the same for sums per hour'),
      memory_limit_mb: integer(
        64,
        1_048_576,
        512,
        'memory of the database engine, in MiB; about a fifth comes on top',
      ),
      threads: integer(1, 256, 2, 'threads of the database engine'),
      checkpoint_bytes: integer(
        1_048_576,
        17_179_869_184,
        268_435_456,
        'the write-ahead log is merged at this size',
      ),
      commit_interval_ms: integer(50, 60_000, 500, 'records wait at most this long to be committed'),
      max_waiting_rows: integer(
        65_536,
        16_777_216,
        262_144,
        'records held while the disk refuses them; beyond it the oldest are lost and counted',
      ),
    }),

    query: section('limits of POST /query', {
      timeout_s: integer(1, 3_600, 30, 'a query over flow records is ended after this time'),
      max_running: integer(1, 64, 2, 'queries over flow records that run at the same time'),
      max_waiting: integer(0, 10_000, 32, 'queries that wait for their turn; further ones are refused'),
      max_rows: integer(1, 1_000_000, 10_000, 'rows of a table'),
      max_series: integer(1, 1_000, 100, 'series of a query'),
      max_points: integer(1, 100_000, 11_000, 'points of a series'),
    }),

    telemetry: section('what the service tells of itself', {
      otlp_endpoint: text(
        '',
        'collector of OpenTelemetry traces (OTLP over HTTP) that traces of API requests go to, such as http://127.0.0.1:4318; empty: no traces',
      ),
      trace_one_in: integer(
        1,
        1_000_000,
        1,
        'one of so many traces that begin here is kept; of those that begin elsewhere their traceparent decides',
      ),
    }),

    log: section('what the service says on standard error', {
      level: oneOf(['silent', 'error', 'warn', 'info', 'debug'], 'info', 'least severe level that is logged'),
    }),
  },
  { additionalProperties: false },
);

/** The settings in force: read once, frozen. */
export type Config = Static<typeof configSchema>;
