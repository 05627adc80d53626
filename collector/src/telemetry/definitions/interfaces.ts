import type { Measurement, MetricSample } from '../../model/metric-sample.js';
import type { MetricDefinition, MetricRow } from '../metric-definition.js';

/** Sums of metric samples since the service began. */
export type SampleSums = readonly Pick<MetricSample, 'measurement' | 'tags' | 'counts'>[];

interface Told {
  name: string;
  help: string;
  measurement: Measurement;
  count: string;
  /** tags of the measurement → labels */
  labels: Readonly<Record<string, string>>;
}

const perInterface = { interface: 'interface' };

const told: readonly Told[] = [
  {
    name: 'interface_packets',
    help: 'Packets read.',
    measurement: 'interface',
    count: 'captured_packets',
    labels: perInterface,
  },
  {
    name: 'interface_bytes',
    help: 'Bytes of those packets on the wire.',
    measurement: 'interface',
    count: 'captured_bytes',
    labels: perInterface,
  },
  {
    name: 'interface_metered_packets',
    help: 'Packets metered into flows.',
    measurement: 'interface',
    count: 'metered_packets',
    labels: perInterface,
  },
  {
    name: 'interface_metered_ip_bytes',
    help: 'IP octets of the metered packets.',
    measurement: 'interface',
    count: 'metered_ip_bytes',
    labels: perInterface,
  },
  {
    name: 'interface_flows_started',
    help: 'Flows that began.',
    measurement: 'interface',
    count: 'flows_started',
    labels: perInterface,
  },
  {
    name: 'interface_flows_ended',
    help: 'Flows that ended.',
    measurement: 'interface',
    count: 'flows_ended',
    labels: perInterface,
  },
  {
    name: 'interface_refused_packets',
    help: 'Packets that make no flow.',
    measurement: 'refused',
    count: 'packets',
    labels: { ...perInterface, reason: 'reason' },
  },
  {
    name: 'interface_protocol_packets',
    help: 'Metered packets by IP protocol.',
    measurement: 'protocol',
    count: 'packets',
    labels: { ...perInterface, value: 'protocol' },
  },
  {
    name: 'interface_protocol_ip_bytes',
    help: 'IP octets of the metered packets by IP protocol.',
    measurement: 'protocol',
    count: 'bytes',
    labels: { ...perInterface, value: 'protocol' },
  },
  {
    name: 'lost_packets',
    help: 'Packets that have no flow, or are not on disk, by cause; interface "all" where a capture has several.',
    measurement: 'loss',
    count: 'packets',
    labels: { ...perInterface, cause: 'cause' },
  },
];

function rowsOf({ measurement, count, labels }: Told, sums: SampleSums): MetricRow[] {
  return sums
    .filter((sample) => sample.measurement === measurement && sample.counts[count] !== undefined)
    .map(({ tags, counts }) => ({
      labels: Object.fromEntries(Object.entries(labels).map(([tag, label]) => [label, tags[tag] ?? ''])),
      value: counts[count] ?? 0,
    }));
}

/** Of the samples since the service began; their number is bounded by metrics.max_series. */
export const interfaceMetrics = (sums: () => SampleSums): MetricDefinition[] =>
  told.map((one) => ({
    kind: 'counter',
    name: one.name,
    help: one.help,
    labels: Object.values(one.labels),
    read: () => rowsOf(one, sums()),
  }));
