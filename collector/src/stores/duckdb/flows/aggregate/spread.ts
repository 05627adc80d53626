/** A record counts over so long at most: no real one lives longer, and what unfolds records has a bound. */
export const maxLifeNs = 172_800_000_000_000n;
/** Beyond this, in the year 2255, times of packets are nonsense, and differences of them could overflow. */
const latestNs = 9_000_000_000_000_000_000n;

/** Where a record begins to count. */
export const recordBegin = `least(greatest(start_ns, 0), ${latestNs})`;
/** A record's life in nanoseconds: the time of its last packet belongs to it. */
const life = `(least(greatest(least(end_ns, ${latestNs}) - ${recordBegin}, 0), ${maxLifeNs - 1n}) + 1)`;
/** The last nanosecond in which it counts. */
export const recordEnd = `(${recordBegin} + ${life} - 1)`;

/**
 * How much of a record's count lies before `time`: the record counts uniformly over its life. What lies in [a, b) is
 * the difference of two of these, an integer; over any tiling of time the differences add up to the count, and to the
 * same from records as from roll-ups of any length. The count must stay below 2^53. One expression for all who spread:
 * another one would round otherwise.
 */
export const spreadBefore = (count: string, time: string): string =>
  `floor(${count}::DOUBLE * (least(greatest(${time} - ${recordBegin}, 0), ${life})::DOUBLE / ${life}::DOUBLE))::BIGINT`;

/** What of a record's count lies in [begin, end). */
export const spreadWithin = (count: string, begin: string, end: string): string =>
  `(${spreadBefore(count, end)} - ${spreadBefore(count, begin)})`;

const clamp = (value: bigint, most: bigint): bigint => (value < 0n ? 0n : value > most ? most : value);
const beginOf = (startNs: bigint): bigint => clamp(startNs, latestNs);
const lifeOf = (startNs: bigint, endNs: bigint): bigint =>
  clamp((endNs < latestNs ? endNs : latestNs) - beginOf(startNs), maxLifeNs - 1n) + 1n;

/** The plain twin of the SQL, to the bit. */
export function spread(count: number, startNs: bigint, endNs: bigint, begin: bigint, end: bigint): number {
  const before = (time: bigint): number => {
    const whole = lifeOf(startNs, endNs);
    return Math.floor(count * (Number(clamp(time - beginOf(startNs), whole)) / Number(whole)));
  };
  return before(end) - before(begin);
}
