// Tables and numbers as people read them.

/** Rows of cells as a Markdown table; the first row is its head. */
export function table([head, ...rows]) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Three significant digits: 0.742, 7.42, 74.2, 742. */
export function digits(value) {
  if (!Number.isFinite(value)) return '-';
  if (value === 0) return '0';
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 4));
}

export const millions = (value) => digits(value / 1e6);
export const megabytes = (bytes) => String(Math.round(bytes / 1e6));
export const percent = (share) => `${Math.round(share * 100)} %`;
