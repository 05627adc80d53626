import type { FilterNode } from '../../model/filter.js';
import type { Measure } from '../../query/measures.js';

/**
 * Sums of flow records over a range, by groups and intervals. A record counts uniformly over its life (see spread.ts);
 * live flows are records, too. Outer flows count only where the filter or the grouping names flow_layer.
 */
export interface AggregateQuery {
  /** [fromNs, toNs) */
  fromNs: bigint;
  toNs: bigint;
  /** length of the answer's intervals, which begin at its multiples since 1970; null: one of the whole range */
  intervalNs: bigint | null;
  /** one at least; the first decides which groups are shown */
  measures: readonly Measure[];
  /** as parseGroupBy reads it; empty: all in one group */
  groupBy: string;
  filter?: FilterNode;
  /** groups that are given one by one, those with the most of the first measure; the rest comes as one */
  top: number;
  /** only records are read, no roll-ups: no error, and every detail */
  exact: boolean;
}

/** Where sums came from; live flows and hot records are `record`, too. */
export type Resolution = 'record' | 'minute' | 'hour';

export interface AggregateGroup {
  /** null: what the groups that are not shown have together */
  keys: (string | number)[] | null;
  /** per measure, of the whole range; null where there is no value */
  totals: (number | null)[];
  /** per measure the values of the intervals in order, NaN where there is none; empty without intervals */
  series: Float64Array[];
  /** per measure: how much more the true value may be at most; 0 where it is exact */
  errors: number[];
}

export interface AggregateAnswer {
  groups: AggregateGroup[];
  /** groups that are summed under keys null; a bound from above when `othersCounted` is false */
  otherGroups: number;
  othersCounted: boolean;
  /** per measure: what a group that is not shown can have at most because lists were cut; 0 where nothing was */
  othersAtMost: number[];
  /** the first interval's begin; fromNs lies in it */
  firstNs: bigint;
  intervals: number;
  facts: AggregateFacts;
}

export interface AggregateFacts {
  resolutions: Resolution[];
  /** rows of records and roll-ups that entered the sums */
  rows: number;
  /** parts of the range of which nothing is kept any more */
  expired: { fromNs: bigint; toNs: bigint }[];
}

/** Values of a field that begin with a text, those with the most records first. */
export interface ValuesQuery {
  field: string;
  prefix: string;
  fromNs: bigint;
  toNs: bigint;
  /** 1 to 1 000 */
  limit: number;
}

export interface ValuesAnswer {
  values: { value: string; records: number }[];
  /** there are more values than the limit lets through */
  more: boolean;
}
