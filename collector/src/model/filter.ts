import type { FlowRecord } from '@wireglass/native';

/** A filter expression after parsing: one tree that the stores turn into SQL and the core into a matcher. */
export type FilterNode =
  | { kind: 'and' | 'or'; left: FilterNode; right: FilterNode }
  | { kind: 'not'; operand: FilterNode }
  | { kind: 'address'; side: Side; prefix: AddressPrefix }
  | { kind: 'port'; side: Side; low: number; high: number }
  | { kind: 'protocol'; number: number }
  | { kind: 'ip_version'; version: 4 | 6 }
  /** numbers, times (nanoseconds since 1970), MAC addresses and enum fields (by the number of the value) */
  | { kind: 'compare'; field: keyof FlowRecord; operator: Comparison; value: bigint }
  /** `=` means within the range, `!=` outside; the others come with ranges of one address only */
  | { kind: 'compare_address'; field: keyof FlowRecord; operator: Comparison; prefix: AddressPrefix }
  /** strings; ASCII letters of either case are the same but for `equals` */
  | { kind: 'compare_text'; field: keyof FlowRecord; match: TextMatch; value: string };

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
