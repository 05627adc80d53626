import type { FlowRecord } from '@wireglass/native';
import type { PacketFieldName } from './packet-fields.js';

/** A filter expression after parsing, over fields with these names; `Extra` is what one kind of filter has besides. */
type FilterTree<Field extends string, Extra = never> =
  | { kind: 'and' | 'or'; left: FilterTree<Field, Extra>; right: FilterTree<Field, Extra> }
  | { kind: 'not'; operand: FilterTree<Field, Extra> }
  | { kind: 'address'; side: Side; prefix: AddressPrefix }
  | { kind: 'port'; side: Side; low: number; high: number }
  | { kind: 'protocol'; number: number }
  | { kind: 'ip_version'; version: 4 | 6 }
  /** numbers, times (nanoseconds since 1970), MAC addresses and enum fields (by the number of the value) */
  | { kind: 'compare'; field: Field; operator: Comparison; value: bigint }
  /** `=` means within the range, `!=` outside; the others come with ranges of one address only */
  | { kind: 'compare_address'; field: Field; operator: Comparison; prefix: AddressPrefix }
  /** strings; ASCII letters of either case are the same but for `equals` */
  | { kind: 'compare_text'; field: Field; match: TextMatch; value: string }
  | Extra;

/** A filter of flows: what the stores turn into SQL. */
export type FilterNode = FilterTree<keyof FlowRecord>;

/** A filter of packets: what the core turns into a matcher. Behind `outer` the outermost headers are meant. */
export type PacketFilterNode = FilterTree<PacketFieldName, { kind: 'outer'; operand: PacketFilterNode }>;

/** What builds either: the names of its fields are those of the vocabulary that it was built with. */
export type AnyFilterNode = FilterTree<string, { kind: 'outer'; operand: AnyFilterNode }>;

/** Which end of a flow; `any` is either. */
export type Side = 'src' | 'dst' | 'any';
export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';
/** How a string is compared: exactly, or with the case of ASCII letters ignored. */
export type TextMatch = 'equals' | 'same' | 'contains' | 'begins' | 'ends';

/** An address range as the two 64-bit halves of its first and last address (IPv4 mapped into ::ffff:0:0/96). */
export interface AddressPrefix {
  text: string;
  firstHi: bigint;
  firstLo: bigint;
  lastHi: bigint;
  lastLo: bigint;
}
