import type { FilterNode } from '../../../../model/filter.js';
import type { GroupKey } from '../../../../query/group-by.js';
import type { Measure } from '../../../../query/measures.js';
import { filterToSql, type SqlCondition } from '../../../../query/sql.js';
import type { Statement } from '../page-sql.js';
import {
  cubeColumns,
  cubeTable,
  spreadCounts,
  topDimensions,
  topTable,
  type RollupResolution,
  type TopDimension,
} from '../rollup-tables.js';
import { errorNames, keyNames, measureNames, type CellsPlan } from './cells-sql.js';

/** Which roll-up answers a query: the cube, or the lists of one dimension. */
export type RollupKind = { kind: 'cube' } | { kind: 'top'; dimension: TopDimension };

/** Rows of a roll-up: intervals that begin in [fromS, toS), of parts that were begun on these days. */
export interface RollupRange {
  resolution: RollupResolution;
  fromS: bigint;
  toS: bigint;
  storedDays: readonly number[];
}

type Asked = Pick<CellsPlan, 'keys' | 'measures' | 'filter'>;

const nsPerS = 1_000_000_000n;
const cubeFields = new Set<string>(['interface', 'flow_layer', ...cubeColumns.map(({ name }) => name)]);
const spreadFields = new Set<string>(spreadCounts);

/** Fields that a filter looks at, `ip_version` as one of its own: roll-ups have it as a column. */
function namesIn(node: FilterNode): string[] {
  switch (node.kind) {
    case 'and':
    case 'or':
      return [...namesIn(node.left), ...namesIn(node.right)];
    case 'not':
      return namesIn(node.operand);
    case 'address':
      return ['src_addr', 'dst_addr'];
    case 'port':
      return ['src_port', 'dst_port'];
    case 'protocol':
      return ['protocol'];
    case 'ip_version':
      return ['ip_version'];
    default:
      return [node.field];
  }
}

const filterNames = (filter: FilterNode | undefined): Set<string> =>
  new Set(filter === undefined ? [] : namesIn(filter));
const isPlain = ({ type }: GroupKey): boolean => type !== 'net' && type !== 'time';
/** The column of roll-ups that a key is about. */
const nameOf = ({ name, field }: GroupKey): string => (name === 'ip_version' ? name : field.name);
const fieldsOf = ({ keys, text }: TopDimension): Set<string> =>
  new Set<string>([...keys, ...(text === null ? [] : [text])].map(({ field }) => field));

function summed({ what }: Measure): boolean {
  if (what.kind === 'sum') return !what.estimated && what.fields.every((field) => spreadFields.has(field));
  return what.kind === 'flows' || what.kind === 'records';
}

/** The roll-up that knows all that a query asks for; null where only records do. */
export function rollupFor({ keys, measures, filter }: Asked): RollupKind | null {
  if (!measures.every(summed) || !keys.every(isPlain)) return null;
  const filtered = filterNames(filter);
  const grouped = new Set<string>(keys.map(nameOf));
  if ([...filtered, ...grouped].every((name) => cubeFields.has(name))) return { kind: 'cube' };
  // lists know the interface and the layer beside their own dimension
  const within = new Set<string>(['interface', 'flow_layer']);
  if (![...filtered].every((name) => within.has(name))) return null;
  const own = [...grouped].filter((name) => !within.has(name));
  const dimension = topDimensions.find((each) => {
    const fields = fieldsOf(each);
    return fields.size === own.length && own.every((name) => fields.has(name));
  });
  return dimension === undefined ? null : { kind: 'top', dimension };
}

/** A filter over the columns of the cube, which has the version of addresses as a column. */
function cubeFilter(node: FilterNode): SqlCondition {
  switch (node.kind) {
    case 'and':
    case 'or': {
      const [left, right] = [cubeFilter(node.left), cubeFilter(node.right)];
      return {
        sql: `(${left.sql} ${node.kind === 'and' ? 'AND' : 'OR'} ${right.sql})`,
        parameters: [...left.parameters, ...right.parameters],
      };
    }
    case 'not': {
      const { sql, parameters } = cubeFilter(node.operand);
      return { sql: `(NOT ${sql})`, parameters };
    }
    case 'ip_version':
      return { sql: `(ip_version = ${node.version})`, parameters: [] };
    default:
      return filterToSql(node);
  }
}

/** A measure as the sum of a row's columns. */
const rowSum = ({ what }: Measure): string =>
  what.kind === 'sum' ? `(${what.fields.join(' + ')})` : what.kind;

