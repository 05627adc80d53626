import { captureBackends, Engine, PacketStore } from '@wireglass/native';
import { readFileSync } from 'node:fs';
import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiServer } from './api/server.js';
import { CaptureControl, type CaptureEnd } from './capture/capture-control.js';
import { decoderOptions } from './capture/capture-settings.js';
import { readSensorId } from './capture/sensor-id.js';
import type { Config } from './config/schema.js';
import { TroubleWatch, type WatchedPart } from './history/trouble-watch.js';
import { AppError, errorMessage } from './model/errors.js';
import type { Log } from './model/log.js';
import type { MetricSink } from './model/metric-sample.js';
import { observeCaptures, type CaptureObservation } from './observe-captures.js';
import { AuditLog } from './security/audit-log.js';
import { localPrincipal } from './security/principal.js';
import { TokenStore, type NewToken } from './security/tokens.js';
import { createInfluxDbSink, influxDbMetricStore, type InfluxDbSink } from './sinks/influxdb/root.js';
import { createEmbeddedStore } from './stores/duckdb/root.js';
import type { FlowStore } from './stores/flows/flow-store.js';
import type { HistoryStore } from './stores/history/history-store.js';
import type { MetricStore } from './stores/metrics/metric-store.js';
import { Metrics } from './telemetry/metrics.js';
import { traced, type Tracing } from './telemetry/tracing.js';
import { readinessReport } from './telemetry/readiness.js';

/** Where the parts of the data directory lie. */
export const dataPaths = (dataDir: string) => ({
  tokens: join(dataDir, 'tokens.json'),
  audit: join(dataDir, 'audit.jsonl'),
  sensorId: join(dataDir, 'sensor-id'),
  runNumber: join(dataDir, 'run-number'),
  packets: join(dataDir, 'packets'),
});

/** Version of the collector's package. */
export const version = (
  JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')) as { version: string }
).version;

/** From the report of an interval to the store that is asked for it. */
const sampleWayMs = 500;

export interface ServiceOptions {
  config: Config;
  log: Log;
  onCaptureEnd?: (end: CaptureEnd) => void;
}

/** The running service. */
export interface Service {
  url: string;
  /** made at the first start only, to be shown once */
  newTokens: NewToken[];
  control: CaptureControl;
  /** Drains the capture, stores everything, closes the API. */
  stop(): Promise<void>;
}

/**
 * Starts every component in the order of their dependencies; what had started is stopped again when one fails. Errors:
 * `data_dir_unwritable`, `store_locked`, `tokens_damaged`, `address_in_use`, `addon_missing` and others of the table.
 */
export async function startService({ config, log, onCaptureEnd }: ServiceOptions): Promise<Service> {
  const stops: (() => Promise<void>)[] = [];
  const started = async <Value>(component: { start(): Promise<Value>; stop(): Promise<void> }) => {
    const value = await component.start();
    stops.unshift(() => component.stop());
    return value;
  };
  try {
    const tracing = await openTracing(config);
    if (tracing !== null) stops.unshift(() => tracing.stop());
    const paths = await prepareDataDir(config.data_dir);
    const stores = createEmbeddedStore({ log: (level, message) => log[level](message) }, config);
    await started(stores);
    const { flows: flowStore, history } = stores;
    await started(history);
    const { metricStore, influxdb, sinks } = metricParts(config, stores.metrics, log);
    for (const sink of sinks) await started(sink);
    // The stores' lock keeps a second service out, so that nobody else records here.
    const sensor = await readSensorId(paths.sensorId);
    await recoverPackets(paths.packets, sensor, log);
    const audit = new AuditLog({ path: paths.audit });
    await startAudit(audit, log);
    stops.unshift(async () => {
      await audit.stop();
      log.info('audit log', { head: audit.headHash() });
    });
    const tokens = new TokenStore({ path: paths.tokens });
    const observation = await observeCaptures({
      config,
      runNumberPath: paths.runNumber,
      history,
      sinks,
      log,
      counters: () => Engine.shared().counters(),
    });
    const control = new CaptureControl(captureConfig(config, paths.packets, sensor), {
      engine: Engine.shared(),
      audit,
      log,
      flushFlows: () => flowStore.flush(),
      observer: observation.observer,
      ...(onCaptureEnd === undefined ? {} : { onEnd: onCaptureEnd }),
    });
    const packets = new PacketStore(paths.packets, decoderOptions(config.decode));
    const parts = {
      flowStore,
      metricStore,
      influxdb,
      history,
      audit,
      tokens,
      control,
      log,
      packets,
      observation,
      tracing,
    };
    await started(new TroubleWatch(watchedParts(parts), history));
    const api = makeApi(config, parts);
    const url = await started(api);
    // Stopped before the API, which answers until everything is stored.
    await started(control);
    // Last of all: tokens that a failed start had made would never be shown.
    const newTokens = await startTokens(tokens, audit);
    return { url, newTokens, control, stop: () => stopAll(stops, log) };
  } catch (error) {
    await stopAll(stops, log).catch(() => undefined);
    throw error;
  }
}

