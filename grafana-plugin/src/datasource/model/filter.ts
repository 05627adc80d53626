import type { AdHocVariableFilter } from '@grafana/data';

// Values of variables and ad-hoc filters, put into filter expressions (docs/FILTERS.md).

const begin = '\u0001';
const between = '\u0002';
const plain = /^[\w.:/-]+$/;

/** A value as filters take it. Throws where none of the two quotation marks can hold it: there is no escape. */
export function quoted(value: string): string {
  if (plain.test(value)) return value;
  if (!value.includes('"')) return `"${value}"`;
  if (!value.includes("'")) return `'${value}'`;
  throw new Error(`${value} has both kinds of quotation marks: a filter cannot hold it`);
}

/** What a variable's value becomes at first: marked, so that withValues finds it again with what stands before it. */
export const marked = (value: unknown): string =>
  begin + (Array.isArray(value) ? value : [value]).map(String).join(between) + begin;

/** A condition up to its value, and the value with quotation marks that may stand around it. */
const markedCondition = new RegExp(
  `((?:\\b(?:src|dst)\\s+)?\\b(?:host|net|port|proto|vlan|tenant|overlay|src|dst)\\s+|\\b[a-z_]\\w*\\s*(==?|!=|!~|<=?|>=?|~)\\s*)?` +
    `(["']?)${begin}([^${begin}]*)${begin}\\3`,
  'gi',
);

/**
 * Writes marked values into a filter. Several values repeat their condition: `src_addr = $v` becomes
 * `(src_addr = a or src_addr = b)`, and what must not hold must hold for none of them.
 */
export function withValues(filter: string): string {
  return filter.replace(
    markedCondition,
    (_, condition: string | undefined, operator: string | undefined, _quote, list: string) => {
      const values = list.split(between);
      if (values.length === 1 || condition === undefined) {
        return `${condition ?? ''}${values.map(quoted).join(' ')}`;
      }
      const joined = operator?.startsWith('!') === true ? ' and ' : ' or ';
      return `(${values.map((value) => condition + quoted(value)).join(joined)})`;
    },
  );
}

const operators: Readonly<Record<string, string>> = { '=~': '~', '=|': '=', '!=|': '!=' };

function conditionOf({ key, operator, value, values }: AdHocVariableFilter): string {
  const own = operators[operator] ?? operator;
  const all = operator.endsWith('|') && values !== undefined && values.length > 0 ? values : [value];
  const conditions = all.map((one) => `${key} ${own} ${quoted(one)}`);
  if (conditions.length === 1) return conditions[0] ?? '';
  return `(${conditions.join(own.startsWith('!') ? ' and ' : ' or ')})`;
}

/** A filter with conditions added, all of which must hold. */
export function withConditions(filter: string | undefined, added: readonly AdHocVariableFilter[]): string {
  const conditions = added.filter(({ key }) => key !== '').map(conditionOf);
  const own = filter?.trim() ?? '';
  if (conditions.length === 0) return own;
  return [...(own === '' ? [] : [`(${own})`]), ...conditions].join(' and ');
}
