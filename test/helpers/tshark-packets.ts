/** The packets of each conversation of a capture, as far as the reasons of differences are checked by them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conversationKey, tsharkApplications, type ApplicationTexts } from './tshark-applications.js';

export interface ConversationPacket {
  frame: number;
  isCut: boolean;
  source: string;
  sequence: number;
  payload: Buffer;
  quicVersions: number[];
  requestUri: string;
}

const FIELDS = [
  ...['frame.number', 'frame.cap_len', 'frame.len', 'ip.src', 'ipv6.src', 'ip.dst', 'ipv6.dst'],
  ...[
    'tcp.srcport',
    'udp.srcport',
    'tcp.dstport',
    'udp.dstport',
    'tcp.seq_raw',
    'tcp.payload',
    'udp.payload',
  ],
  ...['quic.version', 'http.request.uri'],
];

export function conversationPackets(path: string): Map<string, ConversationPacket[]> {
  const args = ['-n', '-r', path, '-T', 'fields', '-E', 'occurrence=f', '-E', 'separator=\x01'];
  const text = execFileSync('tshark', [...args, ...FIELDS.flatMap((field) => ['-e', field])], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const found = new Map<string, ConversationPacket[]>();
  for (const line of text.split('\n').filter(Boolean)) {
    const cells = line.split('\x01');
    const cell = (...names: string[]): string =>
      names.map((name) => cells[FIELDS.indexOf(name)] ?? '').find((value) => value !== '') ?? '';
    const ends = ['src', 'dst'].map((end): [string, number] => [
      cell(`ip.${end}`, `ipv6.${end}`),
      Number(cell(`tcp.${end}port`, `udp.${end}port`)),
    ]);
    const key = conversationKey(cell('tcp.srcport') === '' ? 17 : 6, ends);
    const packet: ConversationPacket = {
      frame: Number(cell('frame.number')),
      isCut: Number(cell('frame.cap_len')) < Number(cell('frame.len')),
      source: (ends[0] ?? []).join('|'),
      sequence: Number(cell('tcp.seq_raw')),
      payload: Buffer.from(cell('tcp.payload', 'udp.payload'), 'hex'),
      quicVersions: cell('quic.version') === '' ? [] : [Number(cell('quic.version'))],
      requestUri: cell('http.request.uri'),
    };
    found.set(key, [...(found.get(key) ?? []), packet]);
  }
  return found;
}

/** What the first sender of data sent from there on, up to the first octet that is not in the capture. */
export function firstStream(packets: ConversationPacket[]): string {
  const first = packets.find(({ payload }) => payload.length > 0);
  if (first === undefined) return '';
  const own = packets.filter(({ source }) => source === first.source);
  let stream = first.payload;
  for (let next: ConversationPacket | undefined = first; next !== undefined;) {
    const end = (first.sequence + stream.length) % 2 ** 32;
    next = own.find(({ sequence, payload }) => payload.length > 0 && sequence === end);
    if (next !== undefined) stream = Buffer.concat([stream, next.payload]);
  }
  return stream.toString('latin1');
}

/** What tshark reads of the packets behind a frame. */
export function applicationsBehind(path: string, frame: number): Map<string, ApplicationTexts> {
  const folder = mkdtempSync(join(tmpdir(), 'wireglass-behind-'));
  try {
    const rest = join(folder, 'rest.pcap');
    execFileSync('tshark', ['-n', '-r', path, '-Y', `frame.number > ${frame}`, '-w', rest], {
      stdio: 'ignore',
    });
    return tsharkApplications(rest);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
