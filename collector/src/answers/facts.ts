import type { AggregateAnswer, AggregateFacts } from '../stores/flows/flow-aggregate.js';
import type { Notice } from './frame.js';

const timeText = (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toISOString();

/** What an answer tells about itself in `meta.custom`. */
export function factsOf(source: 'flows' | 'metrics', facts: AggregateFacts): Record<string, unknown> {
  return {
    source,
    resolutions: facts.resolutions,
    rows: facts.rows,
    expired: facts.expired.map(({ fromNs, toNs }) => ({ from_ns: String(fromNs), to_ns: String(toNs) })),
  };
}

/** What users should know about an answer. */
export function noticesOf({
  facts,
  othersAtMost,
}: Pick<AggregateAnswer, 'facts' | 'othersAtMost'>): Notice[] {
  const notices: Notice[] = facts.expired.map(({ fromNs, toNs }) => ({
    severity: 'warning',
    text: `nothing is kept any more from ${timeText(fromNs)} to ${timeText(toNs)} at the resolution that this query needs`,
  }));
  if (othersAtMost.some((most) => most > 0)) {
    notices.push({
      severity: 'info',
      text: 'values come from lists of the heaviest per minute and hour: the true ones are at most the error higher; "exact": true reads records instead',
    });
  }
  return notices;
}
