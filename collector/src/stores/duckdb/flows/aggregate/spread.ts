/** A record's life in nanoseconds: the time of its last packet belongs to it. */
const life = '(greatest(end_ns - start_ns, 0) + 1)';

/**
 * How much of a record's count lies before `time`: the record counts uniformly over its life. What lies in [a, b) is
 * the difference of two of these, an integer; over any tiling of time the differences add up to the count, and to the
 * same from records as from roll-ups of any length. The count must stay below 2^53. One expression for all who spread:
 * another one would round otherwise.
 */
export const spreadBefore = (count: string, time: string): string =>
  `floor(${count}::DOUBLE * (least(greatest(${time} - start_ns, 0), ${life})::DOUBLE / ${life}::DOUBLE))::BIGINT`;

/** What of a record's count lies in [begin, end). */
export const spreadWithin = (count: string, begin: string, end: string): string =>
  `(${spreadBefore(count, end)} - ${spreadBefore(count, begin)})`;

const lifeOf = (startNs: bigint, endNs: bigint): bigint => (endNs > startNs ? endNs - startNs : 0n) + 1n;
const clamp = (value: bigint, most: bigint): bigint => (value < 0n ? 0n : value > most ? most : value);

/** The plain twin of the SQL, to the bit. */
export function spread(count: number, startNs: bigint, endNs: bigint, begin: bigint, end: bigint): number {
  const before = (time: bigint): number => {
    const whole = lifeOf(startNs, endNs);
    return Math.floor(count * (Number(clamp(time - startNs, whole)) / Number(whole)));
  };
  return before(end) - before(begin);
}
