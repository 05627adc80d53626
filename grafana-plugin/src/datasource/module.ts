import { DataSourcePlugin } from '@grafana/data';
import { ConfigEditor } from './ConfigEditor';
import { WireglassDataSource } from './datasource';
import { QueryEditor } from './QueryEditor';
import type { WireglassOptions, WireglassQuery } from './model/types';

export const plugin = new DataSourcePlugin<WireglassDataSource, WireglassQuery, WireglassOptions>(
  WireglassDataSource,
)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor);
