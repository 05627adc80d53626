import type { FilePacketRow } from '@wireglass/native';
import type { PcapRecord } from './pcap-records.js';

/** What stands in front of a packet by pcap-filter's own reading: link header, VLAN tags, then IP or something else. */
export interface Outermost {
  vlans: number[];
  /** the EtherType behind the tags; 0 where the link has none */
  ethertype: number;
  /** of what follows the link header and its tags */
  offset: number;
}

const vlanTypes = new Set([0x8100, 0x88a8, 0x9100]);
const extensionHeaders = new Set([0, 43, 44, 51, 60, 135, 139, 140]);
/** protocols with ports that pcap-filter's `port` does not look at: DCCP, UDP-Lite */
const otherPorts = new Set([33, 136]);

/** Link types that this reads by itself: Ethernet, raw IP. */
export const knownLinkTypes = new Set([1, 12, 14, 101, 228, 229]);

export function outermost(linkType: number, { data }: PcapRecord): Outermost | null {
  if (linkType !== 1) {
    const version = (data[0] ?? 0) >> 4;
    return { vlans: [], ethertype: version === 4 ? 0x0800 : version === 6 ? 0x86dd : 0, offset: 0 };
  }
  const found: Outermost = { vlans: [], ethertype: 0, offset: 14 };
  if (data.length < 14) return null;
  for (found.ethertype = data.readUInt16BE(12); vlanTypes.has(found.ethertype); found.offset += 4) {
    if (data.length < found.offset + 4) return null;
    found.vlans.push(data.readUInt16BE(found.offset) & 0xfff);
    found.ethertype = data.readUInt16BE(found.offset + 2);
  }
  return found;
}

function ipv4Reason(data: Buffer, at: number): string | null {
  if (data.length < at + 20 || (data[at] ?? 0) >> 4 !== 4) return 'IP header cut or malformed';
  const header = ((data[at] ?? 0) & 15) * 4;
  const protocol = data[at + 9] ?? 0;
  if (header < 20 || data.length < at + header + 4) return 'IP header cut or malformed';
  const total = data.readUInt16BE(at + 2);
  const laterFragment = (data.readUInt16BE(at + 6) & 0x1fff) !== 0;
  // within the IP packet, not only within the frame
  if (total !== 0 && !laterFragment && total < header + 4) return 'IP packet ends before its ports';
  if (protocol === 51) return 'authentication header in IPv4: ours looks behind it';
  if (otherPorts.has(protocol)) return 'DCCP, UDP-Lite: pcap-filter knows no ports of theirs';
  return protocol === 58 ? 'ICMPv6 in IPv4' : null;
}

function ipv6Reason(data: Buffer, at: number): string | null {
  if (data.length < at + 44 || (data[at] ?? 0) >> 4 !== 6) return 'IP header cut or malformed';
  const next = data[at + 6] ?? 0;
  if (extensionHeaders.has(next)) return 'IPv6 extension headers: ours looks behind them';
  if (data.readUInt16BE(at + 4) < 4) return 'IP packet ends before its ports';
  if (otherPorts.has(next)) return 'DCCP, UDP-Lite: pcap-filter knows no ports of theirs';
  return next === 1 ? 'ICMP in IPv6' : null;
}

function arpReason(data: Buffer, at: number): string | null {
  if (data.length < at + 28) return 'ARP cut short';
  return data.readUInt32BE(at + 2) === 0x08000604 ? null : 'ARP for other hardware or protocols';
}

/** Why our reading of a packet's outermost headers and pcap-filter's are not the same; null where they are. */
export function outermostReason(linkType: number, record: PcapRecord, row: FilePacketRow): string | null {
  const found = outermost(linkType, record);
  if (found === null) return 'shorter than its link header';
  switch (found.ethertype) {
    case 0x0800:
      return ipv4Reason(record.data, found.offset);
    case 0x86dd:
      return ipv6Reason(record.data, found.offset);
    case 0x0806:
    case 0x8035:
      return arpReason(record.data, found.offset);
    default:
      return row.src_addr === null ? null : 'IP behind headers that pcap-filter does not pass by itself';
  }
}

/** The same for the innermost headers, which pcap-filter does not see. */
export function innermostReason(linkType: number, record: PcapRecord, row: FilePacketRow): string | null {
  if (row.overlay !== null) return 'tunnel: ours looks inside';
  if ((outermost(linkType, record)?.vlans.length ?? 0) > 0) return 'VLAN tag: ours looks behind it';
  return outermostReason(linkType, record, row);
}
