import type { FlowField, FlowRecord } from '@wireglass/native';
import { protocolNumbers } from '../../query/names.js';
import { humanBytes, humanCount, humanMicros, humanSeconds, humanTime } from './human.js';

/** A column of the table of records. */
export interface TableColumn {
  header: string;
  right?: boolean;
  /** `filled`: only where a record has something to show there; `wide`: only where --wide asks for it, and filled */
  shown: 'always' | 'filled' | 'wide';
  cell: (record: FlowRecord) => string;
}

const protocolNames = new Map(Object.entries(protocolNumbers).map(([name, number]) => [number, name]));
export const protocolName = (number: number): string => protocolNames.get(number) ?? String(number);

function endpoint(record: FlowRecord, end: 'src' | 'dst'): string {
  const [address, port] = [record[`${end}_addr`], record[`${end}_port`]];
  if (record.src_port === 0 && record.dst_port === 0) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

const durationSeconds = (record: FlowRecord): number =>
  Number(BigInt(record.end_ns) - BigInt(record.start_ns)) / 1e9;

const isTunnelled = ({ overlay }: FlowRecord): boolean => overlay !== 'none';
const nonZero = (value: number): string => (value === 0 ? '' : String(value));
const flagLetters = 'FSRPAUEC';

/** `SA` for SYN and ACK, `.` for none. */
export function tcpFlags(flags: number): string {
  const letters = [...flagLetters].filter((_, bit) => (flags & (1 << bit)) !== 0).join('');
  return letters === '' ? '.' : letters;
}

/** A figure of each direction, `3/0`; nothing where both are 0. */
const bothWays = (forward: number, reverse: number): string =>
  forward === 0 && reverse === 0 ? '' : `${forward}/${reverse}`;

const noMac = '00:00:00:00:00:00';

const always: readonly TableColumn[] = [
  { header: 'START', shown: 'always', cell: ({ start_ns }) => humanTime(BigInt(start_ns)) },
  { header: 'DURATION', right: true, shown: 'always', cell: (it) => humanSeconds(durationSeconds(it)) },
  { header: 'PROTO', shown: 'always', cell: ({ protocol }) => protocolName(protocol) },
  { header: 'SOURCE', shown: 'always', cell: (it) => endpoint(it, 'src') },
  { header: 'DESTINATION', shown: 'always', cell: (it) => endpoint(it, 'dst') },
  { header: 'PACKETS', right: true, shown: 'always', cell: ({ packets }) => humanCount(packets) },
  { header: 'BYTES', right: true, shown: 'always', cell: ({ bytes }) => humanBytes(bytes) },
  { header: 'REV PACKETS', right: true, shown: 'always', cell: ({ rev_packets }) => humanCount(rev_packets) },
  { header: 'REV BYTES', right: true, shown: 'always', cell: ({ rev_bytes }) => humanBytes(rev_bytes) },
];

const whereFilled: readonly TableColumn[] = [
  { header: 'LAYER', shown: 'filled', cell: ({ flow_layer }) => (flow_layer === 'outer' ? 'outer' : '') },
  {
    header: 'SAMPLED',
    shown: 'filled',
    cell: ({ sampling_rate }) => (sampling_rate > 1 ? `1:${sampling_rate}` : ''),
  },
  { header: 'VLAN', shown: 'filled', cell: ({ vlan_id }) => nonZero(vlan_id) },
  { header: 'OVERLAY', shown: 'filled', cell: (it) => (isTunnelled(it) ? it.overlay : '') },
  { header: 'TENANT', shown: 'filled', cell: (it) => (isTunnelled(it) ? String(it.tenant_id) : '') },
  {
    header: 'OUTER',
    shown: 'filled',
    cell: (it) => (isTunnelled(it) ? `${it.outer_src_addr} > ${it.outer_dst_addr}` : ''),
  },
  { header: 'APPLICATION', shown: 'filled', cell: ({ application }) => printable(application) },
  {
    header: 'NAME',
    shown: 'filled',
    cell: ({ tls_sni, http_host, dns_query }) => printable(tls_sni || http_host || dns_query),
  },
];

const whereWide: readonly TableColumn[] = [
  { header: 'SRC MAC', shown: 'wide', cell: ({ src_mac }) => (src_mac === noMac ? '' : src_mac) },
  { header: 'DST MAC', shown: 'wide', cell: ({ dst_mac }) => (dst_mac === noMac ? '' : dst_mac) },
  {
    header: 'FLAGS',
    shown: 'wide',
    cell: (it) => (it.protocol === 6 ? `${tcpFlags(it.tcp_flags)}/${tcpFlags(it.rev_tcp_flags)}` : ''),
  },
  {
    header: 'HANDSHAKE',
    right: true,
    shown: 'wide',
    cell: ({ tcp_handshake_rtt_us: rtt }) => (rtt === 0 ? '' : humanMicros(rtt)),
  },
  {
    header: 'RTT',
    right: true,
    shown: 'wide',
    cell: ({ tcp_rtt_us: rtt, rev_tcp_rtt_us: reverse }) =>
      rtt === 0 && reverse === 0 ? '' : `${humanMicros(rtt)}/${humanMicros(reverse)}`,
  },
  {
    header: 'RETRANSMITTED',
    right: true,
    shown: 'wide',
    cell: (it) => bothWays(it.tcp_retransmitted, it.rev_tcp_retransmitted),
  },
  {
    header: 'OUT OF ORDER',
    right: true,
    shown: 'wide',
    cell: (it) => bothWays(it.tcp_out_of_order, it.rev_tcp_out_of_order),
  },
  { header: 'INITIATOR BY', shown: 'wide', cell: ({ initiator_by }) => initiator_by },
  { header: 'END', shown: 'wide', cell: ({ end_reason }) => end_reason },
];

/** What the table shows where nobody chose columns. */
export const standardColumns = (wide: boolean): readonly TableColumn[] => [
  ...always,
  ...whereFilled,
  ...(wide ? whereWide : []),
];

/** Control characters of a text out of packets: a terminal would obey them. */
export const printable = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- those are what it is about
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '\ufffd');

/** A field's value as people read it. */
export function humanValue(field: FlowField, value: string | number): string {
  if (field.type === 'time') return humanTime(BigInt(value));
  if (typeof value === 'string') return printable(value);
  if (field.name === 'protocol') return protocolName(value);
  if (field.name.endsWith('tcp_flags')) return tcpFlags(value);
  if (field.unit === 'us') return humanMicros(value);
  if (field.role !== 'metric') return String(value);
  return field.unit === 'bytes' ? humanBytes(value) : humanCount(value);
}

export const isNumeric = ({ type }: FlowField): boolean => type.startsWith('u');

/** A column for a field that was chosen. */
export const fieldColumn = (field: FlowField): TableColumn => ({
  header: field.name.toUpperCase(),
  right: isNumeric(field),
  shown: 'always',
  cell: (record) => humanValue(field, record[field.name]),
});
