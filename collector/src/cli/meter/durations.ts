import { InvalidArgumentError } from 'commander';

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a duration: seconds, or a number with ms, s, m or h (`300`, `1.5s`, `5m`); null when it is none. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)?$/.exec(text);
  if (match === null) return null;
  const exact = Number(match[1]) * (unitsMs[match[2] ?? 's'] ?? 1_000);
  const whole = Math.round(exact);
  // 1.1 times 1 000 is not quite 1 100
  return Math.abs(exact - whole) < 1e-6 ? whole : null;
}

/** `1.5s`, `5m`: the shortest text that parseDuration reads back. */
export function formatDuration(ms: number): string {
  for (const unit of ['h', 'm', 's'] as const) {
    const size = unitsMs[unit] ?? 1;
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return ms > 1_000 ? `${ms / 1_000}s` : `${ms}ms`;
}

export const timeoutProtocols = ['tcp', 'udp', 'icmp', 'other'] as const;
export type TimeoutProtocol = (typeof timeoutProtocols)[number];

/** A timeout, and what differs for some protocols. */
export interface Timeouts {
  all?: number;
  byProtocol: Partial<Record<TimeoutProtocol, number>>;
}

function refuse(reason: string): never {
  throw new InvalidArgumentError(reason);
}

/** A parser for one duration, in milliseconds. */
export const durationWithin =
  (minimumMs: number, maximumMs: number) =>
  (text: string): number => {
    const duration = parseDuration(text);
    if (duration !== null && duration >= minimumMs && duration <= maximumMs) return duration;
    const range = `from ${formatDuration(minimumMs)} to ${formatDuration(maximumMs)}`;
    return refuse(`Expected a duration ${range} such as 1s or 5m, got "${text}".`);
  };

/** A parser for `DURATION` and `PROTOCOL=DURATION`, several with commas between them; a later one adds to it. */
export function timeoutsWithin(minimumMs: number, maximumMs: number) {
  const range = `from ${formatDuration(minimumMs)} to ${formatDuration(maximumMs)}`;
  return (text: string, before?: Timeouts): Timeouts => {
    const timeouts: Timeouts = { ...before, byProtocol: { ...before?.byProtocol } };
    for (const part of text.split(',')) {
      const [left = '', right] = part.split(/=(.*)/s);
      const duration = parseDuration(right ?? left);
      if (duration === null || duration < minimumMs || duration > maximumMs) {
        refuse(`Expected a duration ${range} such as 90s, 5m or tcp=300s, got "${part}".`);
      }
      const protocol = timeoutProtocols.find((name) => name === left.toLowerCase());
      if (right === undefined) timeouts.all = duration;
      else if (protocol !== undefined) timeouts.byProtocol[protocol] = duration;
      else refuse(`"${left}" is no protocol with a timeout; there are ${timeoutProtocols.join(', ')}.`);
    }
    return timeouts;
  };
}