/** What a value that is not in a list can have at most: the rest's sum, or the list's own bound where it has one. */
function listBound(measure: Measure): string {
  const { what } = measure;
  const own = rowSum(measure);
  if (what.kind !== 'sum') return `least(${own}, most_records)`;
  const only = (...names: string[]): boolean => what.fields.every((field) => names.includes(field));
  if (only('bytes', 'rev_bytes')) return `least(${own}, most_bytes)`;
  return only('packets', 'rev_packets') ? `least(${own}, most_packets)` : own;
}

/** Columns of the lists for a key's parts, and the type that records have them with. */
function listColumns(key: GroupKey, { keys, text }: TopDimension): string[] {
  if (key.field.name === 'interface' || key.field.name === 'flow_layer') return [...key.expressions];
  return key.expressions.map((expression) => {
    if (text?.name === expression) return 'text';
    const place = keys.findIndex(({ name }) => name === expression);
    if (place < 0) throw new Error(`${expression} is no column of the list`);
    return `key_${place}`;
  });
}

interface Unknowns {
  /** nothing tells whether these rows pass the filter */
  undecided: string;
  /** nothing tells which group these rows belong to */
  ungrouped: string;
}

/** Rows of the rest, and those of interfaces that are not told apart. */
function unknownsOf(rollup: RollupKind, { keys, filter }: Asked): Unknowns {
  const filtered = filterNames(filter);
  const grouped = new Set<string>(keys.map(nameOf));
  const noInterface = (names: ReadonlySet<string>): string =>
    names.has('interface') ? 'interface IS NULL' : 'false';
  const beyondLayer = (names: ReadonlySet<string>): boolean =>
    [...names].some((name) => name !== 'flow_layer');
  if (rollup.kind === 'cube') {
    const undecided = beyondLayer(filtered) ? `(other OR ${noInterface(filtered)})` : 'false';
    return { undecided, ungrouped: beyondLayer(grouped) ? `(other OR ${noInterface(grouped)})` : 'false' };
  }
  return { undecided: noInterface(filtered), ungrouped: `(other OR ${noInterface(grouped)})` };
}

/** Cells of a roll-up, as recordCells has them. Rows of no known group have no keys; what they hide is their error. */
export function rollupCells(rollup: RollupKind, range: RollupRange, plan: CellsPlan): Statement {
  const { keys, measures, filter, intervalNs } = plan;
  const { undecided, ungrouped } = unknownsOf(rollup, plan);
  const columns = keys.flatMap((key) =>
    rollup.kind === 'cube' ? [nameOf(key)] : listColumns(key, rollup.dimension),
  );
  const unknown = `(${undecided} OR ${ungrouped})`;
  const values = [
    ...columns.map((column) => `CASE WHEN NOT ${unknown} THEN ${column} END`),
    ...measures.map((measure) => `CASE WHEN ${undecided} THEN 0 ELSE ${rowSum(measure)} END`),
    ...errorNames(plan).map((_, index) => {
      const measure = measures[index] as Measure;
      const own = rowSum(measure);
      const bound =
        rollup.kind === 'cube' ? own : `CASE WHEN other THEN ${listBound(measure)} ELSE ${own} END`;
      return `CASE WHEN ${undecided} THEN ${own} WHEN ${ungrouped} THEN ${bound} ELSE 0 END`;
    }),
  ];
  const names = [...keyNames(keys), ...measureNames(measures), ...errorNames(plan)];
  const layered =
    keys.some(({ field }) => field.name === 'flow_layer') || filterNames(filter).has('flow_layer');
  const condition = filter === undefined ? { sql: 'true', parameters: [] } : cubeFilter(filter);
  const where = [
    `time_s >= ${range.fromS} AND time_s < ${range.toS}`,
    `stored_day IN (${range.storedDays.join(', ')})`,
    ...(rollup.kind === 'top' ? [`dimension = '${rollup.dimension.name}'`] : []),
    ...(layered ? [] : ['flow_layer = 0']),
    `(${undecided} OR ${condition.sql})`,
  ];
  const table = rollup.kind === 'cube' ? cubeTable(range.resolution) : topTable(range.resolution);
  const bucket = intervalNs === null ? '0' : `time_s * ${nsPerS} // ${intervalNs}`;
  const list = values.map((value, index) => `${value} AS ${names[index]}`);
  return {
    sql: `SELECT ${[`${bucket} AS b`, ...list, '1 AS n'].join(', ')} FROM ${table} WHERE ${where.join(' AND ')}`,
    parameters: condition.parameters,
  };
}
