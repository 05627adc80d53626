import type { FlowRecord } from '@wireglass/native';

/** Fields that the roll-ups per minute and hour know together, exactly: any of them, grouped and filtered. */
export const cubeFields = [
  'interface',
  'observation_domain',
  'protocol',
  'overlay',
  'dscp_max',
] as const satisfies (keyof FlowRecord)[];

/** Groupings that roll-ups have lists of the heaviest of, each by itself or by interface. */
export const listedGroupings: readonly (readonly (keyof FlowRecord)[])[] = [
  ['src_addr'],
  ['dst_addr'],
  ['src_addr', 'dst_addr'],
  ['protocol', 'dst_port'],
  ['tenant_id'],
  ['vlan_id'],
  ['application'],
  ['dns_query'],
  ['tls_sni'],
  ['http_host'],
];

/** All fields that some roll-up knows. */
export const rolledUpFields: ReadonlySet<string> = new Set<string>([
  ...cubeFields,
  ...listedGroupings.flat(),
]);
