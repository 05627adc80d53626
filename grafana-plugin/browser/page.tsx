// A page that loads the plugin's bundle as Grafana does (SystemJS, AMD, shared modules), with the real packages, and shows
// its editors. Grafana's own services are as small as the plugin needs them, and reach the plugin's backend.
import 'systemjs/dist/system.js';
import 'systemjs/dist/extras/amd.js';
import 'systemjs/dist/extras/named-register.js';
import * as emotionCss from '@emotion/css';
import * as grafanaData from '@grafana/data';
import * as grafanaRuntime from '@grafana/runtime';
import * as grafanaUi from '@grafana/ui';
import * as react from 'react';
import * as reactDom from 'react-dom';
import * as jsxRuntime from 'react/jsx-runtime';
import * as rxjs from 'rxjs';
import { createRoot } from 'react-dom/client';
import { backend, templates } from './services';
import { Stage, type Loaded } from './Stage';

interface SystemJs {
  set: (id: string, module: object) => void;
  addImportMap: (map: { imports: Record<string, string> }) => void;
  import: (id: string) => Promise<object>;
}
const { System } = window as unknown as { System: SystemJs };

const shared: Record<string, object> = {
  '@emotion/css': emotionCss,
  '@grafana/data': grafanaData,
  '@grafana/runtime': grafanaRuntime,
  '@grafana/ui': grafanaUi,
  react,
  'react-dom': reactDom,
  'react/jsx-runtime': jsxRuntime,
  rxjs,
};
for (const [name, module] of Object.entries(shared))
  System.set(`app:${name}`, { ...module, default: module, __useDefault: true });
System.addImportMap({
  imports: Object.fromEntries(Object.keys(shared).map((name) => [name, `app:${name}`])),
});

grafanaRuntime.setBackendSrv(backend);
grafanaRuntime.setTemplateSrv(templates);

const base = '/public/plugins/wireglass-traffic-app';
const mode = new URLSearchParams(location.search).get('theme') === 'light' ? 'light' : 'dark';
const theme = grafanaData.createTheme({ colors: { mode } });
document.body.style.background = theme.colors.background.primary;
document.body.style.color = theme.colors.text.primary;

Promise.all([System.import(`${base}/module.js`), System.import(`${base}/datasource/module.js`)]).then(
  ([app, datasource]) => {
    const loaded = { app, datasource } as unknown as Loaded;
    createRoot(document.getElementById('root')!).render(
      <grafanaData.ThemeContext.Provider value={theme}>
        <grafanaUi.GlobalStyles />
        <Stage app={loaded.app} datasource={loaded.datasource} />
        <grafanaUi.PortalContainer />
      </grafanaData.ThemeContext.Provider>,
    );
  },
  (error: unknown) => {
    document.body.append(`the plugin does not load: ${String(error)}`);
  },
);
