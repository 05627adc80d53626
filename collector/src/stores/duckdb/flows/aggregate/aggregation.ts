import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../../../../model/errors.js';
import { parseGroupBy, type GroupKey } from '../../../../query/group-by.js';
import { isAdditive, type Measure } from '../../../../query/measures.js';
import type {
  AggregateAnswer,
  AggregateFacts,
  AggregateGroup,
  AggregateQuery,
  Resolution,
} from '../../../flows/flow-aggregate.js';
import type { Statement } from '../page-sql.js';
import { bindings } from '../../scratch.js';
import { seriesStatement, topStatement, union, type KeyParts } from './aggregate-sql.js';
import { keyNames, type CellsPlan } from './cells-sql.js';

/** Values of one answer: groups times intervals times measures. */
export const maxCells = 2_000_000;
export const maxGroups = 10_000;

/** A part of what a query reads: cells of its range at its resolution, for the plan with or without intervals. */
export interface Piece {
  resolution: Resolution;
  cells: (plan: CellsPlan) => Statement;
}

/** What the planner found for a query. */
export interface Pieces {
  pieces: readonly Piece[];
  /** some pieces come from lists that were cut */
  bounded: boolean;
  expired: AggregateFacts['expired'];
}

type Row = readonly (bigint | number | string | boolean | null)[];

const refuse = (reason: string): AppError => new AppError('query_limit', { reason });

/** The keys that a query groups by. Throws `bad_request`. */
export const groupKeys = (groupBy: string): GroupKey[] =>
  groupBy.trim() === '' ? [] : parseGroupBy(groupBy, () => null);

function intervalsOf({ fromNs, toNs, intervalNs }: AggregateQuery): { first: bigint; count: number } {
  if (intervalNs === null) return { first: 0n, count: 1 };
  const first = fromNs / intervalNs;
  return { first, count: Number((toNs - 1n) / intervalNs - first + 1n) };
}

function check(query: AggregateQuery): void {
  const { fromNs, toNs, top, measures } = query;
  if (fromNs < 0n || toNs <= fromNs) throw refuse('the range is empty: "to" must be later than "from"');
  if (!Number.isInteger(top) || top < 1 || top > maxGroups) {
    throw refuse(`${top} groups; expected 1 to ${maxGroups}`);
  }
  const cells = (top + 1) * intervalsOf(query).count * measures.length;
  if (cells > maxCells) {
    throw refuse(
      `${top + 1} series of ${intervalsOf(query).count} intervals are more than ${maxCells} values; ask for a longer interval or fewer series`,
    );
  }
}

async function rowsOf(connection: DuckDBConnection, { sql, parameters }: Statement): Promise<Row[]> {
  const { values, types } = bindings(parameters);
  const reader = await connection.runAndReadAll(sql, values, types);
  return reader.getRows() as unknown as Row[];
}

const numberOf = (value: Row[number] | undefined): number | null =>
  value === null || value === undefined ? null : Number(value);

interface Tops {
  shown: { parts: KeyParts; totals: (number | null)[] }[];
  /** of all groups; of a statistic null */
  whole: (number | null)[];
  /** per measure: what a value can lack because lists were cut */
  errors: number[];
  groups: number;
  rows: number;
}

/**
 * Runs queries of aggregates: the heaviest groups first, then their intervals. The connection is within a lease, so that
 * both see the same records.
 */
export class Aggregation {
  private readonly keys: GroupKey[];

  constructor(
    private readonly connection: DuckDBConnection,
    private readonly query: AggregateQuery,
    private readonly found: Pieces,
  ) {
    check(query);
    this.keys = groupKeys(query.groupBy);
  }

  async answer(): Promise<AggregateAnswer> {
    const { query, found } = this;
    const { first, count } = intervalsOf(query);
    const answer: AggregateAnswer = {
      groups: [],
      otherGroups: 0,
      othersCounted: true,
      othersAtMost: query.measures.map(() => 0),
      firstNs: query.intervalNs === null ? query.fromNs : first * query.intervalNs,
      intervals: query.intervalNs === null ? 0 : count,
      facts: {
        resolutions: [...new Set(found.pieces.map(({ resolution }) => resolution))],
        rows: 0,
        expired: found.expired,
      },
    };
    if (found.pieces.length === 0) return answer;
    await this.fill(answer, count);
    return answer;
  }

  private async fill(answer: AggregateAnswer, intervals: number): Promise<void> {
    const { query, keys } = this;
    const { measures, intervalNs } = query;
    const tops = keys.length === 0 ? null : await this.tops();
    answer.otherGroups = tops === null ? 0 : Math.max(0, tops.groups - tops.shown.length);
    answer.facts.rows = tops?.rows ?? 0;
    answer.groups = groupsOf(keys, measures, tops);
    if (tops !== null) {
      answer.othersAtMost = tops.errors;
      answer.othersCounted = tops.errors.every((error) => error === 0);
      for (const group of answer.groups) if (group.keys !== null) group.errors = tops.errors;
    }
    const restUnknown = answer.otherGroups > 0 && !measures.every(isAdditive);
    if (tops === null || intervalNs !== null || restUnknown) {
      await this.series(answer, tops, intervals);
    }
    if (tops === null && answer.facts.rows === 0) answer.groups = [];
  }

