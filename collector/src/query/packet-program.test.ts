import { packetFields } from '../model/packet-fields.js';
import { packetFilter } from './packet-program.js';
import { parseFilter } from './parse-filter.js';

const v4 = (hex: string): string => `00000000000000000000ffff${hex}`;

function refusal(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was not refused');
}

describe('packetFilter', () => {
  it.each([
    ['host 10.0.0.1', `address inner any ${v4('0a000001')} ${v4('0a000001')}`],
    ['src net 10.0.0.0/8', `address inner src ${v4('0a000000')} ${v4('0affffff')}`],
    ['dst port 443', 'port inner dst 443 443'],
    ['portrange 8000-8080', 'port inner any 8000 8080'],
    ['tcp port 80', 'and 2 protocol inner 6 port inner any 80 80'],
    ['ip6', 'ip_version inner 6'],
    ['not ip', 'not ip_version inner 4'],
    ['vlan 7', 'number inner vlan_id = 7'],
    ['tenant 5001', 'number inner tenant_id = 5001'],
    ['overlay vxlan', 'number inner overlay = 2'],
    ['less 100', 'number inner original_length <= 100'],
    ['greater 1.5k', 'number inner original_length >= 1500'],
    ['ether src 00:11:22:33:44:55', 'number inner src_mac = 73588229205'],
    ['outer udp', 'protocol outer 17'],
    [
      'outer (host ::1 or port 53) and udp',
      `and 2 or 2 address outer any ${'0'.repeat(31)}1 ${'0'.repeat(31)}1 port outer any 53 53 protocol inner 17`,
    ],
    ['time_ns >= 2026-11-22T03:00:00Z', 'number inner time_ns >= 1795316400000000000'],
    ['decode_status = truncated', 'number inner decode_status = 3'],
    ['interface ~ "^eth"', 'text inner interface begins 657468'],
    ['interface != ""', 'not text inner interface equals -'],
    ['src_addr < 10.0.0.1', `range inner src_addr < ${v4('0a000001')} ${v4('0a000001')}`],
    ['tcp or udp or sctp', 'or 3 protocol inner 6 protocol inner 17 protocol inner 132'],
  ])('compiles %s', (text, program) => {
    expect(packetFilter(text)).toBe(`packet_filter_1 ${program}`);
  });

  it.each([
    ['tcp_rtt_us > 5', 1, /tcp_rtt_us is a field of flows: packets have none/],
    ['tcp and tls_sni = "x"', 9, /tls_sni is a field of flows: packets have none/],
    ['flow_id = 1', 1, /packets have none/],
    ['start_ns > 5', 1, /packets have time_ns/],
    ['rev_bytes > 5', 1, /packets have bytes/],
    ['ttl_min = 1', 1, /packets have ttl/],
    ['rev_dscp_max = 1', 1, /packets have dscp/],
    ['packet_bytes_max > 1500', 1, /packets have bytes/],
    ['ingress_interface = 1', 1, /packets have interface/],
    ['outer tcp_flags = 2', 7, /innermost headers only/],
    ['outer (tcp or overlay lisp)', 23, /innermost headers only/],
    ['bytes > 5G', 9, /expected a number from 0 to 4294967295/],
    ['capture_length > 5', 1, /did you mean captured_length/],
  ])('refuses %s', (text, column, reason) => {
    expect(refusal(() => packetFilter(text))).toMatchObject({ code: 'bad_filter', details: { column } });
    expect(refusal(() => packetFilter(text)).message).toMatch(reason);
  });

  it('makes long chains wide, not deep', () => {
    const program = packetFilter(Array.from({ length: 300 }, (_, port) => `port ${port}`).join(' or '));
    expect(program).toMatch(/^packet_filter_1 or 300 port inner any 0 0 port/);
  });
});

describe('parseFilter', () => {
  it.each([
    ['time_ns > 5', 1, /time_ns is a field of packets/],
    ['less 100', 6, /original_length is a field of packets/],
    ['tcp and outer udp', 9, /outer is for packets; flows have outer_src_addr/],
  ])('refuses %s, which is for packets', (text, column, reason) => {
    expect(refusal(() => parseFilter(text))).toMatchObject({ code: 'bad_filter', details: { column } });
    expect(refusal(() => parseFilter(text)).message).toMatch(reason);
  });
});

it('knows no field of packets twice', () => {
  expect(new Set(packetFields.map(({ name }) => name)).size).toBe(packetFields.length);
});
