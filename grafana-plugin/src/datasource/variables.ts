import {
  CustomVariableSupport,
  type DataQueryRequest,
  type DataQueryResponse,
  type QueryEditorProps,
} from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import type { ComponentType } from 'react';
import { from, type Observable } from 'rxjs';
import type { WireglassDataSource } from './datasource';
import type { VariableQuery, WireglassOptions, WireglassQuery } from './model/types';
import { VariableEditor } from './VariableEditor';

export type VariableEditorProps = QueryEditorProps<
  WireglassDataSource,
  WireglassQuery,
  WireglassOptions,
  VariableQuery
>;

/** Variables of dashboards: the values that a field has in the dashboard's range. */
export class VariableSupport extends CustomVariableSupport<WireglassDataSource, VariableQuery> {
  override editor: ComponentType<VariableEditorProps> = VariableEditor;

  constructor(private readonly datasource: WireglassDataSource) {
    super();
  }

  override query({
    targets,
    range,
    scopedVars,
  }: DataQueryRequest<VariableQuery>): Observable<DataQueryResponse> {
    return from(this.read(targets[0], range, scopedVars));
  }

  private async read(
    query: VariableQuery | undefined,
    range: DataQueryRequest['range'],
    scopedVars: DataQueryRequest['scopedVars'],
  ): Promise<DataQueryResponse> {
    if (query?.field === undefined || query.field === '') return { data: [] };
    const prefix = getTemplateSrv().replace(query.prefix ?? '', scopedVars);
    const { values } = await this.datasource.values(query.field, prefix, range);
    return { data: values.map(({ value }) => ({ text: value, value })) };
  }
}
