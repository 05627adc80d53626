import type { FlowRecord } from '@wireglass/native';
import { matchesFilter } from '../../../../query/evaluate.js';
import { groupColumns, type GroupKey } from '../../../../query/group-by.js';
import type { Aggregate, Measure } from '../../../../query/measures.js';
import type { AggregateQuery } from '../../../flows/flow-aggregate.js';
import { ColumnWriter } from '../../column-writer.js';
import type { Connection } from '../../database.js';
import { createTable, wantedColumns } from '../schema.js';
import { batchesOf, seededNumbers } from '../test-batches.js';
import { randomRecords } from '../test-records.js';
import { groupKeys } from './aggregation.js';
import { spread } from './spread.js';

// For tests: records that try what aggregation has to get right, and the sums that a loop over them gives.

export const originNs = 1_700_000_000_000_000_000n;
const lives = [0n, 1n, 999_999_999n, 5_000_000_000n, 65_000_000_000n, 600_000_000_000n, 7_200_000_000_000n];

/** Records within some hours from originNs: many short ones, zero-duration and hour-long ones, several of one flow. */
export function spreadRecords(seed: number, count: number, firstFlow = 1_000): FlowRecord[] {
  const number = seededNumbers(seed * 31 + 7);
  return randomRecords(seed, count).map((record, index) => {
    const start =
      originNs - 600_000_000_000n + BigInt(number(3_600_000)) * 3_000_000n + BigInt(number(1_000));
    const life = lives[number(10) < 7 ? number(4) : number(lives.length)] ?? 0n;
    return {
      ...record,
      flow_id: String(firstFlow + Math.floor(index / 3)),
      record_index: index % 3,
      start_ns: String(start),
      end_ns: String(start + life),
      bytes: number(10) === 0 ? 2 ** 40 + number(1_000) : number(100_000),
      tcp_rtt_us: number(4) === 0 ? 0 : number(50_000),
      flow_layer: number(12) === 0 ? ('outer' as const) : ('innermost' as const),
    };
  });
}

/** Fills a new table with records. */
export async function storeRecords(
  { api, raw }: Connection,
  table: string,
  records: readonly FlowRecord[],
): Promise<void> {
  await api.run(createTable(table));
  new ColumnWriter(raw, wantedColumns, table).write(batchesOf(records), 0);
}

export interface ExpectedGroup {
  keys: string;
  totals: (number | null)[];
  series: (number | null)[][];
}

type Parts = Map<string, { perInterval: Map<number, number[]>[]; all: number[][] }>;

const keyOf = (keys: readonly GroupKey[], record: FlowRecord): string =>
  JSON.stringify(
    keys.map((key) => {
      const value = record[groupColumns([key])[0] as keyof FlowRecord];
      if (key.name === 'ip_version') return record.src_addr.includes(':') ? 6 : 4;
      if (key.type === 'net') return `net ${String(value)}`;
      return value;
    }),
  );

/** What a record gives to each interval that it touches: [interval, value]. */
function contributions(record: FlowRecord, measure: Measure, query: AggregateQuery): [number, number][] {
  const [start, end] = [BigInt(record.start_ns), BigInt(record.end_ns)];
  const interval = query.intervalNs ?? query.toNs;
  const first = query.fromNs / interval;
  const given: [number, number][] = [];
  const own = start / interval > first ? start / interval : first;
  for (let bucket = own; bucket * interval < query.toNs && bucket * interval <= end; bucket++) {
    const begin = bucket * interval > query.fromNs ? bucket * interval : query.fromNs;
    const stop = (bucket + 1n) * interval < query.toNs ? (bucket + 1n) * interval : query.toNs;
    if (end < begin || start >= stop) continue;
    given.push([Number(bucket - first), contribution(record, measure, begin, stop)]);
  }
  return given;
}

function contribution(record: FlowRecord, { what }: Measure, begin: bigint, stop: bigint): number {
  const [start, end] = [BigInt(record.start_ns), BigInt(record.end_ns)];
  switch (what.kind) {
    case 'sum': {
      const rate = what.estimated ? record.sampling_rate : 1;
      return what.fields.reduce(
        (sum, field) => sum + rate * spread(Number(record[field]), start, end, begin, stop),
        0,
      );
    }
    case 'flows':
      return record.record_index === 0 && start >= begin ? 1 : 0;
    case 'records':
      return start >= begin ? 1 : 0;
    case 'value':
      return end < stop && Number(record[what.field]) !== 0 ? Number(record[what.field]) : NaN;
  }
}

const quantiles: Partial<Record<Aggregate, number>> = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 };

function combine({ what }: Measure, values: readonly number[]): number | null {
  if (what.kind !== 'value') return values.reduce((sum, value) => sum + value, 0);
  const known = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  if (known.length === 0) return null;
  const quantile = quantiles[what.aggregate];
  if (quantile !== undefined) return known[Math.max(0, Math.ceil(quantile * known.length) - 1)] ?? null;
  if (what.aggregate === 'mean') return known.reduce((sum, value) => sum + value, 0) / known.length;
  return (what.aggregate === 'min' ? known[0] : known.at(-1)) ?? null;
}

/** The sums of a query by a loop over all records, groups with the most of the first measure first. */
export function bruteForce(records: readonly FlowRecord[], query: AggregateQuery): ExpectedGroup[] {
  const keys = groupKeys(query.groupBy);
  const intervals =
    query.intervalNs === null
      ? 1
      : Number((query.toNs - 1n) / query.intervalNs - query.fromNs / query.intervalNs + 1n);
  const parts: Parts = new Map();
  for (const record of records) {
    if (query.filter !== undefined && !matchesFilter(query.filter, record)) continue;
    if (record.flow_layer === 'outer') continue;
    const own = query.measures.map((measure) => contributions(record, measure, query));
    if (own[0]?.length === 0) continue;
    const key = keyOf(keys, record);
    const group = parts.get(key) ?? {
      perInterval: query.measures.map(() => new Map<number, number[]>()),
      all: query.measures.map(() => []),
    };
    parts.set(key, group);
    own.forEach((given, index) => {
      for (const [interval, value] of given) {
        group.all[index]?.push(value);
        const values = group.perInterval[index]?.get(interval) ?? [];
        values.push(value);
        group.perInterval[index]?.set(interval, values);
      }
    });
  }
  const groups = [...parts].map(([key, { perInterval, all }]) => ({
    keys: key,
    totals: query.measures.map((measure, index) => combine(measure, all[index] ?? [])),
    series: query.measures.map((measure, index) =>
      Array.from({ length: intervals }, (_, interval) => {
        const values = perInterval[index]?.get(interval);
        return values === undefined ? null : combine(measure, values);
      }),
    ),
  }));
  return groups.sort((a, b) => (b.totals[0] ?? -1) - (a.totals[0] ?? -1));
}
