import type { QueryKeys, QueryType, WireglassQuery } from './types';

/** Keys that each type of query has; the collector refuses others. */
export const keysOf: Record<QueryType, readonly (keyof QueryKeys)[]> = {
  timeseries: ['measure', 'group_by', 'filter', 'top', 'other', 'interval_ms', 'source', 'exact'],
  top: ['measures', 'group_by', 'filter', 'top', 'other', 'format', 'exact'],
  flows: ['filter', 'fields', 'sort', 'limit', 'scope'],
  topology: ['by', 'prefix_v4', 'prefix_v6', 'filter', 'limit', 'exact'],
  packets: ['filter', 'kind', 'limit'],
  captures: ['limit'],
  events: ['kinds', 'severity', 'limit'],
  capture_health: ['view', 'interval_ms'],
};

export const hasFilter = (type: QueryType): boolean => keysOf[type].includes('filter');

const isSet = (value: unknown): boolean =>
  value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);

/** What of a query the collector reads; keys that say nothing are left out, so that its defaults hold. */
export function ownKeys(query: WireglassQuery): QueryKeys {
  const keys = keysOf[query.queryType].filter((key) => isSet(query[key]));
  return Object.fromEntries(keys.map((key) => [key, query[key]]));
}

/** The query as another type: what both have stays, what only the old one has goes. */
export function withType(query: WireglassQuery, queryType: QueryType): WireglassQuery {
  const { refId, datasource, hide, key, editor } = query;
  return {
    refId,
    datasource,
    ...(hide === undefined ? {} : { hide }),
    ...(key === undefined ? {} : { key }),
    ...(editor === undefined ? {} : { editor }),
    ...ownKeys({ ...query, queryType }),
    queryType,
  };
}

/** The query with other keys of its own, as code mode reads them. */
export function withKeys(query: WireglassQuery, keys: QueryKeys & { queryType: QueryType }): WireglassQuery {
  const bare = withType({ ...query, ...noKeys }, keys.queryType);
  return { ...bare, ...keys };
}

const noKeys = Object.fromEntries(
  Object.values(keysOf).flatMap((keys) => keys.map((key) => [key, undefined])),
);
