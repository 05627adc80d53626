import type { EngineCounters, PacketTotals } from '@wireglass/native';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CaptureMetrics } from '../capture/capture-control.js';
import type { InfluxDbStats } from '../sinks/influxdb/root.js';
import type { FlowStoreStats } from '../stores/flows/flow-store.js';
import { influxDbCounters, influxDbGauges } from './influxdb-metrics.js';

export interface MetricsDependencies {
  capture: () => CaptureMetrics;
  flowStore: () => Promise<FlowStoreStats>;
  packetStore: () => Promise<PacketTotals>;
  audit: () => { entries: number; failures: number; refusals: number; chainIntact: boolean };
  /** absent: nothing is sent to InfluxDB */
  influxdb?: () => InfluxDbStats;
}

type Row = { labels: Record<string, string>; value: number };

const engineCounters: [name: string, help: string, read: (from: EngineCounters) => number][] = [
  [
    'capture_offered_packets',
    'Packets that the kernel or driver counted behind the capture filter, drops included.',
    (from) => from.offered_packets,
  ],
  ['capture_packets', 'Packets handed to the decoder.', (from) => from.captured_packets],
  ['capture_bytes', 'Bytes of those packets on the wire.', (from) => from.captured_bytes],
  ['capture_ring_freezes', 'Times the kernel found the capture ring full.', (from) => from.ring_freezes],
  ['meter_packets', 'Packets metered into flows.', (from) => from.metered_packets],
  ['meter_ip_bytes', 'IP octets of the metered packets.', (from) => from.metered_ip_bytes],
  ['meter_not_sampled_packets', 'Packets that sampling left out.', (from) => from.not_sampled_packets],
  [
    'meter_digests_lost',
    'Packets lost between workers, the owner of their flow being too far behind.',
    (from) => from.digests_lost,
  ],
  ['meter_outer_packets', 'Packets of outer flows, in no total.', (from) => from.outer_packets],
  ['meter_outer_bytes', 'IP octets of outer flows, in no total.', (from) => from.outer_bytes],
  ['meter_flows_created', 'Flows seen.', (from) => from.flows_created],
  ['meter_flows_evicted', 'Flows closed early because the cache was full.', (from) => from.flows_evicted],
  [
    'meter_fragments_learned',
    'First fragments of datagrams, whose ports their later ones get.',
    (from) => from.fragments_learned,
  ],
  [
    'meter_fragments_resolved',
    'Later fragments that joined the flow of their first.',
    (from) => from.fragments_resolved,
  ],
  [
    'meter_fragments_unresolved',
    'Later fragments metered without ports: their first was not seen, or came later.',
    (from) => from.fragments_unresolved,
  ],
  [
    'meter_fragments_replaced',
    'Datagrams forgotten early because the fragment table was full.',
    (from) => from.fragments_replaced,
  ],
  [
    'meter_fragments_conflicting',
    'First fragments that contradict an earlier one of their datagram.',
    (from) => from.fragments_conflicting,
  ],
  ['meter_records', 'Flow records closed.', (from) => from.records],
  [
    'meter_paths_refused',
    'Flows metered without MACs and outer addresses, as too many of these are in use.',
    (from) => from.paths_refused,
  ],
  [
    'meter_application_strings_refused',
    'Application fields left empty for want of room.',
    (from) => from.application_strings_refused,
  ],
  [
    'meter_application_strings_cut',
    'Application fields cut to 255 bytes.',
    (from) => from.application_strings_cut,
  ],
  ['meter_classifications', 'Flows whose application nDPI named.', (from) => from.classifications],
  [
    'meter_classifications_refused',
    'Flows that nDPI did not see for want of room.',
    (from) => from.classifications_refused,
  ],
  [
    'meter_records_dropped',
    'Flow records lost because the queue to the store was full.',
    (from) => from.records_dropped,
  ],
  [
    'meter_interval_reports_dropped',
    'Interval reports lost because their queue was full.',
    (from) => from.interval_reports_dropped,
  ],
  ['recording_packets', 'Packets written to segments.', (from) => from.packets_recorded],
  ['recording_bytes', 'Captured bytes written to segments.', (from) => from.bytes_recorded],
  ['recording_lost_packets', 'Packets that the disk did not take.', (from) => from.packets_lost_to_disk],
  ['recording_skipped_packets', 'Packets not recorded by policy.', (from) => from.packets_not_recorded],
  ['recording_segments_completed', 'Segments completed.', (from) => from.segments_completed],
  ['recording_segments_evicted', 'Segments removed to make room.', (from) => from.segments_evicted],
];

