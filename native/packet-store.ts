import { createHash } from 'node:crypto';
import { loadAddon, type Addon, type PcapDownload } from './addon.js';
import { bigint, integer, nonEmptyString, nonEmptyStrings, object, oneOf } from './arguments.js';
import { decoderChecks, type DecoderOptions } from './decoder-options.js';
import { callNative } from './errors.js';
import { openExport, openMeasure, type PacketExport, type PacketMeasure } from './packet-export.js';
import type {
  PacketDetail,
  PacketExportOptions,
  PacketListOptions,
  PacketPage,
  PacketRecovery,
  PacketRow,
  PacketTotals,
  SegmentRow,
} from './types.js';

const maxPackets = 1_000;
const time = bigint(-(2n ** 63n), 2n ** 63n - 1n);
const checkListOptions = object({
  required: { limit: integer(1, maxPackets) },
  optional: {
    kind: oneOf(['any', 'lisp']),
    before: nonEmptyString,
    fromNs: time,
    toNs: time,
    filter: nonEmptyString,
  },
});
const checkDecoderOptions = object({ optional: decoderChecks });
const checkIds = nonEmptyStrings(maxPackets);

/**
 * Reads recorded packets, those of a capture that runs included. Any number may be open on one directory. All work is
 * done off the event loop.
 */
export class PacketStore {
  readonly #addon: Addon;
  readonly #directory: string;
  readonly #decoder: DecoderOptions;

  /**
   * @param directory as in RecordingOptions
   * @param decoder as the capture decodes
   * @throws NativeError `bad_argument`, `addon_missing`
   */
  constructor(directory: string, decoder: DecoderOptions = {}) {
    nonEmptyString('directory', directory);
    checkDecoderOptions('decoder', decoder);
    this.#addon = loadAddon();
    this.#directory = directory;
    this.#decoder = decoder;
  }

  /**
   * Packets, newest first by their place on disk, and where the next page begins.
   * @throws (as rejection) NativeError `bad_argument`, `packet_not_found` (`before` is no packet id), `segment_damaged`
   */
  async page(options: PacketListOptions): Promise<PacketPage> {
    checkListOptions('options', options);
    return callNative(async () => this.#addon.storePage(this.#directory, options, this.#decoder));
  }

  /** The packets of page(). */
  async list(options: PacketListOptions): Promise<PacketRow[]> {
    return (await this.page(options)).packets;
  }

  /**
   * One packet with its dissection and bytes.
   * @throws (as rejection) NativeError `packet_not_found`, `packet_evicted`, `segment_damaged`
   */
  async detail(id: string): Promise<PacketDetail> {
    nonEmptyString('id', id);
    const { data, ...detail } = await callNative(async () =>
      this.#addon.storeDetail(this.#directory, id, this.#decoder),
    );
    return { ...detail, hex: data.toString('hex'), sha256: createHash('sha256').update(data).digest('hex') };
  }

  /**
   * Packets as a classic pcap with microsecond time stamps, in the order of their recording: those named, or what
   * list() would give.
   * @throws (as rejection) NativeError `several_link_types`, and what list() and detail() throw
   */
  async pcap(selection: string[] | PacketListOptions): Promise<PcapDownload> {
    if (Array.isArray(selection)) {
      checkIds('ids', selection);
      return callNative(async () => this.#addon.storePcapByIds(this.#directory, selection));
    }
    checkListOptions('options', selection);
    return callNative(async () => this.#addon.storePcapByListing(this.#directory, selection, this.#decoder));
  }

  /**
   * Packets of a time range in the order of their place, as a file. Segments that cannot be read and those that are
   * evicted first are left out and told.
   * @throws NativeError `bad_argument`
   */
  export(options: PacketExportOptions): PacketExport {
    return openExport({ directory: this.#directory }, options, this.#decoder);
  }

  /**
   * How many packets an export would hold, and its size by format.
   * @throws NativeError `bad_argument`
   */
  measure(options: Omit<PacketExportOptions, 'format'>): PacketMeasure {
    return openMeasure({ directory: this.#directory }, options, this.#decoder);
  }

  /**
   * Brings the directory into order after a crash: open segments are completed to their last whole block, missing
   * indexes made anew. Only while nobody records into it.
   * @throws (as rejection) NativeError `segment_damaged`
   */
  async recover(sensor: number): Promise<PacketRecovery> {
    integer(0, 2 ** 32 - 1)('sensor', sensor);
    return callNative(async () => this.#addon.storeRecover(this.#directory, sensor));
  }

  /** Segments, as the core lists them; the open one included. */
  async segments(): Promise<SegmentRow[]> {
    return callNative(async () => this.#addon.storeSegments(this.#directory));
  }

  async totals(): Promise<PacketTotals> {
    return callNative(async () => this.#addon.storeTotals(this.#directory));
  }
}