  private plan(intervalNs: bigint | null): CellsPlan {
    const { fromNs, toNs, measures, filter } = this.query;
    return { fromNs, toNs, intervalNs, measures, filter, keys: this.keys, bounded: this.found.bounded };
  }

  private cells(intervalNs: bigint | null): Statement {
    const plan = this.plan(intervalNs);
    return union(this.found.pieces.map(({ cells }) => cells(plan)));
  }

  private async tops(): Promise<Tops> {
    const { keys, query } = this;
    const rows = await rowsOf(this.connection, topStatement(this.cells(null), this.plan(null), query.top));
    const tops: Tops = { shown: [], whole: [], errors: [], groups: 0, rows: 0 };
    const width = keyNames(keys).length;
    for (const row of rows) {
      const values = row.slice(1 + width, 1 + width + query.measures.length).map(numberOf);
      if (row[0] !== true) tops.shown.push({ parts: row.slice(1, 1 + width) as KeyParts, totals: values });
      else {
        tops.whole = values;
        tops.errors = query.measures.map((_, index) =>
          this.found.bounded ? (numberOf(row[1 + width + query.measures.length + index]) ?? 0) : 0,
        );
        tops.rows = numberOf(row.at(-2)) ?? 0;
        tops.groups = numberOf(row.at(-1)) ?? 0;
      }
    }
    return tops;
  }

  private async series(answer: AggregateAnswer, tops: Tops | null, intervals: number): Promise<void> {
    const { query } = this;
    const shown = tops?.shown.map(({ parts }) => parts) ?? [];
    const statement = seriesStatement(this.cells(query.intervalNs), this.plan(query.intervalNs), shown);
    const first = query.intervalNs === null ? 0n : query.fromNs / query.intervalNs;
    const { groups } = answer;
    if (query.intervalNs !== null) {
      for (const group of groups) {
        group.series = query.measures.map(() => new Float64Array(intervals).fill(NaN));
      }
    }
    const { values, types } = bindings(statement.parameters);
    const result = await this.connection.run(statement.sql, values, types);
    const columns = (await result.getColumns()) as unknown as ArrayLike<bigint | number | null>[];
    const rows = columns[0]?.length ?? 0;
    let entered = 0;
    for (let row = 0; row < rows; row++) {
      const group = groups[Number(columns[1]?.[row])];
      const interval = Number(BigInt(columns[0]?.[row] ?? 0) - first);
      entered += Number(columns.at(-1)?.[row] ?? 0);
      if (group === undefined) continue;
      query.measures.forEach((measure, index) => {
        const value = columns[2 + index]?.[row];
        if (value === null || value === undefined) return;
        const series = group.series[index];
        if (series !== undefined) series[interval] = Number(value);
        if (tops === null && isAdditive(measure))
          group.totals[index] = (group.totals[index] ?? 0) + Number(value);
        else if (query.intervalNs === null) group.totals[index] = Number(value);
        if (tops === null && this.found.bounded) {
          group.errors[index] =
            (group.errors[index] ?? 0) + Number(columns[2 + query.measures.length + index]?.[row] ?? 0);
        }
      });
    }
    if (tops === null) answer.facts.rows = entered;
  }
}

/** The groups that are shown, and one with keys null where there are more. */
function groupsOf(
  keys: readonly GroupKey[],
  measures: readonly Measure[],
  tops: Tops | null,
): AggregateGroup[] {
  const errors = (): number[] => measures.map(() => 0);
  if (tops === null) return [{ keys: [], totals: measures.map(() => null), series: [], errors: errors() }];
  const groups: AggregateGroup[] = tops.shown.map(({ parts, totals }) => {
    let at = 0;
    const values = keys.map((key) => {
      const own = parts.slice(at, at + key.expressions.length);
      at += key.expressions.length;
      return key.value(own);
    });
    return { keys: values, totals, series: [], errors: errors() };
  });
  // behind lists that were cut there may be more groups than are known
  if (tops.groups > tops.shown.length || tops.errors.some((error) => error > 0)) {
    groups.push({ keys: null, totals: restOf(measures, tops), series: [], errors: errors() });
  }
  return groups;
}

/** Of the whole what the groups that are shown leave; of statistics only another look at the records tells. */
function restOf(measures: readonly Measure[], { shown, whole }: Tops): (number | null)[] {
  return measures.map((measure, index) => {
    if (!isAdditive(measure)) return null;
    return shown.reduce((rest, { totals }) => rest - (totals[index] ?? 0), whole[index] ?? 0);
  });
}
