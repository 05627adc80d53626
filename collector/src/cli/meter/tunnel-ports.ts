import {
  maxPortsPerProtocol,
  sharedPort,
  udpProtocols,
  type UdpPorts,
  type UdpProtocol,
} from '@wireglass/native';
import { InvalidArgumentError } from 'commander';
import { hint } from '../../model/nearest.js';

export const tunnelNames = Object.keys(udpProtocols);

function portsOf(protocol: string, text: string): number[] {
  if (text === 'none') return [];
  const ports = text.split(',').map((part) => (/^\d{1,5}$/.test(part) ? Number(part) : NaN));
  if (ports.length > maxPortsPerProtocol)
    throw new InvalidArgumentError(`${protocol} has more than ${maxPortsPerProtocol} ports.`);
  if (!ports.every((port) => port >= 1 && port <= 65_535))
    throw new InvalidArgumentError(`expected ports from 1 to 65535 with commas, or none, got "${text}".`);
  return [...new Set(ports)];
}

/** Reads one `--tunnel-port vxlan=4789,8472` and adds it to those before it. */
export function parseTunnelPort(text: string, before: UdpPorts = {}): UdpPorts {
  const [, name, list] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  if (name === undefined || list === undefined)
    throw new InvalidArgumentError('expected a protocol and its ports, such as vxlan=4789,8472.');
  if (!tunnelNames.includes(name))
    throw new InvalidArgumentError(
      `"${name}" has no ports${hint(name, tunnelNames) || `; these have: ${tunnelNames.join(', ')}`}`,
    );
  return { ...before, [name as UdpProtocol]: portsOf(name, list) };
}

/** Why these ports cannot go together; null when they can. */
export function portConflict(ports: UdpPorts | undefined): string | null {
  const shared = sharedPort(ports ?? {});
  if (shared === undefined) return null;
  const [one, other] = shared.protocols;
  return `port ${shared.port} would be that of ${one} and of ${other}: give one of them other ports, or none`;
}
