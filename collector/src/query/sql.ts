import type { FlowRecord } from '@wireglass/native';
import { ipv4Range } from '../model/addresses.js';
import { columnNamed, type RecordColumn } from '../model/columns.js';
import type { AddressPrefix, Comparison, FilterNode, Side, TextMatch } from '../model/filter.js';
import { foldCase } from './text-match.js';

/** A value for a `?` of the SQL text; `column` gives its type. */
export interface SqlParameter {
  value: bigint | string;
  column: RecordColumn;
}

export interface SqlCondition {
  sql: string;
  parameters: SqlParameter[];
}

const operators: Readonly<Record<Comparison, string>> = {
  '=': '=',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

/** Folds ASCII letters only, as foldCase does: lower() would fold others, too. */
const folded = (column: string): string =>
  `translate(${column}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')`;

const textConditions: Readonly<Record<TextMatch, (column: string) => string>> = {
  equals: (column) => `(${column} = ?)`,
  same: (column) => `(${folded(column)} = ?)`,
  contains: (column) => `contains(${folded(column)}, ?)`,
  begins: (column) => `starts_with(${folded(column)}, ?)`,
  ends: (column) => `ends_with(${folded(column)}, ?)`,
};

class Translator {
  readonly parameters: SqlParameter[] = [];

  translate(node: FilterNode): string {
    switch (node.kind) {
      case 'and':
      case 'or':
        return `(${this.chain(node).join(node.kind === 'and' ? ' AND ' : ' OR ')})`;
      case 'not':
        return `(NOT ${this.translate(node.operand)})`;
      case 'address':
        return this.eitherEnd(node.side, (end) => this.within(`${end}_addr`, node.prefix));
      case 'port':
        return this.eitherEnd(node.side, (end) =>
          this.between(`${end}_port`, BigInt(node.low), BigInt(node.high)),
        );
      case 'protocol':
        return `(protocol = ${this.bind('protocol', BigInt(node.number))})`;
      case 'ip_version': {
        const ipv4 = this.within('src_addr', ipv4Range);
        return node.version === 4 ? ipv4 : `(NOT ${ipv4})`;
      }
      case 'compare':
        return `(${node.field} ${operators[node.operator]} ${this.bind(node.field, node.value)})`;
      case 'compare_address':
        return this.compareAddress(node.field, node.operator, node.prefix);
      case 'compare_text':
        this.bind(node.field, node.match === 'equals' ? node.value : foldCase(node.value));
        return textConditions[node.match](node.field);
    }
  }

  /** The members of a left-leaning chain `a and b and c …`: long filters make wide SQL, not deep SQL. */
  private chain(node: FilterNode & { kind: 'and' | 'or' }): string[] {
    const members: FilterNode[] = [];
    let rest: FilterNode = node;
    while (rest.kind === node.kind) {
      members.push(rest.right);
      rest = rest.left;
    }
    members.push(rest);
    return members.reverse().map((member) => this.translate(member));
  }

  private bind(columnName: string, value: bigint | string): string {
    this.parameters.push({ value, column: columnNamed(columnName) });
    return '?';
  }

  private eitherEnd(side: Side, condition: (end: 'src' | 'dst') => string): string {
    return side === 'any' ? `(${condition('src')} OR ${condition('dst')})` : condition(side);
  }

  private between(column: string, low: bigint, high: bigint): string {
    return low === high
      ? `(${column} = ${this.bind(column, low)})`
      : `(${column} BETWEEN ${this.bind(column, low)} AND ${this.bind(column, high)})`;
  }

  /** A prefix is a range in one half and a constant in the other: lengths up to 64 leave the low half free. */
  private within(field: string, prefix: AddressPrefix): string {
    const high = this.between(`${field}_hi`, prefix.firstHi, prefix.lastHi);
    if (prefix.firstHi !== prefix.lastHi) return high;
    return `(${high} AND ${this.between(`${field}_lo`, prefix.firstLo, prefix.lastLo)})`;
  }

  private compareAddress(field: keyof FlowRecord, operator: Comparison, prefix: AddressPrefix): string {
    if (operator === '=') return this.within(field, prefix);
    if (operator === '!=') return `(NOT ${this.within(field, prefix)})`;
    const strict = operators[operator].charAt(0);
    const hi = `${field}_hi`;
    const lo = `${field}_lo`;
    return (
      `(${hi} ${strict} ${this.bind(hi, prefix.firstHi)} OR ` +
      `(${hi} = ${this.bind(hi, prefix.firstHi)} AND ${lo} ${operators[operator]} ${this.bind(lo, prefix.firstLo)}))`
    );
  }
}

/**
 * A filter as a condition over the columns of the field table. Values go into `parameters` only, in the order of the
 * question marks; the text is made of column names and operators.
 */
export function filterToSql(filter: FilterNode): SqlCondition {
  const translator = new Translator();
  const sql = translator.translate(filter);
  return { sql, parameters: translator.parameters };
}

/** Fields that a filter looks at. */
export function filterFields(filter: FilterNode): (keyof FlowRecord)[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return [...new Set([...filterFields(filter.left), ...filterFields(filter.right)])];
    case 'not':
      return filterFields(filter.operand);
    case 'address':
    case 'port': {
      const what = filter.kind === 'port' ? 'port' : 'addr';
      return filter.side === 'any' ? [`src_${what}`, `dst_${what}`] : [`${filter.side}_${what}`];
    }
    case 'protocol':
      return ['protocol'];
    case 'ip_version':
      return ['src_addr'];
    case 'compare':
    case 'compare_address':
    case 'compare_text':
      return [filter.field];
  }
}
