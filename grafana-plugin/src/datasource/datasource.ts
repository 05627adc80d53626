import type {
  AdHocVariableFilter,
  DataSourceGetTagKeysOptions,
  DataSourceGetTagValuesOptions,
  DataSourceInstanceSettings,
  MetricFindValue,
  ScopedVars,
  TimeRange,
} from '@grafana/data';
import { DataSourceWithBackend, getTemplateSrv } from '@grafana/runtime';
import type { Facts, FieldValues, Verdict } from './model/facts';
import { marked, withConditions, withValues } from './model/filter';
import { hasFilter, keysOf, ownKeys } from './model/keys';
import type { QueryKeys, WireglassOptions, WireglassQuery } from './model/types';
import { VariableSupport } from './variables';

/** The data source in the browser: it prepares queries for the backend and fetches what editors show. */
export class WireglassDataSource extends DataSourceWithBackend<WireglassQuery, WireglassOptions> {
  private knownFacts: Promise<Facts> | null = null;

  constructor(settings: DataSourceInstanceSettings<WireglassOptions>) {
    super(settings);
    this.annotations = {
      getDefaultQuery: () => ({ queryType: 'events' as const }),
    };
    this.variables = new VariableSupport(this);
  }

  override getDefaultQuery(): Partial<WireglassQuery> {
    return { queryType: 'timeseries' };
  }

  override filterQuery(query: WireglassQuery): boolean {
    return query.queryType in keysOf && query.hide !== true;
  }

  override applyTemplateVariables(
    query: WireglassQuery,
    scopedVars: ScopedVars,
    filters: AdHocVariableFilter[] = [],
  ): WireglassQuery {
    const keys = ownKeys(query);
    const text = (value: string): string => getTemplateSrv().replace(value, scopedVars);
    const texts = (values: string[]): string[] =>
      values
        .flatMap((value) => getTemplateSrv().replace(value, scopedVars, 'csv').split(','))
        .filter((one) => one !== '');
    const filled: QueryKeys = Object.fromEntries(
      Object.entries(keys).map(([key, value]: [string, unknown]) => {
        if (key === 'filter')
          return [key, withValues(getTemplateSrv().replace(String(value), scopedVars, marked))];
        if (typeof value === 'string') return [key, text(value)];
        return [key, Array.isArray(value) ? texts(value.map(String)) : value];
      }),
    );
    if (hasFilter(query.queryType)) {
      const filter = withConditions(filled.filter, filters);
      if (filter !== '') filled.filter = filter;
    }
    const { refId, datasource, queryType } = query;
    return { refId, datasource, queryType, ...filled };
  }

  /** Fields, measures, types of query; asked for once, and again after a failure. */
  facts(): Promise<Facts> {
    this.knownFacts ??= this.getResource<Facts>('query/fields').catch((error: unknown) => {
      this.knownFacts = null;
      throw error;
    });
    return this.knownFacts;
  }

  /** Values of a field that traffic had, the most frequent first. */
  values(field: string, prefix = '', range?: TimeRange): Promise<FieldValues> {
    const between =
      range === undefined ? {} : { from: String(range.from.valueOf()), to: String(range.to.valueOf()) };
    return this.getResource<FieldValues>(
      'query/values',
      { field, prefix, limit: 200, ...between },
      { showErrorAlert: false },
    );
  }

  /** Whether a filter or query is right; with a cursor also what can stand there. */
  validate(body: { filter?: string; query?: object; cursor?: number }): Promise<Verdict> {
    return this.postResource<Verdict>('query/validate', body, { showErrorAlert: false });
  }

  override async getTagKeys(
    _options?: DataSourceGetTagKeysOptions<WireglassQuery>,
  ): Promise<MetricFindValue[]> {
    const { fields } = await this.facts();
    return fields.map(({ name }) => ({ text: name, value: name }));
  }

  override async getTagValues({
    key,
    timeRange,
  }: DataSourceGetTagValuesOptions<WireglassQuery>): Promise<MetricFindValue[]> {
    const { values } = await this.values(key, '', timeRange);
    return values.map(({ value }) => ({ text: value, value }));
  }
}
