/** What tshark reads of a capture's application messages, by conversation, and JA4 made anew from its fields. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';

export const APPLICATION_FIELDS = [
  'dns_query',
  'tls_sni',
  'tls_alpn',
  'tls_ja4',
  'http_host',
  'http_method',
  'http_status',
] as const;
export type ApplicationField = (typeof APPLICATION_FIELDS)[number];
export type ApplicationTexts = Partial<Record<ApplicationField, string>>;

/** Key of a conversation without direction. */
export function conversationKey(protocol: number, ends: [string, number][]): string {
  const texts = ends.map(([address, port]) => `${address}|${port}`).sort();
  return `${protocol} ${texts.join(' ')}`;
}

const HELLO = ['tls.handshake', 'dtls.handshake'] as const;
const FIELDS = [
  ...['ip.src', 'ipv6.src', 'ip.dst', 'ipv6.dst', 'tcp.srcport', 'udp.srcport', 'tcp.dstport', 'udp.dstport'],
  ...['frame.protocols', 'dns.qry.name', 'http.host', 'http.request.method', 'http.response.code'],
  ...HELLO.flatMap((prefix) =>
    [
      'type',
      'extensions_server_name',
      'extensions_alpn_str',
      'version',
      'extensions.supported_version',
      'ciphersuite',
      'extension.type',
      'sig_hash_alg',
      'sig_hash_alg_len',
    ].map((name) => `${prefix}.${name}`),
  ),
];

type Row = (name: string) => string[];

function rows(path: string, options: string[]): Row[] {
  const args = ['-n', '-r', path, ...options, '-T', 'fields', '-E', 'separator=\x01', '-E', 'occurrence=a'];
  args.push('-E', 'aggregator=\x02', ...FIELDS.flatMap((field) => ['-e', field]));
  const text = execFileSync('tshark', args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const cells = line.split('\x01');
      return (name) => (cells[FIELDS.indexOf(name)] ?? '').split('\x02').filter(Boolean);
    });
}

const isGrease = (value: number): boolean => (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
const hex4 = (values: number[]): string => values.map((v) => v.toString(16).padStart(4, '0')).join(',');
const hash12 = (text: string): string =>
  text === '' ? '0'.repeat(12) : createHash('sha256').update(text).digest('hex').slice(0, 12);
const count2 = (values: number[]): string => String(Math.min(values.length, 99)).padStart(2, '0');

const VERSIONS: Record<number, string> = {
  ...{ 0x0304: '13', 0x0303: '12', 0x0302: '11', 0x0301: '10', 0x0300: 's3', 0x0002: 's2' },
  ...{ 0xfeff: 'd1', 0xfefd: 'd2', 0xfefc: 'd3' },
};

function alpnEnds(alpn: string): string {
  if (alpn === '') return '00';
  const bytes = Buffer.from(alpn, 'latin1');
  const ends = [bytes[0] ?? 0, bytes[bytes.length - 1] ?? 0].map((byte) => String.fromCharCode(byte));
  if (ends.every((end) => /[0-9A-Za-z]/.test(end))) return ends.join('');
  const digits = bytes.toString('hex');
  return `${digits[0]}${digits[digits.length - 1]}`;
}

const SIGNATURE_ALGORITHMS = 13;
/** The other extensions whose algorithms tshark lists under the same field (RFC 9345, RFC 8446 section 4.2.3). */
const OTHER_ALGORITHMS = [34, 50];

/** Those of signature_algorithms among the algorithms of all extensions. */
function signatureAlgorithms(extensions: number[], algorithms: number[], lengths: number[]): number[] {
  const lists = extensions.filter((type) => [SIGNATURE_ALGORITHMS, ...OTHER_ALGORITHMS].includes(type));
  const at = lists.indexOf(SIGNATURE_ALGORITHMS);
  const start = lengths.slice(0, at).reduce((sum, bytes) => sum + bytes / 2, 0);
  return at < 0 ? [] : algorithms.slice(start, start + (lengths[at] ?? 0) / 2);
}

function ja4(row: Row, prefix: (typeof HELLO)[number]): string {
  const values = (name: string): number[] =>
    row(`${prefix}.${name}`)
      .map(Number)
      .filter((value) => !isGrease(value));
  const transport =
    prefix === 'dtls.handshake' ? 'd' : row('frame.protocols')[0]?.includes('quic') ? 'q' : 't';
  const offered = values('extensions.supported_version');
  const version = offered.length > 0 ? Math.max(...offered) : (values('version')[0] ?? 0);
  const ciphers = values('ciphersuite');
  const extensions = values('extension.type');
  const algorithms = row(`${prefix}.sig_hash_alg`).map(Number);
  const lengths = row(`${prefix}.sig_hash_alg_len`).map(Number);
  const signatures = signatureAlgorithms(extensions, algorithms, lengths).filter((value) => !isGrease(value));
  const hashed = extensions.filter((type) => type !== 0 && type !== 16).sort((a, b) => a - b);
  const tail = hashed.length > 0 && signatures.length > 0 ? `_${hex4(signatures)}` : '';
  return [
    `${transport}${VERSIONS[version] ?? '00'}${extensions.includes(0) ? 'd' : 'i'}${count2(ciphers)}`,
    `${count2(extensions)}${alpnEnds(row(`${prefix}.extensions_alpn_str`)[0] ?? '')}`,
    `_${hash12(hex4(ciphers.sort((a, b) => a - b)))}_${hash12(hex4(hashed) + tail)}`,
  ].join('');
}

function textsOf(row: Row): ApplicationTexts {
  const texts: ApplicationTexts = {};
  const put = (field: ApplicationField, text: string | undefined): void => {
    if (text !== undefined) texts[field] = text;
  };
  put('dns_query', row('dns.qry.name')[0]);
  put('http_method', row('http.request.method')[0]);
  if (texts.http_method !== undefined) put('http_host', row('http.host')[0]);
  put('http_status', row('http.response.code')[0]);
  const prefix = HELLO.find((one) => row(`${one}.type`).includes('1'));
  if (prefix !== undefined) {
    put('tls_sni', row(`${prefix}.extensions_server_name`)[0]);
    put('tls_alpn', row(`${prefix}.extensions_alpn_str`)[0]);
    // tshark names the type of a DTLS message at its first fragment and again, with its lists, at its last one.
    const isBegun = prefix === 'dtls.handshake' && row(`${prefix}.ciphersuite`).length === 0;
    if (!isBegun) put('tls_ja4', ja4(row, prefix));
  }
  return texts;
}

/** The first text of each field in each conversation. */
export function tsharkApplications(path: string, options: string[] = []): Map<string, ApplicationTexts> {
  const found = new Map<string, ApplicationTexts>();
  for (const row of rows(path, options)) {
    const last = (...names: string[]): string | undefined => names.flatMap((name) => row(name)).pop();
    const ends = ['src', 'dst'].map((end) => [
      last(`ip.${end}`, `ipv6.${end}`),
      Number(last(`tcp.${end}port`, `udp.${end}port`) ?? 0),
    ]) as [string, number][];
    const protocol = row('tcp.srcport').length > 0 ? 6 : 17;
    const key = conversationKey(protocol, ends);
    found.set(key, { ...textsOf(row), ...found.get(key) });
  }
  return found;
}
