import { flowFields, type FlowField, type FlowRecord } from '@wireglass/native';
import { fieldNamed } from '../model/columns.js';
import { AppError } from '../model/errors.js';
import { hint } from '../model/nearest.js';

/** How values of records become one: sums are spread over a record's life, the others count where it ends. */
export type Aggregate = 'mean' | 'min' | 'max' | 'p50' | 'p90' | 'p95' | 'p99';

/** What a query measures. Plain data: it crosses threads. */
export interface Measure {
  /** as it was asked for, and as the answer names it */
  name: string;
  what:
    | { kind: 'sum'; fields: readonly (keyof FlowRecord)[]; estimated: boolean }
    /** flows count where their first record starts, records where they start */
    | { kind: 'flows' | 'records' }
    | { kind: 'value'; field: keyof FlowRecord; aggregate: Aggregate };
  /** the sum is divided by the seconds of its interval and multiplied by this; null: it is given as it is */
  perSecond: number | null;
  /** Grafana's name of the unit */
  unit: string;
  meaning: string;
}

const sum = (
  name: string,
  fields: readonly (keyof FlowRecord)[],
  unit: string,
  meaning: string,
  perSecond: number | null = null,
  estimated = false,
): Measure => ({ name, what: { kind: 'sum', fields, estimated }, perSecond, unit, meaning });

const bytes = ['bytes', 'rev_bytes'] as const;
const packets = ['packets', 'rev_packets'] as const;

/** Measures with a name of their own, beside the fields that can be summed. */
export const namedMeasures: readonly Measure[] = [
  sum('total_bytes', bytes, 'decbytes', 'IP octets of both directions'),
  sum('total_packets', packets, 'short', 'packets of both directions'),
  sum('bits_per_second', bytes, 'bps', 'bits per second of both directions', 8),
  sum('packets_per_second', packets, 'pps', 'packets per second of both directions', 1),
  sum('estimated_bytes', bytes, 'decbytes', 'total_bytes times the sampling rate', null, true),
  sum('estimated_packets', packets, 'short', 'total_packets times the sampling rate', null, true),
  {
    name: 'flows',
    what: { kind: 'flows' },
    perSecond: null,
    unit: 'short',
    meaning: 'flows that began',
  },
  {
    name: 'flows_per_second',
    what: { kind: 'flows' },
    perSecond: 1,
    unit: 'short',
    meaning: 'flows that began, per second',
  },
  {
    name: 'records',
    what: { kind: 'records' },
    perSecond: null,
    unit: 'short',
    meaning: 'flow records that began',
  },
];

const byName = new Map(namedMeasures.map((measure) => [measure.name, measure]));
export const aggregates = ['mean', 'min', 'max', 'p50', 'p90', 'p95', 'p99'] as const satisfies Aggregate[];

const grafanaUnits: Readonly<Record<string, string>> = { bytes: 'decbytes', us: 'µs' };
const unitOf = ({ unit = '' }: FlowField): string => grafanaUnits[unit] ?? 'short';

/** Fields that are summed by their own name. */
export const summable = ({ role }: FlowField): boolean => role === 'metric';
/** Numbers of a record that have a mean: times, sizes, hops. What is 0 there was not seen. */
export const averageable = ({ name, type, role, unit }: FlowField): boolean =>
  /^u(8|16|32)$/.test(type) && role === 'dimension' && (unit !== undefined || /_(min|max)$/.test(name));

const refuse = (reason: string): AppError => new AppError('bad_request', { reason });
const suggestions = [
  ...namedMeasures.map(({ name }) => name),
  ...flowFields.filter(summable).map(({ name }) => name),
];

function valueMeasure(text: string, word: string, name: string): Measure {
  const aggregate = aggregates.find((known) => known === word);
  if (aggregate === undefined) {
    throw refuse(
      `measure is ${JSON.stringify(text)}: ${JSON.stringify(word)} is none of ${aggregates.join(', ')}${hint(word, aggregates)}`,
    );
  }
  const field = fieldNamed(name);
  if (field === undefined || !averageable(field)) {
    const known = flowFields.filter(averageable).map((it) => it.name);
    throw refuse(
      `measure is ${JSON.stringify(text)}: ${name} has no ${aggregate}; expected a field such as tcp_rtt_us${hint(name, known)}`,
    );
  }
  return {
    name: `${aggregate}(${field.name})`,
    what: { kind: 'value', field: field.name, aggregate },
    perSecond: null,
    unit: unitOf(field),
    meaning: `${aggregate} of: ${field.meaning}`,
  };
}

/**
 * Reads a measure: `total_bytes`, a field that can be summed (`rev_bytes`), or a statistic of one (`p95(tcp_rtt_us)`).
 * Throws `bad_request`.
 */
export function parseMeasure(text: string): Measure {
  const word = text.trim().toLowerCase();
  const [, aggregate = '', inner = ''] = /^(\w+)\s*\(\s*(\w+)\s*\)$/.exec(word) ?? [];
  if (aggregate !== '') return valueMeasure(text, aggregate, inner);
  const named = byName.get(word);
  if (named !== undefined) return named;
  const field = fieldNamed(word);
  if (field !== undefined && summable(field)) {
    return sum(field.name, [field.name], unitOf(field), field.meaning);
  }
  if (field !== undefined && averageable(field)) {
    throw refuse(
      `measure is ${JSON.stringify(text)}: a sum of it means nothing; say mean(${word}) or p95(${word})`,
    );
  }
  throw refuse(
    `measure is ${JSON.stringify(text)}; expected one of ${suggestions.join(', ')}, or a statistic such as p95(tcp_rtt_us)${hint(word, suggestions)}`,
  );
}

/** Whether values of parts add up to the value of the whole. */
export const isAdditive = ({ what }: Measure): boolean => what.kind !== 'value';
