import { Value } from '@sinclair/typebox/value';
import { AppError } from '../model/errors.js';
import { explain } from '../model/explain.js';
import { nearest } from '../model/nearest.js';
import type { QueryType } from './query-type.js';
import { queryTypes } from './registry.js';

/** A query of a request, read and checked, or what is wrong about it. */
export interface ReadQuery {
  refId: string;
  type: QueryType;
  query: Record<string, unknown>;
  suggestedIntervalMs: number | null;
  maxDataPoints: number | null;
}

/** What Grafana puts beside a query's own keys and what means nothing here. */
const passedOver = new Set(['datasource', 'datasourceId', 'hide', 'key', 'queryCachingTTL', 'timeRange']);

const refuse = (reason: string): AppError => new AppError('bad_request', { reason });

function textOf(query: Record<string, unknown>, names: readonly string[], place: string): string | null {
  for (const name of names) {
    const value = query[name];
    if (value === undefined) continue;
    if (typeof value === 'string') return value;
    throw refuse(`${place}: ${name} is ${JSON.stringify(value)}; expected text`);
  }
  return null;
}

function numberOf(query: Record<string, unknown>, names: readonly string[], place: string): number | null {
  for (const name of names) {
    const value = query[name];
    if (value === undefined || value === null || value === 0) continue;
    if (typeof value === 'number' && value > 0) return value;
    throw refuse(`${place}: ${name} is ${JSON.stringify(value)}; expected a number above 0`);
  }
  return null;
}

const common = ['refId', 'ref_id', 'type', 'queryType', 'intervalMs', 'maxDataPoints', 'max_data_points'];

/** The name under which a query's answer stands; A, B, C … by its place where it has none. */
export function refIdOf(query: unknown, place: number): string {
  const { refId, ref_id } = (query ?? {}) as { refId?: unknown; ref_id?: unknown };
  const own = refId ?? ref_id;
  return typeof own === 'string' && own !== '' ? own : String.fromCharCode(65 + (place % 26));
}

/** Throws `bad_request` that names the query, the key and what was expected. */
export function readQuery(given: unknown, refId: string): ReadQuery {
  const place = `query ${refId}`;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw refuse(`${place}: expected a JSON object`);
  }
  const query = given as Record<string, unknown>;
  const name = textOf(query, ['type', 'queryType'], place) ?? '';
  const type = queryTypes.get(name);
  if (type === undefined) {
    const names = [...queryTypes.keys()];
    const near = nearest(name, names);
    const meant = near === null || name === '' ? '' : `; did you mean ${near}?`;
    throw refuse(
      `${place}: type is ${name === '' ? 'missing' : JSON.stringify(name)}; expected one of ${names.join(', ')}${meant}`,
    );
  }
  const own = Object.fromEntries(
    Object.entries(query).filter(([key]) => !passedOver.has(key) && !common.includes(key)),
  );
  const value = Value.Default(type.schema, structuredClone(own));
  if (!Value.Check(type.schema, value)) {
    throw explain(place, type.schema, value, [...Value.Errors(type.schema, value)]);
  }
  type.check?.(value);
  return {
    refId,
    type,
    query: value,
    suggestedIntervalMs: numberOf(query, ['intervalMs'], place),
    maxDataPoints: numberOf(query, ['maxDataPoints', 'max_data_points'], place),
  };
}
