import { Type } from '@sinclair/typebox';
import type { FilterNode } from '../model/filter.js';
import { AppError } from '../model/errors.js';
import { parseGroupBy } from '../query/group-by.js';
import { parseFilter } from '../query/parse-filter.js';

// Keys that several types of query have, and what they mean.

export const filterKey = Type.Optional(
  Type.String({
    maxLength: 4_096,
    description: 'filter expression, e.g. src net 10.0.0.0/8 and dst port 443',
  }),
);

export const measureKey = (standard: string) =>
  Type.String({
    minLength: 1,
    maxLength: 80,
    default: standard,
    description: 'total_bytes, bits_per_second, flows …, a field that can be summed, or p95(tcp_rtt_us)',
  });

export const groupByKey = (standard: string[]) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 80 }), {
    maxItems: 4,
    default: standard,
    description: 'fields of a flow record; an address may be cut to a prefix: src_addr/24, src_addr/24/64',
  });

export const exactKey = Type.Boolean({
  default: false,
  description: 'true: read records only, no roll-ups; slower, without error bounds',
});

/** The filter's tree; undefined where there is none. Throws `bad_filter`. */
export const filterOf = (text: string | undefined): { filter?: FilterNode } =>
  text === undefined || text.trim() === '' ? {} : { filter: parseFilter(text) };

/** Names of the keys, as labels have them. Throws `bad_request`. */
export function groupNames(groupBy: readonly string[]): string[] {
  if (groupBy.length === 0) return [];
  const keys = parseGroupBy(groupBy.join(','), () => null);
  if (keys.length !== groupBy.length) {
    throw new AppError('bad_request', { reason: 'group_by: one name in each member of the list, no commas' });
  }
  return keys.map(({ name }) => name);
}
