import { badArgument, object, type Check } from './arguments.js';

/**
 * Protocols that are known by their UDP port alone, with the ports they have where nobody says otherwise. As the core
 * has them: a test compares.
 */
export const udpProtocols = {
  lisp: { ports: [4_341], meaning: 'LISP data packets, LISP-GPE included (RFC 9300, RFC 9305)' },
  lisp_control: { ports: [4_342], meaning: 'LISP control packets (RFC 9301)' },
  vxlan: { ports: [4_789, 8_472], meaning: 'VXLAN (RFC 7348; 8472 is what Linux has)' },
  vxlan_gpe: { ports: [4_790], meaning: 'VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe)' },
  geneve: { ports: [6_081], meaning: 'GENEVE (RFC 8926)' },
  gtp_u: { ports: [2_152, 3_386], meaning: 'GTP-U (3GPP TS 29.281; version 0 on 3386)' },
  teredo: { ports: [3_544], meaning: 'Teredo (RFC 4380)' },
  l2tp: { ports: [1_701], meaning: 'L2TP versions 2 and 3 (RFC 2661, RFC 3931)' },
  ayiya: { ports: [5_072], meaning: 'AYIYA (draft-massar-v6ops-ayiya)' },
  capwap: { ports: [5_247], meaning: 'CAPWAP data (RFC 5415)' },
  gre: { ports: [4_754], meaning: 'GRE in UDP (RFC 8086)' },
  mpls: { ports: [6_635], meaning: 'MPLS in UDP (RFC 7510)' },
  gue: { ports: [6_080], meaning: 'GUE (draft-ietf-intarea-gue)' },
  fou: { ports: [], meaning: 'IP or GRE in UDP with nothing between (Linux calls it FOU)' },
  sctp: { ports: [9_899], meaning: 'SCTP in UDP (RFC 6951)' },
  tzsp: { ports: [37_008], meaning: 'TZSP: frames that a sniffer sends on' },
} as const;

export type UdpProtocol = keyof typeof udpProtocols;

/** All ports of each protocol named here; an empty list turns it off, an absent one has its default. */
export type UdpPorts = { [Protocol in UdpProtocol]?: readonly number[] };

export const maxPortsPerProtocol = 16;

const isPort = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;

const ports: Check = (name, value) => {
  const list = Array.isArray(value) ? (value as unknown[]) : undefined;
  const isRight =
    list !== undefined &&
    list.length <= maxPortsPerProtocol &&
    list.every(isPort) &&
    new Set(list).size === list.length;
  if (!isRight) {
    throw badArgument(
      name,
      `at most ${maxPortsPerProtocol} different ports from 1 to 65535`,
      list === undefined ? value : `[${list.join(', ')}]`,
    );
  }
};

const checkNamesAndPorts = object({
  optional: Object.fromEntries(Object.keys(udpProtocols).map((protocol) => [protocol, ports])),
});

/** A port that two protocols would have, defaults included, and their names; undefined where there is none. */
export function sharedPort(
  given: UdpPorts,
): { port: number; protocols: [UdpProtocol, UdpProtocol] } | undefined {
  const owners = new Map<number, UdpProtocol>();
  for (const [name, { ports: standard }] of Object.entries(udpProtocols)) {
    const protocol = name as UdpProtocol;
    for (const port of given[protocol] ?? standard) {
      const owner = owners.get(port);
      if (owner !== undefined) return { port, protocols: [owner, protocol] };
      owners.set(port, protocol);
    }
  }
  return undefined;
}

/** Checks UdpPorts: known names, right lists, no port of two protocols. */
export const udpPorts: Check = (name, value) => {
  checkNamesAndPorts(name, value);
  const shared = sharedPort(value as UdpPorts);
  if (shared !== undefined) {
    const [one, other] = shared.protocols;
    throw badArgument(name, `ports of one protocol each`, `${shared.port} for ${one} and ${other}`);
  }
};
