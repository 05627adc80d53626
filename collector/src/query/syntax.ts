import type { Comparison, Side } from '../model/filter.js';

/** What the grammar takes between a field and a value; `~` and `!~` are for strings. */
export type Operator = Comparison | '~' | '!~';

/** A value as it was written; `offset` counts UTF-16 units from 0. */
export interface Token {
  text: string;
  quoted: boolean;
  offset: number;
}

export interface Word {
  text: string;
  offset: number;
}

/** What the grammar makes of a filter: structure without meaning. */
export type SyntaxNode =
  | { kind: 'and' | 'or'; left: SyntaxNode; right: SyntaxNode }
  | { kind: 'not'; operand: SyntaxNode }
  | { kind: 'outer'; operand: SyntaxNode; offset: number }
  | { kind: 'address'; side: Side; address: Token }
  | { kind: 'port'; side: Side; port: Token }
  | { kind: 'protocol'; protocol: Token }
  | { kind: 'ip_version'; version: 4 | 6 }
  | {
      kind: 'named';
      name: 'vlan_id' | 'tenant_id' | 'overlay' | 'original_length';
      value: Token & { operator?: Operator };
    }
  | { kind: 'compare'; field: Word; operator: Operator; value: Token }
  | { kind: 'ether'; side: Side; mac: Token };
