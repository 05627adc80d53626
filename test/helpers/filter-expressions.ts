import type { FilePacketRow } from '@wireglass/native';
import type { Pcap } from './pcap-records.js';

/** A seeded generator (Mulberry32): the same expressions in every run. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Values that occur in a file. */
interface Values {
  addresses: string[];
  ports: number[];
  macs: string[];
  lengths: number[];
}

const macText = (octets: Buffer): string => octets.toString('hex').replace(/(..)(?!$)/g, '$1:');

function valuesOf(pcap: Pcap, rows: readonly FilePacketRow[]): Values {
  const addresses = rows.flatMap(({ src_addr, dst_addr, outer_src_addr, outer_dst_addr }) =>
    [src_addr, dst_addr, outer_src_addr, outer_dst_addr].filter((text) => text !== null && text !== '::'),
  ) as string[];
  const ports = rows.flatMap(({ src_port, dst_port }) => [src_port, dst_port]).filter(Boolean) as number[];
  const macs =
    pcap.linkType === 1
      ? pcap.records.flatMap(({ data }) =>
          data.length < 12 ? [] : [macText(data.subarray(0, 6)), macText(data.subarray(6, 12))],
        )
      : [];
  const unique = <Value>(values: Value[]): Value[] => [...new Set(values)];
  return {
    addresses: unique([...addresses, '10.11.12.13']),
    ports: unique([...ports, 80]),
    macs: unique(macs),
    lengths: unique(pcap.records.map(({ length }) => length)),
  };
}

function network(address: string, random: () => number): string {
  if (address.includes(':')) {
    const length = [16, 32, 48, 64][Math.floor(random() * 4)] ?? 64;
    const [head = '', tail = ''] = address.split('::');
    const words = head === '' ? [] : head.split(':');
    const behind = tail === '' ? [] : tail.split(':');
    if (tail.includes('.') || head.includes('.')) return `${address}/128`;
    const zeros = address.includes('::') ? 8 - words.length - behind.length : 0;
    const all = [...words, ...Array<string>(zeros).fill('0'), ...behind];
    return `${all.slice(0, length / 16).join(':')}::/${length}`;
  }
  const length = 4 + Math.floor(random() * 29);
  const number = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** (32 - length);
  const first = Math.floor(number / size) * size;
  return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')}/${length}`;
}

/** Generates expressions that mean the same in both languages, written the same. */
export class Expressions {
  private readonly values: Values;

  constructor(
    pcap: Pcap,
    rows: readonly FilePacketRow[],
    private readonly random: () => number,
  ) {
    this.values = valuesOf(pcap, rows);
  }

  private pick<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.random() * values.length)] as Value;
  }

  private side(): string {
    return this.pick(['', 'src ', 'dst ']);
  }

  private condition(): string {
    const { addresses, ports, macs, lengths } = this.values;
    const port = this.pick(ports);
    const kinds: (() => string)[] = [
      () => `${this.side()}host ${this.pick(addresses)}`,
      () => `${this.pick(['src', 'dst'])} ${this.pick(addresses)}`,
      () => `${this.side()}net ${network(this.pick(addresses), this.random)}`,
      () => `${this.side()}port ${port}`,
      () => `${this.side()}portrange ${Math.max(1, port - 50)}-${Math.min(65_535, port + 500)}`,
      () => `${this.pick(['tcp', 'udp', 'sctp'])} ${this.side()}port ${port}`,
      () => this.pick(['tcp', 'udp', 'sctp', 'icmp', 'icmp6', 'ip', 'ip6']),
      () => `proto ${this.pick([1, 2, 4, 6, 17, 41, 47, 50, 58, 89, 132])}`,
      () => `${this.pick(['less', 'greater'])} ${this.pick(lengths)}`,
    ];
    if (macs.length > 0) kinds.push(() => `ether ${this.pick(['host', 'src', 'dst'])} ${this.pick(macs)}`);
    return this.pick(kinds)();
  }

  /** Joined by parentheses: pcap-filter gives `and` and `or` the same rank. */
  next(depth = 0): string {
    if (depth === 3 || this.random() < 0.35) return this.condition();
    if (this.random() < 0.3) return `not (${this.next(depth + 1)})`;
    return `(${this.next(depth + 1)}) ${this.pick(['and', 'or'])} (${this.next(depth + 1)})`;
  }
}
