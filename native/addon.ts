import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { NativeError } from './errors.js';
import type {
  BackendInfo,
  Conversations,
  EngineCounters,
  EngineOptions,
  EngineStatus,
  FilePacketRow,
  FlowBatch,
  IntervalReport,
  PacketDetail,
  PacketExportOptions,
  PacketExportStep,
  PacketListOptions,
  PacketMeasureStep,
  PacketPage,
  PacketRecovery,
  PacketTotals,
  SegmentRow,
} from './types.js';
import type { DecoderOptions } from './decoder-options.js';
import type { TrafficFileOptions } from './traffic.js';

export interface AddonSubscription {
  close(): void;
  drained(): Promise<void>;
}

/** Opaque. */
export type ExportHandle = { readonly exportHandle: unique symbol };

export interface ExportSource extends Omit<PacketExportOptions, 'format'> {
  format: PacketExportOptions['format'] | 'measure';
  /** one of these two */
  directory?: string;
  paths?: string[];
}

export interface PcapDownload {
  /** classic pcap, microseconds */
  pcap: Buffer;
  packets: number;
}

/**
 * What the addon exports; a test compares. It trusts its arguments: the callers in this folder check them. Errors have
 * a `code`.
 */
export interface Addon {
  start(options: EngineOptions): Promise<void>;
  stop(): Promise<void>;
  finished(): Promise<void>;
  status(): EngineStatus;
  counters(): EngineCounters;
  conversations(): Conversations;
  requestSnapshot(): number;
  subscribe(onBatch: (batch: FlowBatch) => unknown, queueSize: number): AddonSubscription;
  subscribeIntervals(onReport: (report: IntervalReport) => unknown, queueSize: number): AddonSubscription;
  captureBackends(): Promise<BackendInfo[]>;
  storePage(directory: string, options: PacketListOptions, decoder: DecoderOptions): Promise<PacketPage>;
  storeDetail(
    directory: string,
    id: string,
    decoder: DecoderOptions,
  ): Promise<Omit<PacketDetail, 'hex' | 'sha256'> & { data: Buffer }>;
  storePcapByIds(directory: string, ids: string[]): Promise<PcapDownload>;
  storePcapByListing(
    directory: string,
    options: PacketListOptions,
    decoder: DecoderOptions,
  ): Promise<PcapDownload>;
  storeSegments(directory: string): Promise<SegmentRow[]>;
  storeRecover(directory: string, sensor: number): Promise<PacketRecovery>;
  storeTotals(directory: string): Promise<PacketTotals>;
  exportOpen(source: ExportSource, decoder: DecoderOptions): ExportHandle;
  exportNext(handle: ExportHandle): Promise<PacketExportStep | PacketMeasureStep>;
  exportClose(handle: ExportHandle): void;
  /** fields that filters of packets compare */
  packetFields(): { name: string; kind: string; place: string }[];
  /** names of the values of decode_status */
  decodeStatuses(): string[];
  listFile(path: string, limit: number, decoder: DecoderOptions): Promise<FilePacketRow[]>;
  /** the core's own ports */
  defaultUdpPorts(): Record<string, number[]>;
  writeTraffic(path: string, options: TrafficFileOptions): Promise<string>;
}

const addonFile = 'addon/wireglass_addon.node';
/** The first that was built is taken. */
const presets = ['release', 'dev'];

/** This package's folder: these sources lie in it when tests run them, and in its dist/ when compiled. */
function packageFolder(): string {
  return existsSync(join(__dirname, 'package.json')) ? __dirname : dirname(__dirname);
}

function findAddon(): string {
  const override = process.env['WIREGLASS_ADDON'];
  if (override !== undefined && override !== '') {
    const path = resolve(override);
    if (existsSync(path)) return path;
    throw new NativeError('addon_missing', `WIREGLASS_ADDON names ${path}, which does not exist.`);
  }
  const build = join(packageFolder(), 'build');
  for (const preset of presets) {
    const path = join(build, preset, addonFile);
    if (existsSync(path)) return path;
  }
  throw new NativeError(
    'addon_missing',
    `The native addon is not built: ${join(build, 'release', addonFile)} is missing. Run: npm run build`,
  );
}

let loaded: Addon | undefined;

/**
 * The addon, loaded at first use, so that what needs no core (types, fields, help texts) works without it.
 * @throws NativeError `addon_missing`, `addon_unusable` (built for another Node or machine)
 */
export function loadAddon(): Addon {
  if (loaded !== undefined) return loaded;
  const path = findAddon();
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a native addon can be loaded in no other way
    loaded = require(path) as Addon;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NativeError('addon_unusable', `${path} cannot be loaded: ${reason}. Run: npm run build`, {
      cause: error,
    });
  }
  return loaded;
}
