import { spawnSync } from 'node:child_process';

/** What tshark reads in the innermost IP packet of a frame; null where the frame has none. */
export interface InnerFields {
  src_addr: string | null;
  dst_addr: string | null;
  src_port: number | null;
  dst_port: number | null;
  ip_protocol: number | null;
  tenant_id: number | null;
}

/** Protocols of IANA's list whose number follows from tshark's name. */
const protocolNumbers: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  gre: 47,
  esp: 50,
  icmpv6: 58,
  ospf: 89,
  pim: 103,
  sctp: 132,
  udplite: 136,
};

/** tshark's name of a transport → the fields of its ports. */
const portFields: Readonly<Record<string, string>> = {
  tcp: 'tcp',
  udp: 'udp',
  udplite: 'udp',
  sctp: 'sctp',
  dccp: 'dccp',
};

/** tshark's name of a tunnel → the field that names its tenant. */
const tenantFields: Readonly<Record<string, string>> = {
  vxlan: 'vxlan.vni',
  geneve: 'geneve.vni',
  gtp: 'gtp.teid',
  'lisp-data': 'lisp-data.iid',
  gre: 'gre.key',
  erspan: 'erspan.spanid',
  nsh: 'nsh.spi',
};

const columns = [
  'frame.protocols',
  'ip.src',
  'ip.dst',
  'ip.proto',
  'ipv6.src',
  'ipv6.dst',
  ...[...new Set(Object.values(portFields))].flatMap((name) => [`${name}.srcport`, `${name}.dstport`]),
  ...Object.values(tenantFields),
  'gre.key.call_id',
];

// Each packet by itself, as the decoder sees it: no packet is put together from others.
const preferences = ['ip.defragment:FALSE', 'ipv6.defragment:FALSE', 'tcp.desegment_tcp_streams:FALSE'];

class Frame {
  private readonly values: Map<string, string[]>;
  private readonly layers: string[];

  constructor(line: string) {
    const cells = line.split('\t');
    this.values = new Map(columns.map((name, index) => [name, cells[index] ? cells[index].split(',') : []]));
    const all = (this.values.get('frame.protocols')?.[0] ?? '').split(':');
    // What an ICMP error quotes crossed the wire elsewhere.
    const quote = all.findIndex((name) => name === 'icmp' || name === 'icmpv6');
    this.layers = quote < 0 ? all : all.slice(0, quote + 1);
  }

  private occurrence(field: string, layer: string, end: number): string | null {
    const index = this.layers.slice(0, end).filter((name) => name === layer).length - 1;
    return index < 0 ? null : (this.values.get(field)?.[index] ?? null);
  }

  inner(): InnerFields {
    const at = Math.max(this.layers.lastIndexOf('ip'), this.layers.lastIndexOf('ipv6'));
    const version = this.layers[at] ?? '';
    const behind = this.layers.slice(at + 1).find((name) => name in protocolNumbers || name in portFields);
    const transport = at >= 0 && behind !== undefined && behind in portFields ? behind : '';
    const number = (text: string | null): number | null => (text === null ? null : Number(text));
    const end = this.layers.length;
    const port = (which: string): number | null =>
      transport === '' ? null : number(this.occurrence(`${portFields[transport]}.${which}`, transport, end));
    return {
      src_addr: this.occurrence(`${version}.src`, version, end),
      dst_addr: this.occurrence(`${version}.dst`, version, end),
      src_port: port('srcport'),
      dst_port: port('dstport'),
      ip_protocol:
        version === 'ip' && !this.layers.includes('ah')
          ? number(this.occurrence('ip.proto', 'ip', end))
          : behind === undefined
            ? null
            : (protocolNumbers[behind] ?? null),
      tenant_id: this.tenant(at),
    };
  }

  /** Of the innermost tunnel around the innermost IP header. */
  private tenant(innermost: number): number | null {
    const outside = this.layers.slice(0, Math.max(innermost, 0));
    const carrier = Math.max(outside.lastIndexOf('ip'), outside.lastIndexOf('ipv6'));
    const tunnels = outside.slice(carrier + 1).filter((name) => name in tenantFields);
    // ERSPAN's header follows GRE's and has the tenant; other tunnels in one IP packet are named by the first header.
    const tunnel = tunnels.includes('erspan') ? 'erspan' : tunnels[0];
    if (carrier < 0 || tunnel === undefined) return null;
    const isPptp = tunnel === 'gre' && (this.values.get('gre.key.call_id')?.length ?? 0) > 0;
    const field = isPptp ? 'gre.key.call_id' : (tenantFields[tunnel] ?? '');
    const told = this.values.get(field)?.length ?? 0;
    if (told === 0) return 0;
    // Of several headers only some have the field, and nothing says which.
    if (told !== this.layers.filter((name) => name === tunnel).length) return null;
    return Number(this.occurrence(field, tunnel, innermost));
  }
}

/** Every frame of a capture file, in order, as tshark reads it. */
export function tsharkInner(path: string): InnerFields[] {
  const options = preferences.flatMap((preference) => ['-o', preference]);
  const fields = columns.flatMap((name) => ['-e', name]);
  const run = spawnSync('tshark', ['-n', '-r', path, ...options, '-T', 'fields', ...fields], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const lines = run.stdout.split('\n');
  return lines.slice(0, -1).map((line) => new Frame(line).inner());
}
