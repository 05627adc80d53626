// Bundles the page of the browser tests into the folder that is named. webpack is for what Grafana loads; this is a page.
import { join } from 'node:path';
import { build } from 'esbuild';

await build({
  entryPoints: [join(import.meta.dirname, 'page.tsx')],
  outfile: join(process.argv[2], 'bundle.js'),
  bundle: true,
  jsx: 'automatic',
  // lodash would register itself with SystemJS's AMD loader, and be missing in the bundle.
  define: { define: 'undefined', global: 'window', 'process.env.NODE_ENV': '"production"' },
  loader: { '.svg': 'dataurl', '.ttf': 'dataurl' },
  logLevel: 'error',
});
