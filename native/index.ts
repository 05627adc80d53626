/**
 * The core's typed face. Arguments are checked here; errors that the core reports are `NativeError`s whose `code` the
 * API hands on.
 */
export * from './types.js';
export * from './generated/flow-fields.js';
export { maxHeaders, maxIpLayers, type DecoderOptions } from './decoder-options.js';
export { maxWorkers } from './engine-options.js';
export { NativeError } from './errors.js';
export { captureBackends, Engine, type Subscription } from './engine.js';
export { listFilePackets } from './file-packets.js';
export { exportFiles, type PacketExport, type PacketMeasure } from './packet-export.js';
export { PacketStore } from './packet-store.js';
export {
  maxPortsPerProtocol,
  sharedPort,
  udpProtocols,
  type UdpPorts,
  type UdpProtocol,
} from './udp-ports.js';
export { writeTrafficFile, type TrafficFileOptions } from './traffic.js';
