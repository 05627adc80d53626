import { integer } from './arguments.js';
import { udpPorts, type UdpPorts } from './udp-ports.js';

/** What a DecodedPacket has room for. */
export const maxIpLayers = 6;
export const maxHeaders = 24;

export interface DecoderOptions {
  /** Ports of the protocols that are known by them. */
  udpPorts?: UdpPorts;
  /** IP headers that are followed, 1 to 6; default 6. 1 follows no tunnel. */
  maxIpLayers?: number;
  /** Headers of any kind that are followed, 1 to 24; default 24. */
  maxHeaders?: number;
}

/** Checks of DecoderOptions, by name. */
export const decoderChecks = {
  udpPorts,
  maxIpLayers: integer(1, maxIpLayers),
  maxHeaders: integer(1, maxHeaders),
};
