import { flowFields, type FlowRecord } from '@wireglass/native';
import { makeRecord, seededNumbers } from './test-batches.js';

const addresses = [
  '10.1.2.3',
  '10.1.200.4',
  '10.2.0.1',
  '192.0.2.7',
  '0.0.0.0',
  '255.255.255.255',
  '2001:db8::1',
  '2001:db8:1::ffff',
  'fe80::1',
  '::',
  '::1',
  'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
];

const macs = ['00:00:00:00:00:00', '00:1a:2b:3c:4d:5e', 'ff:ff:ff:ff:ff:ff'];
const names = [
  '',
  'example.com',
  'WWW.Example.COM',
  'www.example.org',
  'münchen.example',
  '\u{1F600}',
  '"a,b"',
  'x'.repeat(255),
];

/** Records of few different values, so that filters and ties hit; the same for the same seed. */
export function randomRecords(seed: number, count: number): FlowRecord[] {
  const number = seededNumbers(seed);
  const one = <Value>(values: readonly Value[]): Value => values[number(values.length)] as Value;
  const enumValue = (name: keyof FlowRecord): string =>
    one(flowFields.find((field) => field.name === name)?.values ?? []);
  return Array.from({ length: count }, (_, index) => {
    const start = 1_700_000_000_000_000_000n + BigInt(number(1_000)) * 1_000_000n;
    return makeRecord({
      flow_id: String(1_000n + BigInt(Math.floor(index / 2))),
      record_index: index % 2,
      start_ns: start.toString(),
      end_ns: (start + BigInt(number(5)) * 1_000_000_000n).toString(),
      src_addr: one(addresses),
      dst_addr: one(addresses),
      src_port: one([0, 22, 80, 443, 40_000, 65_535]),
      dst_port: one([0, 22, 80, 443, 40_000, 65_535]),
      protocol: one([1, 6, 17, 58, 132]),
      vlan_id: one([0, 7, 100]),
      customer_vlan_id: one([0, 7]),
      overlay: enumValue('overlay') as FlowRecord['overlay'],
      tenant_id: one([0, 42, 16_777_215]),
      outer_src_addr: one(addresses),
      outer_dst_addr: one(addresses),
      packets: number(20),
      bytes: one([0, 999, 1_000, 1_000_000, Number.MAX_SAFE_INTEGER]),
      rev_bytes: number(3_000),
      tcp_flags: number(256),
      end_reason: enumValue('end_reason') as FlowRecord['end_reason'],
      biflow_direction: enumValue('biflow_direction') as FlowRecord['biflow_direction'],
      flow_layer: enumValue('flow_layer') as FlowRecord['flow_layer'],
      src_mac: one(macs),
      dst_mac: one(macs),
      sampling_rate: one([1, 100]),
      rev_tcp_retransmitted: number(3),
      dns_query: one(names),
      tls_sni: one(names),
      http_status: one([0, 200, 404]),
      inner_vlan_id: one([0, 7]),
      inner_customer_vlan_id: one([0, 8]),
    });
  });
}

const patterns = [
  '',
  'example',
  'EXAMPLE',
  '^www.',
  '.com$',
  '^example.com$',
  '^$',
  'Ü',
  'ü',
  '\u{1F600}',
  '"',
  '%',
  '_',
];

/** A random filter expression over what randomRecords makes. */
export function randomFilter(number: (limit: number) => number, depth = 3): string {
  const one = <Value>(values: readonly Value[]): Value => values[number(values.length)] as Value;
  if (depth > 0 && number(3) > 0) {
    const inner = (): string => randomFilter(number, depth - 1);
    return one([
      () => `(${inner()} and ${inner()})`,
      () => `(${inner()} or ${inner()})`,
      () => `not ${inner()}`,
    ])();
  }
  const side = one(['', 'src ', 'dst ']);
  const address = one(addresses);
  const bits = address.includes(':') ? 128 : 32;
  const operator = one(['=', '!=', '<', '<=', '>', '>=']);
  return one([
    () => `${side}host ${address}`,
    () => `${side}net ${address}/${number(bits + 1)}`,
    () => `${side}port ${one(['443', '22-80', '0', '80-65535'])}`,
    () => one(['tcp', 'udp', 'icmp', 'icmp6', 'sctp', 'ip', 'ip6', 'tcp dst port 443']),
    () => `vlan ${one([0, 7])}`,
    () => `tenant ${one([0, 42])}`,
    () => `overlay ${one(['lisp', 'none', '!= gre'])}`,
    () => `end_reason ${one(['=', '!='])} active_timeout`,
    () => `bytes ${operator} ${one(['1k', '1M', '0', '999'])}`,
    () => `tcp_flags ${operator} 0x${number(256).toString(16)}`,
    () => `flow_id ${operator} ${1_000 + number(100)}`,
    () => `start_ns ${operator} ${1_700_000_000_000_000_000n + BigInt(number(1_000)) * 1_000_000n}`,
    () => `outer_src_addr ${operator} ${address}`,
    () => `src_addr ${one(['=', '!='])} ${address}/${number(bits + 1)}`,
    () => `src_mac ${one(['=', '!='])} ${one(macs)}`,
    () => `ether ${one(['', 'src ', 'dst ', 'host ', 'src host '])}${one(macs)}`,
    () => `dns_query ${one(['=', '!='])} '${one(names)}'`,
    () => `tls_sni ${one(['~', '!~'])} '${one(patterns)}'`,
    () => `http_status ${operator} ${one([0, 200, 404])}`,
    () => `flow_layer = ${one(['innermost', 'outer'])}`,
  ])();
}
