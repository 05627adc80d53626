import type { DataQuery } from '@grafana/schema';
import type { DataSourceJsonData } from '@grafana/data';

/** Types of POST /api/v1/query. */
export const queryTypes = [
  'timeseries',
  'top',
  'flows',
  'topology',
  'packets',
  'captures',
  'events',
  'capture_health',
] as const;
export type QueryType = (typeof queryTypes)[number];

/** The collector's own keys of a query, of all types; keysOf says which type has which. */
export interface QueryKeys {
  measure?: string;
  measures?: string[];
  group_by?: string[];
  filter?: string;
  top?: number;
  other?: boolean;
  interval_ms?: number;
  source?: 'auto' | 'flows' | 'metrics';
  exact?: boolean;
  format?: 'table' | 'numeric';
  fields?: string[];
  sort?: string;
  limit?: number;
  scope?: 'all' | 'live' | 'stored';
  by?: 'address' | 'net' | 'outer' | 'tenant';
  prefix_v4?: number;
  prefix_v6?: number;
  kind?: 'any' | 'lisp';
  kinds?: string[];
  severity?: 'info' | 'warning' | 'error';
  view?: 'loss' | 'ledger';
}

/** A query as a panel keeps it: the collector's keys, and beside them how it is edited. */
export interface WireglassQuery extends DataQuery, QueryKeys {
  queryType: QueryType;
  editor?: { mode: 'builder' | 'code' };
}

/** Activities whose least role can be raised. */
export const activities = ['query', 'packets', 'capture', 'settings'] as const;
export type Activity = (typeof activities)[number];
export type Role = 'Viewer' | 'Editor' | 'Admin';

export interface WireglassOptions extends DataSourceJsonData {
  minimumRoles?: Partial<Record<Activity, Role>>;
  timeout?: number;
  tlsSkipVerify?: boolean;
  tlsAuth?: boolean;
  tlsAuthWithCACert?: boolean;
  serverName?: string;
}

export interface WireglassSecrets {
  apiToken?: string;
  tlsCACert?: string;
  tlsClientCert?: string;
  tlsClientKey?: string;
}

/** Values of a field, for a dashboard's variable. */
export interface VariableQuery extends DataQuery {
  field?: string;
  prefix?: string;
}
