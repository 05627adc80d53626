// The places where Grafana would show the plugin: settings of the data source, a query editor, what a query answers.
import {
  AppPlugin,
  DataSourcePlugin,
  LoadingState,
  dateTime,
  type DataFrame,
  type DataQueryResponse,
  type DataSourceInstanceSettings,
  type DataSourceSettings,
} from '@grafana/data';
import { Button } from '@grafana/ui';
import { useMemo, useState } from 'react';
import { lastValueFrom } from 'rxjs';
import type { WireglassDataSource } from '../src/datasource/datasource';
import type { WireglassOptions, WireglassQuery, WireglassSecrets } from '../src/datasource/model/types';

export interface Loaded {
  app: { plugin: AppPlugin };
  datasource: {
    plugin: DataSourcePlugin<WireglassDataSource, WireglassQuery, WireglassOptions, WireglassSecrets>;
  };
}
type Settings = DataSourceSettings<WireglassOptions, WireglassSecrets>;

const instance = {
  id: 1,
  uid: 'wireglass',
  type: 'wireglass-traffic-datasource',
  name: 'Wireglass',
  access: 'proxy',
  readOnly: false,
  jsonData: {},
  meta: { id: 'wireglass-traffic-datasource' },
} as unknown as DataSourceInstanceSettings<WireglassOptions>;

export function Stage({ app, datasource }: Loaded) {
  const ours = app.plugin instanceof AppPlugin && datasource.plugin instanceof DataSourcePlugin;
  const source = useMemo(() => new datasource.plugin.DataSourceClass(instance), [datasource]);
  return (
    <>
      <h1>{ours ? 'Wireglass' : 'the bundle has modules of its own'}</h1>
      <SettingsPage plugin={datasource.plugin} source={source} />
      <Panel plugin={datasource.plugin} source={source} />
    </>
  );
}

interface Shown {
  plugin: Loaded['datasource']['plugin'];
  source: WireglassDataSource;
}

function SettingsPage({ plugin, source }: Shown) {
  const { ConfigEditor } = plugin.components;
  const [settings, setSettings] = useState({
    url: '',
    jsonData: {},
    secureJsonData: {},
    secureJsonFields: {},
  } as unknown as Settings);
  const [verdict, setVerdict] = useState('');
  const saveAndTest = async (): Promise<void> => {
    await fetch('/host/settings', { method: 'PUT', body: JSON.stringify(settings) });
    setVerdict(
      await source.testDatasource().then(
        ({ message }) => message,
        ({ message }: Error) => message,
      ),
    );
  };
  return (
    <section aria-label="Settings">
      {ConfigEditor && <ConfigEditor options={settings} onOptionsChange={(next) => setSettings(next)} />}
      <Button onClick={() => void saveAndTest()}>Save & test</Button>
      <p role="status" aria-label="verdict">
        {verdict}
      </p>
    </section>
  );
}

/** An hour around now, or what the address says. */
function range() {
  const { searchParams } = new URL(location.href);
  const to = dateTime(Number(searchParams.get('to') ?? Date.now() + 60_000));
  const from = dateTime(Number(searchParams.get('from') ?? Date.now() - 3_600_000));
  return { from, to, raw: { from, to } };
}

function Panel({ plugin, source }: Shown) {
  const { QueryEditor } = plugin.components;
  const [query, setQuery] = useState<WireglassQuery>({
    refId: 'A',
    ...source.getDefaultQuery(),
  } as WireglassQuery);
  const [answer, setAnswer] = useState<DataQueryResponse | null>(null);
  const run = async (): Promise<void> => {
    const request = {
      requestId: 'q',
      interval: '10s',
      intervalMs: 10_000,
      maxDataPoints: 300,
      range: range(),
      scopedVars: {},
      targets: [query],
      timezone: 'utc',
      app: 'panel',
      startTime: Date.now(),
    };
    setAnswer(await lastValueFrom(source.query(request as never)));
  };
  return (
    <section aria-label="Query">
      {QueryEditor && (
        <QueryEditor datasource={source} query={query} onChange={setQuery} onRunQuery={() => undefined} />
      )}
      <Button onClick={() => void run()}>Run query</Button>
      <pre aria-label="query">{JSON.stringify(query)}</pre>
      <p role="status" aria-label="state">
        {answer === null ? '' : (answer.errors?.[0]?.message ?? answer.state ?? LoadingState.Done)}
      </p>
      {(answer?.data ?? []).map((frame: DataFrame, index) => (
        <Frame key={index} frame={frame} />
      ))}
    </section>
  );
}

function Frame({ frame }: { frame: DataFrame }) {
  const rows = Array.from({ length: Math.min(frame.length, 50) }, (_, row) => row);
  return (
    <table aria-label={frame.name}>
      <thead>
        <tr>
          {frame.fields.map(({ name }, column) => (
            <th key={column}>{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row}>
            {frame.fields.map(({ values }, column) => (
              <td key={column}>{String(values[row])}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
