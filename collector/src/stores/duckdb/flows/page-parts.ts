import type { FlowQuery } from '../../flows/flow-store.js';
import type { CursorKey } from './cursor.js';
import type { SealedPart } from './manifest.js';

export interface PartsInOrder {
  /** those that can have rows of the page, those whose rows come first ahead */
  parts: readonly SealedPart[];
  /** whether a part, or one behind it, can have rows before or beside one with this value; null: order tells nothing */
  mayPrecede: ((part: SealedPart, value: bigint) => boolean) | null;
}

const bounds = {
  start_ns: ({ minStartNs, maxStartNs }: SealedPart) => ({ min: minStartNs, max: maxStartNs }),
  end_ns: ({ minEndNs, maxEndNs }: SealedPart) => ({ min: minEndNs, max: maxEndNs }),
} as const;

/** A page in the order of time needs the parts of its time only. */
export function partsInOrder(
  { sort }: FlowQuery,
  after: CursorKey | null,
  parts: readonly SealedPart[],
): PartsInOrder {
  if (sort.field !== 'start_ns' && sort.field !== 'end_ns') return { parts, mayPrecede: null };
  const boundsOf = bounds[sort.field];
  const passed = after === null ? null : BigInt(after[0] ?? 0);
  const ahead = (part: SealedPart): boolean => {
    const { min, max } = boundsOf(part);
    return passed === null || (sort.descending ? min <= passed : max >= passed);
  };
  const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
  const sorted = parts
    .filter(ahead)
    .sort((a, b) =>
      sort.descending ? compare(boundsOf(b).max, boundsOf(a).max) : compare(boundsOf(a).min, boundsOf(b).min),
    );
  return {
    parts: sorted,
    mayPrecede: (part, value) =>
      sort.descending ? boundsOf(part).max >= value : boundsOf(part).min <= value,
  };
}