async function stopAll(stops: (() => Promise<void>)[], log: Log): Promise<void> {
  const failures: unknown[] = [];
  for (const stop of stops.splice(0)) {
    try {
      await stop();
    } catch (error) {
      log.error(`stopping: ${errorMessage(error)}`);
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new Error('not all could be stored, see above', { cause: failures[0] });
}

async function prepareDataDir(dataDir: string): Promise<ReturnType<typeof dataPaths>> {
  const paths = dataPaths(dataDir);
  try {
    await mkdir(paths.packets, { recursive: true, mode: 0o700 });
    for (const path of [dataDir, paths.packets])
      await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new AppError(
      'data_dir_unwritable',
      { path: dataDir, reason: errorMessage(error) },
      { cause: error },
    );
  }
  return paths;
}

async function recoverPackets(directory: string, sensor: number, log: Log): Promise<void> {
  const recovery = await new PacketStore(directory).recover(sensor);
  if (recovery.segments_completed > 0)
    log.warn('packet segments that the last run had left open are recovered', {
      segments: recovery.segments_completed,
    });
  for (const failure of recovery.failures) log.error(`packet segments: ${failure}`);
}

async function startAudit(audit: AuditLog, log: Log): Promise<void> {
  const check = await audit.start();
  if (check.torn !== null)
    log.warn('the audit log ended within an entry: that part was cut off and recorded');
  if (check.broken !== null) {
    const { line, reason } = check.broken;
    log.error(`the audit log was changed: line ${line}: ${reason}; \`wireglass audit verify\` says more`);
  }
  log.info('audit log', { entries: check.entries, head: audit.headHash() });
}

async function startTokens(tokens: TokenStore, audit: AuditLog): Promise<NewToken[]> {
  const made = await tokens.start();
  for (const { id, role } of made) {
    const parameters = { id, role };
    await audit.append({
      principal: localPrincipal('service'),
      action: 'token_new',
      parameters,
      outcome: 'done',
    });
  }
  return made;
}

function captureConfig(config: Config, directory: string, sensor: number) {
  const { record, max_segment_bytes, max_segment_age_s, max_total_bytes } = config.packets;
  return {
    meter: config.meter,
    intervals: config.intervals,
    record,
    recording: { directory, sensor, max_segment_bytes, max_segment_age_s, max_total_bytes },
    decode: config.decode,
  };
}

interface MetricParts {
  /** what series are read from */
  metricStore: MetricStore | null;
  influxdb: InfluxDbSink | null;
  sinks: (MetricSink & { start(): Promise<void>; stop(): Promise<void> })[];
}

function metricParts(config: Config, embedded: MetricStore, log: Log): MetricParts {
  const influxdb = createInfluxDbSink(config, log);
  const { store } = config.metrics;
  if (store === 'influxdb' && influxdb !== null) {
    const metricStore = influxDbMetricStore(config, influxdb);
    return { metricStore, influxdb, sinks: [metricStore] };
  }
  const metricStore = store === 'embedded' ? embedded : null;
  return { metricStore, influxdb, sinks: [metricStore, influxdb].filter((sink) => sink !== null) };
}

interface ApiParts {
  flowStore: FlowStore;
  metricStore: MetricStore | null;
  history: HistoryStore;
  influxdb: InfluxDbSink | null;
  audit: AuditLog;
  tokens: TokenStore;
  control: CaptureControl;
  log: Log;
  packets: PacketStore;
  observation: CaptureObservation;
  tracing: Tracing | null;
}

/** The modules of OpenTelemetry are loaded only where traces are to be made. Error: `bad_config`. */
async function openTracing({ telemetry }: Config): Promise<Tracing | null> {
  const { otlp_endpoint: endpoint, trace_one_in: oneIn } = telemetry;
  if (endpoint === '') return null;
  const { startTracing } = await import('./telemetry/opentelemetry.js');
  return startTracing({ endpoint, oneIn, version });
}

/** What stores or sends, and may fail to: the readiness report and the history ask the same. */
function watchedParts(parts: ApiParts): Record<string, WatchedPart> {
  const { flowStore, metricStore, influxdb, packets, control } = parts;
  const store = (trouble: WatchedPart['trouble']): WatchedPart => ({ kind: 'store', trouble });
  return {
    flow_store: store(async () => (await flowStore.stats()).lastError),
    packet_store: store(async () => {
      await packets.totals();
      return control.metrics().counters.disk_trouble || null;
    }),
    ...(metricStore === null
      ? {}
      : { metric_store: store(async () => (await metricStore.stats()).lastError) }),
    ...(influxdb === null ? {} : { influxdb: { kind: 'sink', trouble: () => influxdb.trouble() } }),
  };
}

function makeApi(config: Config, parts: ApiParts): ApiServer {
  const { flowStore, metricStore, influxdb, history, audit, tokens, control, log, packets, tracing } = parts;
  const { feed, life } = parts.observation;
  const metrics = new Metrics({
    version,
    capture: () => control.metrics(),
    life,
    feed: () => feed.stats(),
    flowStore: () => flowStore.stats(),
    metricStore: metricStore === null ? null : () => metricStore.stats(),
    history: () => history.stats(),
    packetStore: () => packets.totals(),
    audit: () => ({ ...audit.counters, chainIntact: audit.check()?.broken === null }),
    tracing: tracing === null ? null : () => tracing.stats(),
    influxdb: influxdb === null ? null : () => influxdb.stats(),
  });
  const watched = Object.entries(watchedParts(parts)).map(([name, { trouble }]) => [name, trouble] as const);
  const checks = {
    api: () => null,
    ...Object.fromEntries(watched),
    ...(influxdb === null ? {} : { influxdb: () => influxdb.stats().detail }),
    history: async () => (await history.stats()).lastError,
    audit_log: () =>
      audit.check()?.broken === null ? null : 'the chain is broken, see `wireglass audit verify`',
  };
  return new ApiServer(
    {
      host: config.api.host,
      port: config.api.port,
      version,
      live: config.capture,
      query: {
        maxRows: config.query.max_rows,
        maxSeries: config.query.max_series,
        maxPoints: config.query.max_points,
        timeoutMs: config.query.timeout_s * 1_000,
        samplesAfterMs: config.intervals.interval_ms + config.intervals.lateness_ms + sampleWayMs,
      },
    },
    {
      capture: control,
      flowStore: traced('flow_store', flowStore, ['query', 'aggregate', 'values']),
      metricStore: metricStore && traced('metric_store', metricStore, ['series', 'heaviest']),
      history: traced('history', history, ['captures', 'events']),
      packets: traced('packet_store', packets, ['list', 'page', 'detail', 'pcap', 'totals']),
      tracing,
      backends: captureBackends,
      tokens,
      audit,
      metrics,
      readiness: () => readinessReport(checks),
      log,
    },
  );
}
