import { InvalidArgumentError } from 'commander';
import { parseTimeNs } from '../../query/values.js';
import { parseDuration } from '../meter/durations.js';

const nsPerMs = 1_000_000n;

/**
 * A point in time as nanoseconds since 1970: RFC 3339 (without a zone UTC), nanoseconds since 1970, or a duration before
 * now such as -10m.
 */
export function parseTimeOption(text: string, nowMs = Date.now()): bigint {
  const ago = /^-(.+)$/.exec(text);
  const duration = ago === null ? null : parseDuration(ago[1] ?? '');
  if (duration !== null) return BigInt(nowMs - duration) * nsPerMs;
  const time = ago === null ? parseTimeNs(text) : null;
  if (time !== null && time >= 0n && time < 2n ** 63n) return time;
  throw new InvalidArgumentError(
    `Expected a time such as 2026-11-22T03:14:15.5Z, nanoseconds since 1970 or -10m, got "${text}".`,
  );
}
