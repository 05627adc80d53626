import { loadAddon } from './addon.js';
import { integer, nonEmptyString, object, oneOf } from './arguments.js';
import { trafficKinds, trafficProperties } from './engine-options.js';
import { callNative } from './errors.js';

/** What the generator makes; the same options give the same bytes. Absent ones have the generator's defaults. */
export interface TrafficFileOptions {
  profile: (typeof trafficKinds)[number];
  seed?: number;
  /** at least 1: a file ends */
  packets?: number;
  /** unidirectional 5-tuples (ordinary) */
  flows?: number;
  /** exponent of the flow-size law, 0: all alike */
  zipf?: number;
  /** small (64) | imix (7:4:1 of 64, 570, 1514) | large (1514) | fixed:LEN */
  sizes?: string;
  ipv6Percent?: number;
  tcpPercent?: number;
  udpPercent?: number;
  vlanPercent?: number;
  /** bytes kept of a packet */
  snaplen?: number;
  bidirectional?: boolean;
  synOnly?: boolean;
  /** of trace time */
  packetsPerSecond?: number;
  startNs?: bigint;
}

/** The truth about what was made: counters by name, as the core's TrafficLedger describes them. */
export type TrafficLedger = Readonly<Record<string, number>>;

const maxPackets = 1_000_000_000;
const checkTrafficFileOptions = object({
  required: { profile: oneOf(trafficKinds) },
  optional: { ...trafficProperties, packets: integer(1, maxPackets) },
});

/**
 * Writes generated traffic as a classic pcap and tells the truth about it.
 * @throws (as rejection) NativeError `bad_argument`, `bad_traffic_profile`, `output_unwritable`
 */
export async function writeTrafficFile(path: string, options: TrafficFileOptions): Promise<TrafficLedger> {
  nonEmptyString('path', path);
  checkTrafficFileOptions('options', options);
  const ledger = await callNative(async () => loadAddon().writeTraffic(path, options));
  return JSON.parse(ledger) as TrafficLedger;
}
