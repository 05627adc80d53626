import { loadAddon, type Addon, type ExportHandle, type ExportSource } from './addon.js';
import { bigint, integer, nonEmptyString, nonEmptyStrings, object, oneOf } from './arguments.js';
import { decoderChecks, type DecoderOptions } from './decoder-options.js';
import { callNative, NativeError } from './errors.js';
import type { PacketExportOptions, PacketExportStep, PacketMeasureStep } from './types.js';

const time = bigint(-(2n ** 63n), 2n ** 63n - 1n);
const selectionChecks = {
  filter: nonEmptyString,
  fromNs: time,
  toNs: time,
  limit: integer(0, Number.MAX_SAFE_INTEGER),
};
const checkExport = object({
  required: { format: oneOf(['pcap', 'pcap_ns', 'pcapng', 'json', 'csv']) },
  optional: selectionChecks,
});
const checkSelection = object({ optional: selectionChecks });
const checkDecoder = object({ optional: decoderChecks });
const maxFiles = 100_000;

/** Steps of one reading: each is asked for when the one before has been dealt with, so that nothing piles up. */
class Steps<Step> {
  readonly #addon: Addon;
  readonly #handle: ExportHandle;
  #closed = false;
  #busy = false;

  constructor(source: ExportSource, decoder: DecoderOptions) {
    this.#addon = loadAddon();
    this.#handle = this.#addon.exportOpen(source, decoder);
  }

  async next(): Promise<Step> {
    if (this.#closed) throw new NativeError('bad_argument', 'The export is closed.');
    if (this.#busy) throw new NativeError('bad_argument', 'The step before has not ended yet.');
    this.#busy = true;
    try {
      return (await callNative(async () => this.#addon.exportNext(this.#handle))) as Step;
    } finally {
      this.#busy = false;
    }
  }

  /** Ends a step that runs soon, and closes what is open. */
  close(): void {
    this.#closed = true;
    this.#addon.exportClose(this.#handle);
  }
}

/**
 * Packets as the bytes of a file, a part of some 256 KiB at a time, made off the event loop. A part may be empty. next()
 * rejects with NativeError `several_link_types`, `segment_damaged`, `input_unreadable`, `not_a_capture_file`.
 */
export class PacketExport extends Steps<PacketExportStep> {}

/** What an export would hold, and its size by format; each step has read further. */
export class PacketMeasure extends Steps<PacketMeasureStep> {}

type Source = Pick<ExportSource, 'directory' | 'paths'>;

/** @throws NativeError `bad_argument` */
export function openExport(
  source: Source,
  options: PacketExportOptions,
  decoder: DecoderOptions,
): PacketExport {
  checkExport('options', options);
  return new PacketExport({ ...options, ...source }, decoder);
}

/** @throws NativeError `bad_argument` */
export function openMeasure(
  source: Source,
  options: Omit<PacketExportOptions, 'format'>,
  decoder: DecoderOptions,
): PacketMeasure {
  checkSelection('options', options);
  return new PacketMeasure({ ...options, ...source, format: 'measure' }, decoder);
}

/**
 * Packets of capture files ("-": standard input), one file behind the other. A pcap is refused (`several_link_types`)
 * where a packet of another link type comes.
 * @throws NativeError `bad_argument`
 */
export function exportFiles(
  paths: string[],
  options: PacketExportOptions,
  decoder: DecoderOptions = {},
): PacketExport {
  nonEmptyStrings(maxFiles)('paths', paths);
  checkDecoder('decoder', decoder);
  return openExport({ paths }, options, decoder);
}
