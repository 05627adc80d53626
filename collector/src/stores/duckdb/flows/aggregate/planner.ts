import type { AggregateQuery } from '../../../flows/flow-aggregate.js';
import { secondsOf, type RollupResolution } from '../rollup-tables.js';
import type { RollupRange } from './rollup-cells.js';

const nsPerS = 1_000_000_000n;
const nsOf = (resolution: RollupResolution): bigint => BigInt(secondsOf[resolution]) * nsPerS;

export interface NsRange {
  fromNs: bigint;
  toNs: bigint;
}

/** What of a range is read at which resolution. */
export interface Decomposition {
  rollups: Pick<RollupRange, 'resolution' | 'fromS' | 'toS'>[];
  /** what is finer than the roll-ups that are there */
  rest: NsRange[];
}

const up = (time: bigint, step: bigint): bigint => ((time + step - 1n) / step) * step;
const down = (time: bigint, step: bigint): bigint => (time / step) * step;

/** Cuts out of ranges what whole intervals of a resolution fill; [cut out, what stays]. */
function cutOut(
  ranges: readonly NsRange[],
  resolution: RollupResolution,
): [Decomposition['rollups'], NsRange[]] {
  const step = nsOf(resolution);
  const rollups: Decomposition['rollups'] = [];
  const rest: NsRange[] = [];
  for (const { fromNs, toNs } of ranges) {
    const [first, last] = [up(fromNs, step), down(toNs, step)];
    if (first >= last) {
      rest.push({ fromNs, toNs });
      continue;
    }
    rollups.push({ resolution, fromS: first / nsPerS, toS: last / nsPerS });
    if (fromNs < first) rest.push({ fromNs, toNs: first });
    if (last < toNs) rest.push({ fromNs: last, toNs });
  }
  return [rollups, rest];
}

/**
 * Hours where whole hours fit, minutes at the edges, the rest from records; only lengths of which the answer's intervals
 * are made, and of these only those that are there.
 */
export function decompose(
  { fromNs, toNs, intervalNs }: Pick<AggregateQuery, 'fromNs' | 'toNs' | 'intervalNs'>,
  there: Readonly<Record<RollupResolution, boolean>>,
): Decomposition {
  let rest: NsRange[] = [{ fromNs, toNs }];
  const rollups: Decomposition['rollups'] = [];
  for (const resolution of ['hour', 'minute'] as const) {
    if (!there[resolution]) continue;
    if (intervalNs !== null && intervalNs % nsOf(resolution) !== 0n) continue;
    const [cut, left] = cutOut(rest, resolution);
    rollups.push(...cut);
    rest = left;
  }
  return { rollups, rest };
}

/** Ranges in order, those that touch as one. */
export function joined(ranges: readonly NsRange[]): NsRange[] {
  const sorted = [...ranges].sort((a, b) => (a.fromNs < b.fromNs ? -1 : a.fromNs > b.fromNs ? 1 : 0));
  const all: NsRange[] = [];
  for (const { fromNs, toNs } of sorted) {
    const last = all.at(-1);
    if (last !== undefined && fromNs <= last.toNs) last.toNs = toNs > last.toNs ? toNs : last.toNs;
    else all.push({ fromNs, toNs });
  }
  return all;
}

/** What two ranges share; null where that is nothing. */
export function shared(a: NsRange, b: NsRange): NsRange | null {
  const fromNs = a.fromNs > b.fromNs ? a.fromNs : b.fromNs;
  const toNs = a.toNs < b.toNs ? a.toNs : b.toNs;
  return fromNs < toNs ? { fromNs, toNs } : null;
}
