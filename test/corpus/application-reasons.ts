/** Why an application field may differ from tshark's: a closed set, each reason checked on every conversation it is given for. */
import type { ApplicationField, ApplicationTexts } from '../helpers/tshark-applications.js';
import { tsharkApplications } from '../helpers/tshark-applications.js';
import {
  applicationsBehind,
  conversationPackets,
  firstStream,
  type ConversationPacket,
} from '../helpers/tshark-packets.js';

export interface Differing {
  key: string;
  field: ApplicationField;
  wireglass: string;
  tshark: string;
}

/** A capture, read as often as reasons ask and not more. */
export class Evidence {
  private readonly readings = new Map<string, Map<string, ApplicationTexts>>();
  private all: Map<string, ConversationPacket[]> | undefined;

  constructor(readonly path: string) {}

  packets(key: string): ConversationPacket[] {
    this.all ??= conversationPackets(this.path);
    return this.all.get(key) ?? [];
  }
  stream(key: string): string {
    return firstStream(this.packets(key));
  }
  /** tshark's text with other options. */
  text({ key, field }: Differing, options: string[]): string {
    const read = (): Map<string, ApplicationTexts> => tsharkApplications(this.path, options);
    return this.reading(options.join(' '), read).get(key)?.[field] ?? '';
  }
  /** tshark's text of the packets behind a frame. */
  textBehind({ key, field }: Differing, frame: number): string {
    const read = (): Map<string, ApplicationTexts> => applicationsBehind(this.path, frame);
    return this.reading(`behind ${frame}`, read).get(key)?.[field] ?? '';
  }

  private reading(name: string, read: () => Map<string, ApplicationTexts>): Map<string, ApplicationTexts> {
    const known = this.readings.get(name) ?? read();
    this.readings.set(name, known);
    return known;
  }
}

const preferences = (...names: string[]): string[] => names.flatMap((name) => ['-o', `${name}:FALSE`]);

/** Octets of a request's body that its head announces and that are not in the stream; negative without a whole head. */
function missingBody(stream: string): number {
  const head = stream.indexOf('\r\n\r\n');
  const announced = /\r\ncontent-length: *(\d+)/i.exec(stream.slice(0, head + 2))?.[1];
  return head < 0 ? -1 : Number(announced ?? 0) - (stream.length - head - 4);
}

export const reasons = {
  /** HTTP/0.9: tshark wants a version in the request line. */
  no_version: (one: Differing, capture: Evidence) =>
    one.tshark === '' && /^GET \S+\r?\n/.test(capture.stream(one.key)),
  /** The rest of the request's head is not in the capture, and tshark dissects none before its end unless told to. */
  unfinished_head: (one: Differing, capture: Evidence) =>
    !capture.stream(one.key).includes('\r\n\r\n') &&
    capture.text(one, preferences('http.desegment_headers', 'tcp.desegment_tcp_streams')) === one.wireglass,
  /** The rest of the request's body is not in the capture, and tshark dissects no head before its end unless told to. */
  unfinished_body: (one: Differing, capture: Evidence) =>
    missingBody(capture.stream(one.key)) > 0 &&
    capture.text(one, preferences('http.desegment_body')) === one.wireglass,
  /** A method alone, without target and version, is no request line (RFC 9112 section 3). */
  method_alone: (one: Differing, capture: Evidence) =>
    one.wireglass === '' && /^[A-Z]+\r?\n/.test(capture.stream(one.key)),
  /** CONNECT without a Host field: the host is the target's authority (RFC 9110 section 7.2). */
  target_authority: (one: Differing, capture: Evidence) =>
    /^CONNECT /.test(capture.stream(one.key)) &&
    !/\r\nhost:/i.test(capture.stream(one.key)) &&
    capture.packets(one.key).some(({ requestUri }) => requestUri === one.wireglass),
  /** The snaplen cut the packet: tshark opens none whose authentication tag is missing. */
  cut_packet: (one: Differing, capture: Evidence) =>
    one.tshark === '' && capture.packets(one.key)[0]?.isCut === true,
  /** Behind a version negotiation tshark keeps to the keys of the version that was refused. */
  version_negotiation: (one: Differing, capture: Evidence) => {
    const negotiation = capture.packets(one.key).find(({ quicVersions }) => quicVersions.includes(0));
    return negotiation !== undefined && capture.textBehind(one, negotiation.frame) === one.wireglass;
  },
  /** tshark 4.0 does not look for QUIC on port 853 (RFC 9250) unless told to. */
  quic_port: (one: Differing, capture: Evidence) =>
    one.key.includes('|853') && capture.text(one, ['-d', 'udp.port==853,quic']) === one.wireglass,
  /** A ClientHello in SSL 2.0's format has neither extensions nor a record layer, and is not read. */
  ssl_2_hello: (one: Differing, capture: Evidence) =>
    // eslint-disable-next-line no-control-regex
    one.wireglass === '' && /^[\x80-\xff].\x01\x00\x02/s.test(capture.stream(one.key)),
};
export type Reason = keyof typeof reasons;

/** The first reason that holds; none: ''. */
export function reasonOf(one: Differing, capture: Evidence): Reason | '' {
  const names = Object.keys(reasons) as Reason[];
  return names.find((name) => reasons[name](one, capture)) ?? '';
}