/**
 * Prometheus' view. Counters of the capture are those of the running or last capture and begin anew with the next one,
 * which Prometheus takes for what it is, a counter reset.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly requests: Histogram<'method' | 'route' | 'status'>;

  constructor(private readonly dependencies: MetricsDependencies) {
    collectDefaultMetrics({ register: this.registry });
    this.requests = new Histogram({
      name: 'wireglass_http_request_duration_seconds',
      help: 'Duration of API requests.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
      registers: [this.registry],
    });
    this.addCapture();
    this.addFlowStore();
    this.addPacketStore();
    this.addAudit();
    if (dependencies.influxdb !== undefined) this.addInfluxDb(dependencies.influxdb);
  }

  private addCapture(): void {
    const counters = () => this.dependencies.capture().counters;
    for (const [name, help, read] of engineCounters) {
      this.counter(name, help, [], () => [{ labels: {}, value: read(counters()) }]);
    }
    this.counter('capture_dropped_packets', 'Packets lost before they were read.', ['cause'], () => {
      const { dropped_kernel_packets, dropped_interface_packets } = counters();
      return [
        { labels: { cause: 'kernel' }, value: dropped_kernel_packets },
        { labels: { cause: 'interface' }, value: dropped_interface_packets },
      ];
    });
    const byReason = (read: (from: EngineCounters) => Record<string, number>) => (): Row[] =>
      Object.entries(read(counters())).map(([reason, value]) => ({ labels: { reason }, value }));
    this.counter(
      'meter_refused_packets',
      'Packets that make no flow.',
      ['reason'],
      byReason((from) => from.refused_packets),
    );
    this.counter(
      'meter_records_ended',
      'Flow records closed, by end reason.',
      ['reason'],
      byReason((from) => from.records_by_reason),
    );
    this.counter(
      'meter_application_gave_up',
      'Application messages that were not read to their end.',
      ['reason'],
      byReason((from) => from.application_gave_up),
    );
    this.counter(
      'meter_unfollowed_packets',
      'Metered packets of a tunnel whose inside was not followed.',
      ['reason'],
      () =>
        Object.entries(counters().unfollowed_packets).map(([reason, value]) => ({
          labels: { reason },
          value,
        })),
    );
    this.gauge('meter_flows', 'Flows in the cache.', [], () => one(counters().flows_live));
    this.gauge('capture_running', '1 while a capture runs.', [], () =>
      one(this.dependencies.capture().state === 'running' ? 1 : 0),
    );
    this.gauge('ledger_difference_packets', 'Packets that a ledger equation misses.', ['equation'], () => {
      const { metering, recording } = this.dependencies.capture().ledger;
      return [
        { labels: { equation: 'metering' }, value: metering.difference },
        { labels: { equation: 'recording' }, value: recording.difference },
      ];
    });
  }

  private addFlowStore(): void {
    const stats = (read: (from: FlowStoreStats) => number) => async () =>
      one(read(await this.dependencies.flowStore()));
    const counters: [name: string, help: string, read: (from: FlowStoreStats) => number][] = [
      [
        'flow_store_rows',
        'Flow records committed, those found at the start included.',
        (from) => from.rowsStored + from.rowsRemoved,
      ],
      ['flow_store_removed_rows', 'Flow records removed by retention.', (from) => from.rowsRemoved],
      ['flow_store_lost_rows', 'Flow records given up.', (from) => from.rowsLost],
    ];
    const gauges: typeof counters = [
      [
        'flow_store_hot_rows',
        'Flow records in the database, not yet in a file of their own.',
        (from) => from.hotRows,
      ],
      ['flow_store_sealed_rows', 'Flow records in Parquet files.', (from) => from.sealedRows],
      ['flow_store_sealed_files', 'Parquet files of flow records.', (from) => from.sealedFiles],
      ['flow_store_sealed_bytes', 'Size of those files.', (from) => from.sealedBytes],
      [
        'flow_store_sealing_lag_seconds',
        'Time that the oldest full table has waited to become a file.',
        (from) => from.sealingLagS,
      ],
      ['flow_store_waiting_batches', 'Batches to be stored.', (from) => from.batchesWaiting],
      ['flow_store_file_bytes', 'Size of the store.', (from) => from.fileBytes],
    ];
    for (const [name, help, read] of counters) this.counter(name, help, [], stats(read));
    for (const [name, help, read] of gauges) this.gauge(name, help, [], stats(read));
  }

  private addPacketStore(): void {
    const totals = (read: (from: PacketTotals) => number) => async () =>
      one(read(await this.dependencies.packetStore()));
    this.gauge(
      'packet_store_segments',
      'Segments on disk.',
      [],
      totals((from) => from.segments),
    );
    this.gauge(
      'packet_store_packets',
      'Packets on disk.',
      [],
      totals((from) => from.packets),
    );
    this.gauge(
      'packet_store_file_bytes',
      'Size of the segments.',
      [],
      totals((from) => from.file_bytes),
    );
  }

  private addAudit(): void {
    const audit = this.dependencies.audit;
    this.counter('audit_entries', 'Entries written to the audit log.', [], () => one(audit().entries));
    this.counter('audit_failures', 'Entries that could not be written.', [], () => one(audit().failures));
    this.counter('audit_refusals', 'Requests refused (401, 403).', [], () => one(audit().refusals));
    this.gauge('audit_chain_intact', '0 when the audit log was found changed.', [], () =>
      one(audit().chainIntact ? 1 : 0),
    );
  }

  private addInfluxDb(stats: () => InfluxDbStats): void {
    const rows = (label: string, values: Readonly<Record<string, number>>): Row[] =>
      Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));
    for (const [name, help, read] of influxDbCounters)
      this.counter(`influxdb_${name}`, help, [], () => one(read(stats())));
    for (const [name, help, read] of influxDbGauges)
      this.gauge(`influxdb_${name}`, help, [], () => one(read(stats())));
    this.counter('influxdb_dropped_points', 'Points that InfluxDB will not have.', ['reason'], () =>
      rows('reason', stats().pointsDropped),
    );
    this.counter('influxdb_requests', 'Requests to write, by what became of them.', ['outcome'], () =>
      rows('outcome', stats().requests),
    );
  }

  private counter(
    name: string,
    help: string,
    labelNames: string[],
    read: () => Row[] | Promise<Row[]>,
  ): void {
    new Counter({
      name: `wireglass_${name}_total`,
      help,
      labelNames,
      registers: [this.registry],
      async collect() {
        const rows = await orNull(read);
        this.reset();
        for (const { labels, value } of rows ?? []) this.inc(labels, value);
        if (rows === null) this.remove();
      },
    });
  }

  private gauge(name: string, help: string, labelNames: string[], read: () => Row[] | Promise<Row[]>): void {
    new Gauge({
      name: `wireglass_${name}`,
      help,
      labelNames,
      registers: [this.registry],
      async collect() {
        const rows = await orNull(read);
        this.reset();
        for (const { labels, value } of rows ?? []) this.set(labels, value);
        if (rows === null) this.remove();
      },
    });
  }
}

const one = (value: number): Row[] => [{ labels: {}, value }];

/** A part that cannot be asked is absent, and the others stay; /readyz says what is wrong with it. */
async function orNull(read: () => Row[] | Promise<Row[]>): Promise<Row[] | null> {
  try {
    return await read();
  } catch {
    return null;
  }
}
