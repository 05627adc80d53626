import type { DecoderOptions, EngineOptions, IntervalOptions, MeterOptions, Source } from '@wireglass/native';
import type { Config } from '../config/schema.js';

export type MeterSettings = Config['meter'];
export type MeterChanges = Partial<Omit<MeterSettings, 'sampling'>> & {
  sampling?: Partial<MeterSettings['sampling']>;
};

export type IntervalSettings = Config['intervals'];
export type DecodeSettings = Config['decode'];

export interface CaptureControlConfig {
  meter: MeterSettings;
  /** absent: no interval reports */
  intervals?: IntervalSettings;
  /** whether packets are recorded where a request does not say */
  record: boolean;
  recording: {
    directory: string;
    sensor: number;
    max_segment_bytes: number;
    max_segment_age_s: number;
    max_total_bytes: number;
  };
  decode: DecodeSettings;
}

/** What a live capture uses where a request does not say, named as in the configuration. */
export interface LiveDefaults {
  backend: 'auto' | 'af_packet' | 'libpcap';
  buffer_size_mb: number;
  snaplen: number;
  promiscuous: boolean;
  capture_filter: string;
  workers: number;
}

/** An interface to capture from, with what is `given` over the defaults. */
export function liveSource(
  name: string,
  given: { [Key in keyof LiveDefaults]?: LiveDefaults[Key] | undefined },
  defaults: LiveDefaults,
): Source {
  const captureFilter = given.capture_filter ?? defaults.capture_filter;
  return {
    kind: 'live',
    interface: name,
    backend: given.backend ?? defaults.backend,
    bufferSizeMb: given.buffer_size_mb ?? defaults.buffer_size_mb,
    snaplen: given.snaplen ?? defaults.snaplen,
    promiscuous: given.promiscuous ?? defaults.promiscuous,
    ...(captureFilter === '' ? {} : { captureFilter }),
  };
}

/** How packets are decoded, while they are captured and when they are read back. */
export function decoderOptions(decode: DecodeSettings): DecoderOptions {
  return { udpPorts: decode.ports, maxIpLayers: decode.max_ip_layers, maxHeaders: decode.max_headers };
}

/** What someone wants captured. */
export interface CaptureRequest {
  source: Source;
  /** threads that decode and meter; default 1 */
  workers?: number | undefined;
  record?: boolean | undefined;
  /** stops by itself after this many seconds */
  duration_s?: number | undefined;
}

/** The settings that a capture runs with. */
export interface CaptureSettings {
  source: Record<string, unknown> & { kind: Source['kind'] };
  workers: number;
  record: boolean;
  duration_s: number | null;
  meter: MeterSettings;
}

/** What is absent stays as it is; of `sampling`, too. */
export function withMeterSettings(meter: MeterSettings, changes: MeterChanges): MeterSettings {
  return { ...meter, ...changes, sampling: { ...meter.sampling, ...changes.sampling } };
}

export function settingsOf(request: CaptureRequest, record: boolean, meter: MeterSettings): CaptureSettings {
  return {
    source: describeSource(request.source),
    workers: request.workers ?? 1,
    record,
    duration_s: request.duration_s ?? null,
    meter: withMeterSettings(meter, {}),
  };
}

/** Where the packets come from, named as the API names it. */
export function describeSource(source: Source): CaptureSettings['source'] {
  const known = (values: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  switch (source.kind) {
    case 'files':
      return { kind: 'files', files: source.paths };
    case 'traffic':
      return {
        kind: 'traffic',
        ...known({ profile: source.profile, packets_per_s: source.packetsPerSecond, seed: source.seed }),
      };
    case 'live':
      return {
        kind: 'live',
        interface: source.interface,
        ...known({
          backend: source.backend,
          buffer_size_mb: source.bufferSizeMb,
          snaplen: source.snaplen,
          capture_filter: source.captureFilter,
          promiscuous: source.promiscuous,
        }),
      };
  }
}

/** The source in a few words: "interface eth0", "2 files", "demo traffic". */
export function nameSource(source: Source): string {
  switch (source.kind) {
    case 'files':
      return source.paths.length === 1 ? `file ${source.paths[0]}` : `${source.paths.length} files`;
    case 'traffic':
      return `${source.profile} traffic`;
    case 'live':
      return `interface ${source.interface}`;
  }
}

/** One timeout, or by protocol where one has its own. */
function timeoutsMs(
  meter: MeterSettings,
  kind: 'active' | 'idle',
): NonNullable<MeterOptions['idleTimeoutMs']> {
  const all = meter[`${kind}_timeout_ms`];
  const own = (['tcp', 'udp', 'icmp'] as const).map(
    (protocol) => [protocol, meter[`${protocol}_${kind}_timeout_ms`] || all] as const,
  );
  return own.every(([, timeout]) => timeout === all) ? all : { ...Object.fromEntries(own), other: all };
}

const intervalOptions = (settings: IntervalSettings): IntervalOptions => ({
  intervalMs: settings.interval_ms,
  latenessMs: settings.lateness_ms,
  topCount: settings.top_count,
  topCapacity: settings.top_capacity,
});

export function engineOptions(
  config: CaptureControlConfig,
  request: CaptureRequest,
  settings: CaptureSettings,
): EngineOptions {
  const { recording } = config;
  return {
    source: request.source,
    meter: {
      activeTimeoutMs: timeoutsMs(settings.meter, 'active'),
      idleTimeoutMs: timeoutsMs(settings.meter, 'idle'),
      maxFlows: settings.meter.max_flows,
      observationDomain: settings.meter.observation_domain,
      applications: settings.meter.applications,
      classifiedFlows: settings.meter.classified_flows,
      stringBytesPerFlow: settings.meter.string_bytes_per_flow,
    },
    ...(config.intervals?.enabled === true ? { intervals: intervalOptions(config.intervals) } : {}),
    ...(settings.record
      ? {
          recording: {
            directory: recording.directory,
            sensor: recording.sensor,
            maxSegmentBytes: recording.max_segment_bytes,
            maxSegmentAgeMs: recording.max_segment_age_s * 1_000,
            maxTotalBytes: recording.max_total_bytes,
          },
        }
      : {}),
    workers: settings.workers,
    sampling: settings.meter.sampling,
    outerFlows: settings.meter.outer_flows,
    ...decoderOptions(config.decode),
    fragments: {
      maxDatagrams: config.decode.max_fragmented_datagrams,
      timeoutMs: config.decode.fragment_timeout_ms,
    },
  };
}
