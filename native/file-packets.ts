import { loadAddon } from './addon.js';
import { integer, nonEmptyString, object } from './arguments.js';
import { decoderChecks, type DecoderOptions } from './decoder-options.js';
import { callNative } from './errors.js';
import type { FilePacketRow } from './types.js';

const maxFilePackets = 1_000_000;
const checkLimit = integer(1, maxFilePackets);
const checkDecoder = object({ optional: decoderChecks });

/**
 * The first packets of a capture file, each decoded by itself: of a fragmented packet only the first fragment shows
 * ports.
 * @throws (as rejection) NativeError `bad_argument`, `not_a_capture_file`, `input_unreadable`
 */
export async function listFilePackets(
  path: string,
  limit: number,
  decoder: DecoderOptions = {},
): Promise<FilePacketRow[]> {
  nonEmptyString('path', path);
  checkLimit('limit', limit);
  checkDecoder('decoder', decoder);
  return callNative(async () => loadAddon().listFile(path, limit, decoder));
}
