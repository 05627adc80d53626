import type { AddressPrefix, PacketFilterNode } from '../model/filter.js';
import { parsePacketFilter } from './parse-filter.js';

type Layer = 'inner' | 'outer';

const digits = (half: bigint): string => half.toString(16).padStart(16, '0');
const range = ({ firstHi, firstLo, lastHi, lastLo }: AddressPrefix): string =>
  `${digits(firstHi)}${digits(firstLo)} ${digits(lastHi)}${digits(lastLo)}`;
const hex = (text: string): string => (text === '' ? '-' : Buffer.from(text).toString('hex'));

/** The members of a left-leaning chain `a and b and c \u2026`: long filters make wide programs, not deep ones. */
function members(node: PacketFilterNode & { kind: 'and' | 'or' }): PacketFilterNode[] {
  const found: PacketFilterNode[] = [];
  let rest: PacketFilterNode = node;
  while (rest.kind === node.kind) {
    found.push(rest.right);
    rest = rest.left;
  }
  return [...found, rest].reverse();
}

function words(node: PacketFilterNode, layer: Layer): string {
  switch (node.kind) {
    case 'and':
    case 'or': {
      const operands = members(node);
      return [node.kind, operands.length, ...operands.map((operand) => words(operand, layer))].join(' ');
    }
    case 'not':
      return `not ${words(node.operand, layer)}`;
    case 'outer':
      return words(node.operand, 'outer');
    case 'address':
      return `address ${layer} ${node.side} ${range(node.prefix)}`;
    case 'port':
      return `port ${layer} ${node.side} ${node.low} ${node.high}`;
    case 'protocol':
      return `protocol ${layer} ${node.number}`;
    case 'ip_version':
      return `ip_version ${layer} ${node.version}`;
    case 'compare':
      return `number ${layer} ${node.field} ${node.operator} ${node.value}`;
    case 'compare_address':
      return `range ${layer} ${node.field} ${node.operator} ${range(node.prefix)}`;
    case 'compare_text':
      return `text ${layer} ${node.field} ${node.match} ${hex(node.value)}`;
  }
}

/** The program of core/filter that matches the same packets. */
export const packetProgram = (filter: PacketFilterNode): string =>
  `packet_filter_1 ${words(filter, 'inner')}`;

/** A filter expression over packets as PacketListOptions take it. Throws `bad_filter`. */
export const packetFilter = (text: string): string => packetProgram(parsePacketFilter(text));
