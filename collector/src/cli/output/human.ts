const decimalUnits = ['', 'k', 'M', 'G', 'T', 'P'];

/** A count with three digits and a decimal suffix: 999, 1.23k, 45.6M. */
export function humanCount(value: number): string {
  let unit = 0;
  let scaled = value;
  while (scaled >= 999.5 && unit < decimalUnits.length - 1) {
    scaled /= 1_000;
    unit++;
  }
  if (unit === 0) return String(value);
  return `${scaled.toPrecision(3)}${decimalUnits[unit]}`;
}

export const humanBytes = (value: number): string => `${humanCount(value)}B`;

/** 0.012s, 59.9s, 4m05s, 3h07m. */
export function humanSeconds(seconds: number): string {
  if (seconds < 1) return `${seconds.toFixed(3)}s`;
  if (seconds < 60) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 3_600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`;
  return `${Math.floor(whole / 3_600)}h${two(Math.floor((whole % 3_600) / 60))}m`;
}

/** 7us, 1.23ms, 4.5s. */
export function humanMicros(micros: number): string {
  if (micros < 1_000) return `${micros}us`;
  if (micros < 1_000_000) return `${(micros / 1_000).toPrecision(3)}ms`;
  return humanSeconds(micros / 1e6);
}

/** Nanoseconds since 1970 as RFC 3339 in UTC, to the microsecond. */
export function humanTime(timeNs: bigint): string {
  const micros = (((timeNs / 1_000n) % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = (timeNs / 1_000n - micros) / 1_000_000n;
  const date = new Date(Number(seconds) * 1_000);
  if (Number.isNaN(date.getTime())) return timeNs.toString();
  return `${date.toISOString().slice(0, 19)}.${String(micros).padStart(6, '0')}Z`;
}

/** Rows as lines of aligned columns; `right` names the columns that hold numbers. */
export function* alignedLines(
  header: readonly string[],
  rows: readonly string[][],
  right: ReadonlySet<string>,
): Generator<string> {
  const widths = header.map((name) => name.length);
  for (const row of rows) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  }
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, column) => {
      const width = widths[column] ?? 0;
      return right.has(header[column] ?? '') ? cell.padStart(width) : cell.padEnd(width);
    });
    return `${padded.join('  ').trimEnd()}\n`;
  };
  yield line(header);
  for (const row of rows) yield line(row);
}

/** The same as one text. */
export const alignedTable = (...table: Parameters<typeof alignedLines>): string =>
  [...alignedLines(...table)].join('');
