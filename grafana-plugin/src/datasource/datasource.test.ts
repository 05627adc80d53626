import { dateTime, type DataQueryRequest, type TimeRange } from '@grafana/data';
import { lastValueFrom } from 'rxjs';
import { backendAnswers, facts, newDataSource, variablesAre } from '../test/collector';
import type { VariableQuery, WireglassQuery } from './model/types';

const range: TimeRange = {
  from: dateTime(1_700_000_000_000),
  to: dateTime(1_700_000_060_000),
  raw: { from: 'now-1m', to: 'now' },
};
const query = (more: Partial<WireglassQuery>): WireglassQuery => ({
  refId: 'A',
  queryType: 'timeseries',
  ...more,
});

beforeEach(() =>
  variablesAre({ host: ['10.0.0.1', '::1'], measure: 'flows', groups: ['src_addr', 'dst_addr'] }),
);

describe('the data source', () => {
  it('fills variables in and sends no keys of the editor or of other types', () => {
    const given = query({
      measure: '$measure',
      group_by: ['$groups', 'protocol'],
      filter: 'host $host and $other',
      editor: { mode: 'code' },
      limit: 7,
      hide: false,
    });
    expect(newDataSource().applyTemplateVariables(given, { other: { text: 'x', value: 'tcp' } })).toEqual({
      refId: 'A',
      queryType: 'timeseries',
      datasource: undefined,
      measure: 'flows',
      group_by: ['src_addr', 'dst_addr', 'protocol'],
      filter: '(host 10.0.0.1 or host ::1) and tcp',
    });
  });

  it('adds ad-hoc filters where a query has a filter', () => {
    const adhoc = [{ key: 'src_addr', operator: '=', value: '10.0.0.1' }];
    const source = newDataSource();
    expect(source.applyTemplateVariables(query({}), {}, adhoc).filter).toBe('src_addr = 10.0.0.1');
    expect(source.applyTemplateVariables(query({ queryType: 'captures' }), {}, adhoc)).not.toHaveProperty(
      'filter',
    );
  });

  it('runs queries of known types that are not hidden', () => {
    const source = newDataSource();
    expect(source.filterQuery(query({}))).toBe(true);
    expect(source.filterQuery(query({ hide: true }))).toBe(false);
    expect(source.filterQuery({ refId: 'A' } as WireglassQuery)).toBe(false);
  });

  it('asks for facts once, and again after a failure', async () => {
    const source = newDataSource();
    backendAnswers({});
    await expect(source.facts()).rejects.toMatchObject({ status: 404 });
    const asked = backendAnswers({ 'query/fields': () => facts });
    await Promise.all([source.facts(), source.facts()]);
    expect(await source.facts()).toBe(facts);
    expect(asked).toHaveLength(1);
  });

  it('offers keys and values of ad-hoc filters', async () => {
    const asked = backendAnswers({
      'query/fields': () => facts,
      'query/values': () => ({ field: 'src_addr', values: [{ value: '10.0.0.1', records: 3 }], more: false }),
    });
    const source = newDataSource();
    expect(await source.getTagKeys()).toContainEqual({ text: 'src_addr', value: 'src_addr' });
    expect(await source.getTagValues({ key: 'src_addr', filters: [], timeRange: range })).toEqual([
      { text: '10.0.0.1', value: '10.0.0.1' },
    ]);
    expect(asked.at(-1)?.params).toEqual({
      field: 'src_addr',
      prefix: '',
      limit: 200,
      from: '1700000000000',
      to: '1700000060000',
    });
  });

  it('gives variables the values of a field', async () => {
    const asked = backendAnswers({
      'query/values': () => ({ field: 'tls_sni', values: [{ value: 'a.example', records: 1 }], more: false }),
    });
    const request = (target: Partial<VariableQuery>) =>
      ({
        targets: [{ refId: 'V', ...target }],
        range,
        scopedVars: {},
      }) as unknown as DataQueryRequest<VariableQuery>;
    const read = (target: Partial<VariableQuery>) => {
      const { variables } = newDataSource();
      if (variables === undefined || !('query' in variables)) throw new Error('no variables');
      return lastValueFrom(variables.query!(request(target) as never));
    };
    expect(await read({ field: 'tls_sni', prefix: '$measure' })).toEqual({
      data: [{ text: 'a.example', value: 'a.example' }],
    });
    expect(asked[0]?.params).toMatchObject({ field: 'tls_sni', prefix: 'flows' });
    expect(await read({})).toEqual({ data: [] });
    expect(asked).toHaveLength(1);
  });

  it('begins annotations with events', () => {
    expect(newDataSource().annotations?.getDefaultQuery?.()).toEqual({ queryType: 'events' });
  });
});
