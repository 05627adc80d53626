import { flowFields, type FlowField } from '@wireglass/native';
import { aggregates, averageable, namedMeasures, summable } from './measures.js';

/** A field as editors of queries need it. */
export interface FieldFacts {
  name: string;
  display: string;
  type: string;
  role: string;
  unit: string | null;
  meaning: string;
  operators: string[];
  values: string[] | null;
  group_by: boolean;
  rolled_up: boolean;
  measures: string[];
}

const ordered = ['=', '!=', '<', '<=', '>', '>='] as const;
const same = ['=', '!='] as const;

/** Comparisons that filters take for a field. */
export function operatorsOf({ type }: FlowField): readonly string[] {
  if (type === 'string') return ['=', '!=', '~', '!~'];
  return type === 'enum' || type === 'mac' ? same : ordered;
}

function measuresOf(field: FlowField): string[] {
  if (summable(field)) return [field.name];
  return averageable(field) ? aggregates.map((aggregate) => `${aggregate}(${field.name})`) : [];
}

/** All fields; `rolledUp` are those whose sums over long ranges are kept. */
export const fieldFacts = (rolledUp: ReadonlySet<string>): FieldFacts[] =>
  flowFields.map((field) => ({
    name: field.name,
    display: field.display,
    type: field.type,
    role: field.role,
    unit: field.unit ?? null,
    meaning: field.meaning,
    operators: [...operatorsOf(field)],
    values: field.values === undefined ? null : [...field.values],
    group_by: field.role === 'dimension' || field.role === 'identity',
    rolled_up: rolledUp.has(field.name),
    measures: measuresOf(field),
  }));

/** Measures that have a name of their own. */
export const measureFacts = namedMeasures.map(({ name, unit, meaning }) => ({ name, unit, meaning }));

/** Words of the filter language (docs/FILTERS.md). */
export const filterWords: { word: string; meaning: string }[] = [
  { word: 'host', meaning: 'an address at either end: host 10.0.0.1' },
  { word: 'net', meaning: 'a range of addresses at either end: net 10.0.0.0/8' },
  { word: 'port', meaning: 'a port at either end: port 443, port 8000-8080, port https' },
  { word: 'src', meaning: 'in front of host, net, port: the end that opened the flow' },
  { word: 'dst', meaning: 'in front of host, net, port: the end that answered' },
  { word: 'proto', meaning: 'an IP protocol: proto 17, proto gre' },
  { word: 'tcp', meaning: 'protocol TCP; also tcp port 443' },
  { word: 'udp', meaning: 'protocol UDP; also udp dst port 53' },
  { word: 'sctp', meaning: 'protocol SCTP' },
  { word: 'icmp', meaning: 'protocol ICMP' },
  { word: 'icmp6', meaning: 'protocol ICMPv6' },
  { word: 'ip', meaning: 'IPv4' },
  { word: 'ip6', meaning: 'IPv6' },
  { word: 'ether', meaning: 'a MAC address: ether host 00:11:22:33:44:55' },
  { word: 'vlan', meaning: 'the VLAN identifier: vlan 7' },
  { word: 'tenant', meaning: 'VNI, LISP instance ID or GRE key: tenant 42' },
  { word: 'overlay', meaning: 'the tunnel: overlay lisp' },
  { word: 'not', meaning: 'what follows must not hold' },
  { word: 'and', meaning: 'both must hold' },
  { word: 'or', meaning: 'one must hold' },
];
