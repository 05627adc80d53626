import type { DuckDBConnection } from '@duckdb/node-api';
import type { FlowField } from '@wireglass/native';
import { ipv4Range } from '../../../../model/addresses.js';
import { columnsOf, fieldNamed } from '../../../../model/columns.js';
import { AppError } from '../../../../model/errors.js';
import { parseGroupBy } from '../../../../query/group-by.js';
import type { ValuesAnswer, ValuesQuery } from '../../../flows/flow-aggregate.js';
import { bindings } from '../../scratch.js';
import { recordsOf, type RecordSources } from './cells-sql.js';

/** Values that are looked through where the engine cannot compare texts: addresses, MACs, numbers by their digits. */
const lookedThrough = 10_000;
export const maxValues = 1_000;

/** The first octets that a prefix such as `10.1.` fixes, as a range of the low half; null where none is complete. */
function octetRange(prefix: string): { first: bigint; last: bigint } | null {
  const complete = /^((?:\d{1,3}\.){1,3})/.exec(prefix)?.[1]?.split('.').filter(Boolean).map(Number) ?? [];
  if (complete.length === 0 || complete.some((octet) => octet > 255)) return null;
  const fixed = complete.reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
  const free = BigInt(8 * (4 - complete.length));
  const first = ipv4Range.firstLo | (fixed << free);
  return { first, last: first | ((1n << free) - 1n) };
}

/** What the engine can leave out ahead: a condition that every value with the prefix fulfils. */
function narrowing({ name, type }: FlowField, prefix: string): { sql: string; text: boolean } {
  if (prefix === '') return { sql: 'true', text: false };
  if (type === 'string') return { sql: `starts_with(lower(${name}), lower(?))`, text: true };
  if (type !== 'ip') return { sql: 'true', text: false };
  const range = octetRange(prefix);
  if (range === null) return { sql: 'true', text: false };
  return { sql: `${name}_hi = 0 AND ${name}_lo BETWEEN ${range.first} AND ${range.last}`, text: false };
}

/** Values of a field in the records of a range, those with the most records first. Throws `bad_request`. */
export async function fieldValues(
  connection: DuckDBConnection,
  { field: name, prefix, fromNs, toNs, limit }: ValuesQuery,
  sources: RecordSources,
): Promise<ValuesAnswer> {
  const field = fieldNamed(name);
  if (field === undefined)
    throw new AppError('bad_request', { reason: `${name} is no field of a flow record` });
  if (!(limit >= 1 && limit <= maxValues)) {
    throw new AppError('bad_request', { reason: `limit is ${limit}; expected 1 to ${maxValues}` });
  }
  const [key] = parseGroupBy(field.name, () => null);
  const columns = columnsOf(field.name).map((column) => column.name);
  const records = recordsOf(sources, [...new Set(['start_ns', 'end_ns', ...columns])]);
  if (records === '' || key === undefined) return { values: [], more: false };
  const narrow = narrowing(field, prefix);
  const parameters = narrow.text ? [{ column: columnsOf(field.name)[0]!, value: prefix }] : [];
  const { values, types } = bindings(parameters);
  const reader = await connection.runAndReadAll(
    `SELECT ${columns.join(', ')}, count(*) AS records FROM (${records}) ` +
      `WHERE end_ns >= ${fromNs} AND start_ns < ${toNs} AND ${narrow.sql} ` +
      `GROUP BY ${columns.join(', ')} ORDER BY records DESC, ${columns.join(', ')} LIMIT ${lookedThrough + 1}`,
    values,
    types,
  );
  const rows = reader.getRows() as unknown as (bigint | number | string)[][];
  const found = rows
    .slice(0, lookedThrough)
    .map((row) => ({ value: String(key.value(row)), records: Number(row.at(-1)) }))
    .filter(({ value }) => value.toLowerCase().startsWith(prefix.toLowerCase()));
  return { values: found.slice(0, limit), more: found.length > limit || rows.length > lookedThrough };
}
