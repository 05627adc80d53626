import type { EngineCounters, PacketTotals } from '@wireglass/native';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CaptureMetrics } from '../capture/capture-control.js';
import type { FlowStoreStats } from '../stores/flows/flow-store.js';
import type { HistoryStats } from '../stores/history/history-store.js';
import type { MetricStoreStats } from '../stores/metrics/metric-store.js';
import type { InfluxDbStats } from '../sinks/influxdb/root.js';
import { influxDbMetrics } from './definitions/influxdb.js';
import { engineMetrics } from './definitions/engine.js';
import { interfaceMetrics, type SampleSums } from './definitions/interfaces.js';
import {
  feedMetrics,
  serviceMetrics,
  tracingMetrics,
  type AuditFigures,
  type FeedFigures,
} from './definitions/service.js';
import {
  flowStoreMetrics,
  historyMetrics,
  metricStoreMetrics,
  packetStoreMetrics,
} from './definitions/stores.js';
import type { TracingStats } from './tracing.js';
import type { MetricDefinition, MetricRow } from './metric-definition.js';

export interface MetricsDependencies {
  version: string;
  capture: () => CaptureMetrics;
  /** of all captures since the service began */
  life: { captures: () => number; counters: () => EngineCounters; samples: () => SampleSums };
  feed: () => FeedFigures;
  flowStore: () => Promise<FlowStoreStats>;
  /** null: none is configured */
  metricStore: (() => Promise<MetricStoreStats>) | null;
  history: () => Promise<HistoryStats>;
  packetStore: () => Promise<PacketTotals>;
  /** null: nothing is sent to InfluxDB */
  influxdb: (() => InfluxDbStats) | null;
  /** null: no traces are made */
  tracing: (() => TracingStats) | null;
  audit: () => AuditFigures;
}

/** Gauges of prom-client with the name of a counter; the same without `_total` tell them by type. */
const misnamedGauges = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`);

/**
 * Prometheus' view. Counters count from the service's start: a new capture does not set them back. docs/METRICS.md lists
 * them all.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly requests: Histogram<'method' | 'route' | 'status'>;

  constructor(dependencies: MetricsDependencies) {
    collectDefaultMetrics({ register: this.registry });
    for (const name of misnamedGauges) this.registry.removeSingleMetric(name);
    this.requests = new Histogram({
      name: 'wireglass_http_request_duration_seconds',
      help: 'Duration of API requests.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
      registers: [this.registry],
    });
    const { life, metricStore, influxdb, tracing } = dependencies;
    const definitions = [
      ...engineMetrics(life.captures, life.counters, dependencies.capture),
      ...interfaceMetrics(life.samples),
      ...feedMetrics(dependencies.feed),
      ...flowStoreMetrics(dependencies.flowStore),
      ...(metricStore === null ? [] : metricStoreMetrics(metricStore)),
      ...historyMetrics(dependencies.history),
      ...packetStoreMetrics(dependencies.packetStore),
      ...(influxdb === null ? [] : influxDbMetrics(influxdb)),
      ...(tracing === null ? [] : tracingMetrics(tracing)),
      ...serviceMetrics(dependencies.audit, dependencies.version),
    ];
    for (const definition of definitions) this.add(definition);
  }

  private add({ kind, name, help, labels, read }: MetricDefinition): void {
    const common = { help, labelNames: [...labels], registers: [this.registry] };
    if (kind === 'counter') {
      new Counter({
        ...common,
        name: `wireglass_${name}_total`,
        async collect() {
          const rows = await orNull(read);
          this.reset();
          for (const { labels, value } of rows ?? []) this.inc(labels, value);
          if (rows === null) this.remove();
        },
      });
      return;
    }
    new Gauge({
      ...common,
      name: `wireglass_${name}`,
      async collect() {
        const rows = await orNull(read);
        this.reset();
        for (const { labels, value } of rows ?? []) this.set(labels, value);
        if (rows === null) this.remove();
      },
    });
  }
}

/** A part that cannot be asked is absent, and the others stay; /readyz says what is wrong with it. */
async function orNull(read: MetricDefinition['read']): Promise<MetricRow[] | null> {
  try {
    return await read();
  } catch {
    return null;
  }
}
