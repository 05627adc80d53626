const suffixes: Readonly<Record<string, bigint>> = {
  '': 1n,
  k: 1_000n,
  m: 1_000_000n,
  g: 1_000_000_000n,
  t: 1_000_000_000_000n,
};

/**
 * Reads a whole number: decimal with an optional suffix k, M, G or T (powers of 1000; `1.5k` is 1500), or hexadecimal
 * (`0x12`). Returns null when it is none or not whole.
 */
export function parseNumber(text: string): bigint | null {
  if (/^0x[0-9a-f]{1,16}$/i.test(text)) return BigInt(text);
  const match = /^(-?)(\d{1,20})(?:\.(\d{1,12}))?([kmgt]?)$/i.exec(text);
  if (match === null) return null;
  const [, sign, whole = '', fraction = '', suffix = ''] = match;
  const factor = suffixes[suffix.toLowerCase()] ?? 1n;
  const scale = 10n ** BigInt(fraction.length);
  const scaled = BigInt(whole + fraction) * factor;
  if (scaled % scale !== 0n) return null;
  return sign === '-' ? -(scaled / scale) : scaled / scale;
}

/**
 * Reads a time as nanoseconds since 1970: a number of nanoseconds, or RFC 3339 with up to nine digits of fraction and
 * a zone (`2026-11-22T03:00:00.5Z`; without a zone it is UTC, without a time midnight). Null when it is neither.
 */
export function parseTimeNs(text: string): bigint | null {
  const match = /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|z|[+-]\d\d:\d\d)?)?$/.exec(
    text,
  );
  if (match === null) return /^-?\d+$/.test(text) ? parseNumber(text) : null;
  const [, date, time = '00:00:00', fraction = '', zone = 'Z'] = match;
  const ms = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  // Date.parse takes 31 February for 3 March: what comes back must be what was written
  const written = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(ms) || Number.isNaN(written) || !new Date(written).toISOString().startsWith(date ?? '')) {
    return null;
  }
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}
