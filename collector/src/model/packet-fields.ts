import { flowFields, type FlowField } from '@wireglass/native';

/** A field that filters of packets compare; the core has the same table with what reads each. */
export interface PacketField extends Pick<FlowField, 'type' | 'values' | 'meaning'> {
  name: PacketFieldName;
  /**
   * packet: one per packet; layer: each IP or Ethernet header has its own, and `outer` asks for the outermost one;
   * innermost: known of the innermost headers only
   */
  place: 'packet' | 'layer' | 'innermost';
}

const decodeStatuses = [
  'ok',
  'not_ip',
  'link_type_unsupported',
  'truncated',
  'malformed',
  'too_deep',
  'encrypted',
  'compressed',
  'aggregated',
] as const;

const overlays = flowFields.find(({ name }) => name === 'overlay')?.values ?? [];

const table = {
  time_ns: ['time', 'packet', 'time of capture'],
  captured_length: ['u32', 'packet', 'bytes that were kept'],
  original_length: ['u32', 'packet', 'bytes on the wire'],
  interface: ['string', 'packet', 'name of the interface that captured it'],
  decode_status: ['enum', 'packet', '`ok`, or why the packet makes no flow'],
  vlan_id: ['u16', 'packet', 'outermost VLAN identifier, 0 without a tag'],
  customer_vlan_id: ['u16', 'packet', 'second VLAN identifier, 0 without'],
  inner_vlan_id: ['u16', 'innermost', 'outermost VLAN identifier inside the innermost tunnel, 0 without'],
  inner_customer_vlan_id: ['u16', 'innermost', 'second VLAN identifier there, 0 without'],
  overlay: ['enum', 'innermost', 'innermost tunnel'],
  tenant_id: [
    'u32',
    'innermost',
    'its identifier, whether for both directions or for the packet\u2019s; 0 without',
  ],
  teid: ['u32', 'innermost', 'its identifier where each direction has its own, 0 without'],
  outer_src_addr: ['ip', 'innermost', 'source of that tunnel (LISP: RLOC), :: without'],
  outer_dst_addr: ['ip', 'innermost', 'destination of that tunnel, :: without'],
  src_addr: ['ip', 'layer', 'source address'],
  dst_addr: ['ip', 'layer', 'destination address'],
  src_port: ['u16', 'layer', 'source port, 0 where the packet shows none'],
  dst_port: ['u16', 'layer', 'destination port, 0 where the packet shows none'],
  protocol: ['u8', 'layer', 'upper-layer protocol, behind extension headers'],
  bytes: ['u32', 'layer', 'IP octets from the IP header on, as the header tells'],
  ttl: ['u8', 'layer', 'time to live or hop limit'],
  dscp: ['u8', 'layer', 'differentiated services code point'],
  src_mac: ['mac', 'layer', 'source of the Ethernet header, 0 without'],
  dst_mac: ['mac', 'layer', 'destination of the Ethernet header, 0 without'],
  tcp_flags: ['u8', 'innermost', 'TCP control bits, 0 for other protocols'],
  icmp_type_code: ['u16', 'innermost', 'ICMP type times 256 plus code, 0 for other protocols'],
} as const satisfies Record<string, readonly [FlowField['type'], PacketField['place'], string]>;

export type PacketFieldName = keyof typeof table;

const valuesOf: Partial<Record<PacketFieldName, readonly string[]>> = {
  decode_status: decodeStatuses,
  overlay: overlays,
};

export const packetFields: readonly PacketField[] = (Object.keys(table) as PacketFieldName[]).map((name) => {
  const [type, place, meaning] = table[name];
  const values = valuesOf[name];
  return { name, type, place, meaning, ...(values === undefined ? {} : { values }) };
});

/** What to ask of packets instead of a field that only flows have; where nothing is near, they have none. */
export function packetFieldInstead(flowField: string): PacketFieldName | null {
  if (/^(start|end)_ns$/.test(flowField)) return 'time_ns';
  if (flowField === 'ingress_interface') return 'interface';
  const one = flowField.replace(/^rev_/, '').replace(/^packet_bytes_m(in|ax)$/, 'bytes');
  const name = one.replace(/^(ttl|dscp)_m(in|ax)$/, '$1');
  return Object.hasOwn(table, name) ? (name as PacketFieldName) : null;
}
