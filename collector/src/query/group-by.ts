import { flowFields, type FlowField, type FlowRecord } from '@wireglass/native';
import { formatAddress, ipv4Range } from '../model/addresses.js';
import { columnsOf, fieldNamed } from '../model/columns.js';
import { AppError } from '../model/errors.js';
import { formatMac } from '../model/mac.js';
import { hint } from '../model/nearest.js';

/** A value that records are grouped by. */
export interface GroupKey {
  /** as it is named in the output: a field, `src_net`, `time_ns` */
  name: string;
  type: FlowField['type'] | 'net';
  /** the field that it is made of */
  field: FlowField;
  /** SQL over the columns of the field table, one or (addresses) two expressions */
  expressions: readonly string[];
  /** the values of those as JSON has the key */
  value: (parts: readonly (bigint | number | string)[]) => string | number;
}

const low64 = (1n << 64n) - 1n;
/** Where only the length for IPv4 is given, IPv6 addresses are grouped by this one: a subnet. */
const standardIpv6Length = 64;

const refuse = (reason: string): AppError => new AppError('bad_request', { reason });

function mask(length: number, bits: number): bigint {
  return ((1n << BigInt(bits)) - 1n) ^ ((1n << BigInt(bits - length)) - 1n);
}

const isIpv4Sql = (field: string): string =>
  `(${field}_hi = 0 AND ${field}_lo BETWEEN ${ipv4Range.firstLo} AND ${ipv4Range.lastLo})`;

/** `ip_version`: 4 or 6, by the initiator's address. */
function ipVersionKey(): GroupKey {
  return {
    name: 'ip_version',
    type: 'u8',
    field: fieldOf('src_addr', 'src_addr'),
    expressions: [`CASE WHEN ${isIpv4Sql('src_addr')} THEN 4 ELSE 6 END`],
    value: ([version = 0]) => Number(version),
  };
}

/** `src_addr/24` or `src_addr/24/56`: IPv4 and IPv6 addresses cut to those lengths. */
function netKey(field: FlowField, lengths: readonly string[], text: string): GroupKey {
  const numbers = lengths.map((length) => (/^\d{1,3}$/.test(length) ? Number(length) : NaN));
  const [first = NaN, second] = numbers;
  const [v4, v6] =
    second !== undefined ? [first, second] : first > 32 ? [32, first] : [first, standardIpv6Length];
  if (numbers.length > 2 || !(v4 <= 32) || !(v6 <= 128)) {
    throw refuse(
      `"${text}": expected the length of a prefix, such as ${field.name}/24 or ${field.name}/24/56`,
    );
  }
  const [hi, lo] = [`${field.name}_hi`, `${field.name}_lo`];
  const isIpv4 = isIpv4Sql(field.name);
  const mask6 = mask(v6, 128);
  const mask4 = ipv4Range.firstLo | mask(v4, 32);
  return {
    name: field.name.replace(/addr$/, 'net'),
    type: 'net',
    field,
    expressions: [
      `${hi} & ${mask6 >> 64n}::UBIGINT`,
      `CASE WHEN ${isIpv4} THEN ${lo} & ${mask4}::UBIGINT ELSE ${lo} & ${mask6 & low64}::UBIGINT END`,
    ],
    value: ([high = 0n, low = 0n]) => {
      const address = formatAddress(BigInt(high), BigInt(low));
      return `${address}/${address.includes(':') ? v6 : v4}`;
    },
  };
}

/** `time:1m`: the interval that a record's first packet falls into, by its begin. */
function timeKey(interval: string | undefined, parseDurationMs: (text: string) => number | null): GroupKey {
  const field = fieldOf('start_ns', 'start_ns');
  const ms = parseDurationMs(interval ?? '');
  if (ms === null || ms === 0) {
    throw refuse(`"time:${interval ?? ''}": expected a duration, such as time:10s, time:1m or time:1h`);
  }
  const ns = BigInt(ms) * 1_000_000n;
  return {
    name: 'time_ns',
    type: 'time',
    field,
    // % of a time before 1970 is negative
    expressions: [`start_ns - ((start_ns % ${ns} + ${ns}) % ${ns})`],
    value: ([start = 0n]) => start.toString(),
  };
}

function fieldOf(name: string, text: string): FlowField {
  const field = fieldNamed(name.replace(/_net$/, '_addr').toLowerCase());
  if (field !== undefined) return field;
  const known = [...flowFields.map((it) => it.name), 'src_net', 'dst_net', 'ip_version', 'time'];
  throw refuse(`"${text}" is no field of a flow record${hint(name, known)}`);
}

function plainKey(field: FlowField): GroupKey {
  const { name, type, values = [] } = field;
  const value: GroupKey['value'] = ([first = 0, second = 0]) => {
    switch (type) {
      case 'ip':
        return formatAddress(BigInt(first), BigInt(second));
      case 'mac':
        return formatMac(BigInt(first));
      case 'enum':
        return values[Number(first)] ?? String(first);
      case 'string':
      case 'time':
        return first.toString();
      default:
        return field.role === 'identity' && type === 'u64' ? first.toString() : Number(first);
    }
  };
  return { name, type, field, expressions: columnsOf(name).map((column) => column.name), value };
}

/**
 * Reads `src_addr,dst_port`: names of fields, `ip_version`, addresses cut to a prefix (`src_addr/24`, also as
 * `src_net/24`) and intervals of time (`time:1m`), with commas between them. Throws `bad_request`.
 */
export function parseGroupBy(text: string, parseDurationMs: (text: string) => number | null): GroupKey[] {
  const keys = text.split(',').map((part) => {
    const word = part.trim();
    if (word === '') throw refuse('a name is missing between the commas');
    const [, interval] = /^time(?::(.*))?$/is.exec(word) ?? [];
    if (/^time(:|$)/i.test(word)) return timeKey(interval, parseDurationMs);
    if (/^ip_version$/i.test(word)) return ipVersionKey();
    const [name = '', ...lengths] = word.split('/');
    const field = fieldOf(name, name);
    if (field.type === 'ip' && (lengths.length > 0 || /_net$/i.test(name)))
      return netKey(field, lengths, word);
    if (lengths.length > 0) throw refuse(`"${word}": ${field.name} is no address, it has no prefix`);
    return plainKey(field);
  });
  const twice = keys.find((key, index) => keys.findIndex(({ name }) => name === key.name) !== index);
  if (twice !== undefined) throw refuse(`${twice.name} is named twice`);
  return keys;
}

/** Columns that a key's SQL reads. */
export const groupColumns = (keys: readonly GroupKey[]): (keyof FlowRecord)[] => [
  ...new Set(keys.map(({ field }) => field.name)),
];
