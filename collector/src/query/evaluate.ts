import type { FlowRecord } from '@wireglass/native';
import { ipv4Range, parseAddress, type Address } from '../model/addresses.js';
import { fieldNamed } from '../model/columns.js';
import type { AddressPrefix, Comparison, FilterNode, Side } from '../model/filter.js';
import { parseMac } from '../model/mac.js';
import { textMatches } from './text-match.js';

const join = (hi: bigint, lo: bigint): bigint => (hi << 64n) | lo;

function holds(left: bigint, operator: Comparison, right: bigint): boolean {
  switch (operator) {
    case '=':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

function addressOf(record: FlowRecord, field: keyof FlowRecord): Address {
  const address = parseAddress(String(record[field]));
  if (address === null) throw new Error(`${field} of flow ${record.flow_id} is no address`);
  return address;
}

function within({ hi, lo }: Address, prefix: AddressPrefix): boolean {
  const value = join(hi, lo);
  return value >= join(prefix.firstHi, prefix.firstLo) && value <= join(prefix.lastHi, prefix.lastLo);
}

function numberOf(record: FlowRecord, field: keyof FlowRecord): bigint {
  const { type, values = [] } = fieldNamed(field) ?? {};
  if (type === 'enum') return BigInt(values.indexOf(String(record[field])));
  if (type === 'mac') return parseMac(String(record[field])) ?? 0n;
  return BigInt(record[field]);
}

const eitherEnd = (side: Side, condition: (end: 'src' | 'dst') => boolean): boolean =>
  side === 'any' ? condition('src') || condition('dst') : condition(side);

/** Whether a record passes the filter. The plain twin of filterToSql, for records that are in no store. */
export function matchesFilter(filter: FilterNode, record: FlowRecord): boolean {
  switch (filter.kind) {
    case 'and':
      return matchesFilter(filter.left, record) && matchesFilter(filter.right, record);
    case 'or':
      return matchesFilter(filter.left, record) || matchesFilter(filter.right, record);
    case 'not':
      return !matchesFilter(filter.operand, record);
    case 'address':
      return eitherEnd(filter.side, (end) => within(addressOf(record, `${end}_addr`), filter.prefix));
    case 'port':
      return eitherEnd(filter.side, (end) => {
        const port = record[`${end}_port`];
        return port >= filter.low && port <= filter.high;
      });
    case 'protocol':
      return record.protocol === filter.number;
    case 'ip_version':
      return within(addressOf(record, 'src_addr'), ipv4Range) === (filter.version === 4);
    case 'compare':
      return holds(numberOf(record, filter.field), filter.operator, filter.value);
    case 'compare_address': {
      const address = addressOf(record, filter.field);
      if (filter.operator === '=') return within(address, filter.prefix);
      if (filter.operator === '!=') return !within(address, filter.prefix);
      const { firstHi, firstLo } = filter.prefix;
      return holds(join(address.hi, address.lo), filter.operator, join(firstHi, firstLo));
    }
    case 'compare_text':
      return textMatches(filter.match, String(record[filter.field]), filter.value);
  }
}
