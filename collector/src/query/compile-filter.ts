import type { FlowBatch } from '@wireglass/native';
import { ipv4Range } from '../model/addresses.js';
import { batchColumn, columnNamed, numbersOf } from '../model/columns.js';
import type { AddressPrefix, Comparison, FilterNode, Side } from '../model/filter.js';
import { textMatches } from './text-match.js';

type Rows = Pick<FlowBatch, 'columns' | 'rows'>;

/** Whether a row of the batch that it was made for passes. */
export type RowTest = (row: number) => boolean;

function comparison<Value extends number | bigint>(
  operator: Comparison,
  at: (row: number) => Value,
  value: Value,
): RowTest {
  switch (operator) {
    case '=':
      return (row) => at(row) === value;
    case '!=':
      return (row) => at(row) !== value;
    case '<':
      return (row) => at(row) < value;
    case '<=':
      return (row) => at(row) <= value;
    case '>':
      return (row) => at(row) > value;
    case '>=':
      return (row) => at(row) >= value;
  }
}

/**
 * An unsigned column as numbers. Beyond 2^53 they are rounded, never to 2^53 - 1 or less: comparisons with values up to
 * that stay exact.
 */
function roundedNumbers(batch: Rows, name: string): (row: number) => number {
  const { place } = columnNamed(name);
  if (place.width < 8) {
    const values = numbersOf(batch, place) as Uint32Array;
    return (row) => values[row] ?? 0;
  }
  const halves = new Uint32Array(batch.columns, place.offset, 2 * batch.rows);
  return (row) => (halves[2 * row + 1] ?? 0) * 4_294_967_296 + (halves[2 * row] ?? 0);
}

function compare(batch: Rows, name: string, operator: Comparison, value: bigint): RowTest {
  const { place } = columnNamed(name);
  if (place.type !== 'time' && value <= Number.MAX_SAFE_INTEGER) {
    return comparison(operator, roundedNumbers(batch, name), Number(value));
  }
  const values = numbersOf(batch, place);
  return comparison(operator, (row) => BigInt(values[row] ?? 0), value);
}

/** Compares the address of `row` with one given as four words, the highest first: below 0, 0 or above. */
function addressOrder(batch: Rows, field: string): (row: number, words: readonly number[]) => number {
  const view = (name: string): Uint32Array =>
    new Uint32Array(batch.columns, columnNamed(name).place.offset, 2 * batch.rows);
  const high = view(`${field}_hi`);
  const low = view(`${field}_lo`);
  return (row, words) =>
    (high[2 * row + 1] ?? 0) - (words[0] ?? 0) ||
    (high[2 * row] ?? 0) - (words[1] ?? 0) ||
    (low[2 * row + 1] ?? 0) - (words[2] ?? 0) ||
    (low[2 * row] ?? 0) - (words[3] ?? 0);
}

const wordsOf = (hi: bigint, lo: bigint): number[] =>
  [hi >> 32n, hi & 0xffff_ffffn, lo >> 32n, lo & 0xffff_ffffn].map(Number);

function within(batch: Rows, field: string, prefix: AddressPrefix): RowTest {
  const order = addressOrder(batch, field);
  const first = wordsOf(prefix.firstHi, prefix.firstLo);
  const last = wordsOf(prefix.lastHi, prefix.lastLo);
  return (row) => order(row, first) >= 0 && order(row, last) <= 0;
}

function compareAddress(batch: Rows, field: string, operator: Comparison, prefix: AddressPrefix): RowTest {
  const inside = within(batch, field, prefix);
  if (operator === '=') return inside;
  if (operator === '!=') return (row) => !inside(row);
  const order = addressOrder(batch, field);
  const words = wordsOf(prefix.firstHi, prefix.firstLo);
  return comparison(operator, (row) => order(row, words), 0);
}

function eitherEnd(side: Side, condition: (end: 'src' | 'dst') => RowTest): RowTest {
  if (side !== 'any') return condition(side);
  const [src, dst] = [condition('src'), condition('dst')];
  return (row) => src(row) || dst(row);
}

/**
 * The filter as a test of a batch's rows, which makes no record and no value per row. filterToSql and matchesFilter say
 * the same; tests compare all three.
 */
export function compileFilter(filter: FilterNode, batch: Rows): RowTest {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const left = compileFilter(filter.left, batch);
      const right = compileFilter(filter.right, batch);
      return filter.kind === 'and' ? (row) => left(row) && right(row) : (row) => left(row) || right(row);
    }
    case 'not': {
      const operand = compileFilter(filter.operand, batch);
      return (row) => !operand(row);
    }
    case 'address':
      return eitherEnd(filter.side, (end) => within(batch, `${end}_addr`, filter.prefix));
    case 'port':
      return eitherEnd(filter.side, (end) => {
        const port = roundedNumbers(batch, `${end}_port`);
        const { low, high } = filter;
        return (row) => port(row) >= low && port(row) <= high;
      });
    case 'protocol':
      return compare(batch, 'protocol', '=', BigInt(filter.number));
    case 'ip_version': {
      const ipv4 = within(batch, 'src_addr', ipv4Range);
      return filter.version === 4 ? ipv4 : (row) => !ipv4(row);
    }
    case 'compare':
      return compare(batch, filter.field, filter.operator, filter.value);
    case 'compare_address':
      return compareAddress(batch, filter.field, filter.operator, filter.prefix);
    case 'compare_text': {
      const texts = batchColumn(batch, columnNamed(filter.field));
      const { match, value } = filter;
      return (row) => textMatches(match, String(texts[row]), value);
    }
  }
}
