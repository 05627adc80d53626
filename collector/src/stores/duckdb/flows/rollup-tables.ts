/**
 * Sums of sealed records per minute and hour, made in the transaction that seals them. Two kinds of tables:
 *
 * `rollup_minute`, `rollup_hour`: the cube. One row for each combination of `cubeColumns` in an interval, at most
 * `flows.rollup_cube_rows` per interval and sealed part; the rest is summed in rows with `other` true, whose columns but
 * time_s and flow_layer say nothing (interface is NULL).
 *
 * `top_minute`, `top_hour`: per dimension (see topDimensions), interface and flow_layer the `flows.rollup_top_values`
 * values with the most bytes in both directions, and one row with `other` true with the sums of the rest. In that row
 * most_bytes, most_packets and most_records say how much a value that is not listed can have had at most (bytes and packets
 * of both directions). 0 in other rows.
 *
 * For both holds:
 * - Sums over all rows of an interval (of one dimension) are those of the records, exactly, spread as spread.ts does. flows
 *   counts records with record_index 0, records all, in the interval where they start; tcp_rtt_us_sum and
 *   tcp_rtt_us_count (records whose tcp_rtt_us is not 0) in the interval where they end.
 * - time_s is the interval's begin in seconds since 1970.
 * - interface is NULL for what lies beyond the `maxInterfaces` heaviest of a part; a question about one interface can be
 *   answered from rows only where there is none of these.
 * - Several rows may have the same key, one for each part that had records of the interval, until they are merged: sum them.
 *   Where a value stands in the list of one part and not of another, it lacks at most that other's most_…: the sum of
 *   most_… over all `other` rows bounds what any value lacks.
 * - part is the sealed part that made the row (of merged rows the last); stored_day the day (since 1970, UTC) in which
 *   that part was begun. Rows go by whole days: see SealedPart.minutes and .hours.
 */
import { columnNamed, type RecordColumn } from '../../../model/columns.js';

/** Interfaces of a part that roll-ups tell apart. */
export const maxInterfaces = 64;

export const resolutions = ['minute', 'hour'] as const;
export type RollupResolution = (typeof resolutions)[number];
export const secondsOf: Readonly<Record<RollupResolution, number>> = { minute: 60, hour: 3_600 };

/** Columns of the cube beside time_s, flow_layer and interface: fields of the field table, and ip_version (4 or 6). */
export const cubeColumns = [
  { name: 'observation_domain', type: 'UINTEGER' },
  { name: 'protocol', type: 'UTINYINT' },
  { name: 'overlay', type: 'UTINYINT' },
  { name: 'ip_version', type: 'UTINYINT' },
  { name: 'dscp_max', type: 'UTINYINT' },
] as const;

/** Counts that are spread over a record's life. */
export const spreadCounts = [
  'bytes',
  'rev_bytes',
  'packets',
  'rev_packets',
  'tcp_retransmitted',
  'rev_tcp_retransmitted',
] as const;
/** Every sum that a row of a roll-up has, UBIGINT. */
export const rollupSums = [
  ...spreadCounts,
  'flows',
  'records',
  'tcp_rtt_us_sum',
  'tcp_rtt_us_count',
] as const;
export type RollupSum = (typeof rollupSums)[number];

/** A dimension of the top lists: the columns of the field table that make a value. */
export interface TopDimension {
  name: string;
  /** numbers; they stand in key_0 … key_3 (UBIGINT) in this order */
  keys: readonly RecordColumn[];
  /** a string; it stands in the column text */
  text: RecordColumn | null;
}

const numbers = (name: string, ...columns: string[]): TopDimension => ({
  name,
  keys: columns.map(columnNamed),
  text: null,
});
const string = (name: string): TopDimension => ({ name, keys: [], text: columnNamed(name) });

/** Every list that there is, by the name in the column `dimension`. Keys that a dimension does not have are 0, its text ''. */
export const topDimensions: readonly TopDimension[] = [
  numbers('src_addr', 'src_addr_hi', 'src_addr_lo'),
  numbers('dst_addr', 'dst_addr_hi', 'dst_addr_lo'),
  numbers('conversation', 'src_addr_hi', 'src_addr_lo', 'dst_addr_hi', 'dst_addr_lo'),
  numbers('service', 'protocol', 'dst_port'),
  numbers('tenant_id', 'tenant_id'),
  numbers('vlan_id', 'vlan_id'),
  string('application'),
  string('dns_query'),
  string('tls_sni'),
  string('http_host'),
];
export const maxTopKeys = 4;

export const cubeTable = (resolution: RollupResolution): string => `rollup_${resolution}`;
export const topTable = (resolution: RollupResolution): string => `top_${resolution}`;

const head = ['time_s BIGINT NOT NULL', 'flow_layer UTINYINT NOT NULL', 'interface VARCHAR'];
const tail = [
  'other BOOLEAN NOT NULL',
  ...rollupSums.map((name) => `${name} UBIGINT NOT NULL`),
  'part UBIGINT NOT NULL',
  'stored_day UINTEGER NOT NULL',
];
const topKeys = Array.from({ length: maxTopKeys }, (_, key) => `key_${key}`);

const tables = (resolution: RollupResolution): string[] => [
  `CREATE TABLE IF NOT EXISTS ${cubeTable(resolution)} (${[
    ...head,
    ...cubeColumns.map(({ name, type }) => `${name} ${type} NOT NULL`),
    ...tail,
  ].join(', ')})`,
  `CREATE TABLE IF NOT EXISTS ${topTable(resolution)} (${[
    ...head,
    'dimension VARCHAR NOT NULL',
    ...topKeys.map((key) => `${key} UBIGINT NOT NULL`),
    'text VARCHAR NOT NULL',
    ...tail,
    ...['most_bytes', 'most_packets', 'most_records'].map((name) => `${name} UBIGINT NOT NULL`),
  ].join(', ')})`,
];

/** DDL of all of them. */
export const createRollupTables: readonly string[] = resolutions.flatMap(tables);
