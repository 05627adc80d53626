import { AppError } from '../model/errors.js';

const nsPerSecond = 1_000_000_000n;
const maxNs = 2n ** 63n - 1n;

const unitsNs: Readonly<Record<string, bigint>> = {
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
};

/** `now`, `now-1h`, `now+5m` as nanoseconds since 1970; null where the text is none of these. */
function relativeNs(text: string, nowNs: bigint): bigint | null {
  const [whole, sign, count = '0', unit = 's'] = /^now(?:([+-])(\d{1,9})([smhdw]))?$/.exec(text) ?? [];
  if (whole === undefined) return null;
  const offset = BigInt(count) * (unitsNs[unit] ?? 0n);
  return sign === '-' ? nowNs - offset : nowNs + offset;
}

/**
 * A point in time as nanoseconds since 1970: their decimal number, RFC 3339 with up to nine digits behind the second, or
 * `now` and what lies so far from it (`now-1h`). Throws `bad_time`, naming the parameter.
 */
export function parseTimeNs(name: string, text: string, nowNs = BigInt(Date.now()) * 1_000_000n): bigint {
  const relative = relativeNs(text, nowNs);
  if (relative !== null) return inRange(name, relative);
  if (/^\d{1,19}$/.test(text)) return inRange(name, BigInt(text));
  const match = /^(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+ -]\d\d:\d\d)$/.exec(text);
  // In a query "+" is a space where it was not escaped; RFC 3339 has no space before its offset.
  const zone = match?.[3]?.toUpperCase().replace(' ', '+');
  const milliseconds = match === null ? NaN : Date.parse(`${match[1]?.replace(/[t ]/, 'T')}${zone}`);
  if (Number.isNaN(milliseconds)) {
    throw new AppError('bad_time', {
      name,
      reason: `${JSON.stringify(text)} is neither nanoseconds since 1970, RFC 3339 such as 2026-11-22T03:14:15.5Z, nor now-1h`,
    });
  }
  const fraction = BigInt((match?.[2] ?? '').padEnd(9, '0'));
  return inRange(name, (BigInt(milliseconds) / 1_000n) * nsPerSecond + fraction);
}

function inRange(name: string, ns: bigint): bigint {
  if (ns < 0n || ns > maxNs) {
    throw new AppError('bad_time', { name, reason: 'expected a time between 1970 and 2262' });
  }
  return ns;
}

/** The range that `from` and `to` of a query give. Throws `bad_time`. */
export function timeRange(query: { from?: string | undefined; to?: string | undefined }): {
  fromNs?: bigint;
  toNs?: bigint;
} {
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  const fromNs = query.from === undefined ? undefined : parseTimeNs('from', query.from, nowNs);
  const toNs = query.to === undefined ? undefined : parseTimeNs('to', query.to, nowNs);
  if (fromNs !== undefined && toNs !== undefined && fromNs > toNs) {
    throw new AppError('bad_time', { name: 'from', reason: 'it is later than "to"' });
  }
  return { ...(fromNs === undefined ? {} : { fromNs }), ...(toNs === undefined ? {} : { toNs }) };
}

/** So many digits are milliseconds: as nanoseconds they would be in the first two days of 1970. */
const mostMillisecondDigits = 14;

/** A point in time as panels send it: milliseconds, or as parseTimeNs reads it. Throws `bad_time`. */
function parseMoment(name: string, moment: number | string, nowNs: bigint): bigint {
  if (typeof moment === 'number') return inRange(name, BigInt(moment) * 1_000_000n);
  const text = moment.trim();
  if (/^\d+$/.test(text) && text.length <= mostMillisecondDigits)
    return inRange(name, BigInt(text) * 1_000_000n);
  return parseTimeNs(name, text, nowNs);
}

/** The range [fromNs, toNs) of a query. Throws `bad_time`. */
export function queryRange(
  { from, to }: { from: number | string; to: number | string },
  nowNs: bigint,
): { fromNs: bigint; toNs: bigint } {
  const fromNs = parseMoment('from', from, nowNs);
  const toNs = parseMoment('to', to, nowNs);
  if (fromNs >= toNs)
    throw new AppError('bad_time', { name: 'from', reason: 'it must be earlier than "to"' });
  return { fromNs, toNs };
}
