import type { DataSourceInstanceSettings, ScopedVars } from '@grafana/data';
import {
  setBackendSrv,
  setTemplateSrv,
  type BackendSrv,
  type BackendSrvRequest,
  type TemplateSrv,
} from '@grafana/runtime';
import { of, throwError } from 'rxjs';
import { WireglassDataSource } from '../datasource/datasource';
import type { Facts, FieldFacts } from '../datasource/model/facts';
import type { WireglassOptions } from '../datasource/model/types';

const field = (name: string, more: Partial<FieldFacts> = {}): FieldFacts => ({
  name,
  display: name,
  type: 'string',
  role: 'dimension',
  unit: null,
  meaning: `what ${name} means`,
  operators: ['=', '!='],
  values: null,
  group_by: true,
  rolled_up: false,
  measures: [],
  ...more,
});

export const facts: Facts = {
  fields: [
    field('vlan_id'),
    field('src_addr', { rolled_up: true }),
    field('bytes', { group_by: false, role: 'metric', measures: ['bytes'] }),
    field('tcp_rtt_us', { group_by: false, measures: ['mean(tcp_rtt_us)', 'p95(tcp_rtt_us)'] }),
  ],
  measures: [{ name: 'bits_per_second', unit: 'bps', meaning: 'bits per second of both directions' }],
  types: [{ name: 'top', summary: 'the groups with the most', keys: ['measures'] }],
};

export type Answers = Record<string, (request: BackendSrvRequest) => unknown>;

/** Replaces Grafana's way to the backend: resource path → its answer. Returns what was asked. */
export function backendAnswers(answers: Answers): BackendSrvRequest[] {
  const asked: BackendSrvRequest[] = [];
  const fetch = (request: BackendSrvRequest) => {
    asked.push(request);
    const path = request.url.split('/resources/')[1] ?? '';
    const answer = answers[path];
    if (answer === undefined) return throwError(() => ({ status: 404, data: { detail: `no ${path} here` } }));
    return of({ data: answer(request) });
  };
  setBackendSrv({ fetch } as unknown as BackendSrv);
  return asked;
}

/** Variables of a dashboard, replaced as Grafana does it: $name and ${name}. */
export function variablesAre(variables: Record<string, string | string[]>): void {
  const replace: TemplateSrv['replace'] = (text = '', scopedVars?: ScopedVars, format?: unknown) =>
    text.replace(/\$\{?(\w+)\}?/g, (whole, name: string) => {
      const value = (scopedVars?.[name]?.value as string | undefined) ?? variables[name];
      if (value === undefined) return whole;
      if (typeof format === 'function') return (format as (given: unknown) => string)(value);
      return Array.isArray(value) ? value.join(',') : value;
    });
  setTemplateSrv({ replace } as TemplateSrv);
}

export function newDataSource(): WireglassDataSource {
  return new WireglassDataSource({
    id: 1,
    uid: 'wireglass',
    type: 'wireglass-traffic-datasource',
    name: 'Wireglass',
    url: '/api',
    jsonData: {},
    meta: {},
  } as unknown as DataSourceInstanceSettings<WireglassOptions>);
}
