const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** "10s", "5m", "1h" in milliseconds; null: not understood. */
export function parseDuration(text: string): number | null {
  const [, number, unit = ''] = /^(\d{1,9})\s*(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  const factor = unitsMs[unit];
  return number === undefined || factor === undefined ? null : Number(number) * factor;
}

/** The shortest whole form of a duration. */
export function formatDuration(ms: number): string {
  const fitting = Object.entries(unitsMs).filter(([, factor]) => ms % factor === 0);
  const [unit, factor] = fitting.at(-1) ?? ['ms', 1];
  return `${ms / factor}${unit}`;
}
