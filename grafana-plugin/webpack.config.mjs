// One AMD module per plugin.json below src/, as Grafana loads them; what Grafana brings along stays outside.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import CopyPlugin from 'copy-webpack-plugin';

const root = dirname(fileURLToPath(import.meta.url));
const source = join(root, 'src');
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const { version } = readJson(join(root, 'package.json'));
const { id } = readJson(join(source, 'plugin.json'));

/** Folders of plugins, from src/: '.' is the app. */
const folders = readdirSync(source, { recursive: true })
  .filter((path) => path === 'plugin.json' || path.endsWith('/plugin.json'))
  .map((path) => dirname(path));

/** Modules that are Grafana's own in the browser: a second React or a second bus would not see the first one's. */
const ofGrafana = [
  /^react(\/jsx-runtime)?$/,
  /^react-dom$/,
  /^rxjs(\/.*)?$/,
  /^@emotion\/(css|react)$/,
  /^@grafana\/(data|runtime|ui)$/,
];

const updated = new Date(
  process.env.SOURCE_DATE_EPOCH ? Number(process.env.SOURCE_DATE_EPOCH) * 1_000 : Date.now(),
);
const filled = (content) =>
  content
    .toString()
    .replaceAll('%VERSION%', version)
    .replaceAll('%TODAY%', updated.toISOString().slice(0, 10));

export default (env, { mode = 'production' }) => ({
  mode,
  context: source,
  devtool: mode === 'production' ? 'source-map' : 'eval-source-map',
  entry: Object.fromEntries(
    folders.map((folder) => [join(folder, 'module'), `./${join(folder, 'module.ts')}`]),
  ),
  externals: [
    ({ request }, done) => (ofGrafana.some((name) => name.test(request)) ? done(null, request) : done()),
  ],
  module: {
    rules: [
      {
        test: /\.tsx?$/,
        use: {
          loader: 'swc-loader',
          options: {
            jsc: {
              target: 'es2020',
              parser: { syntax: 'typescript', tsx: true },
              transform: { react: { runtime: 'automatic' } },
            },
          },
        },
      },
    ],
  },
  resolve: { extensions: ['.ts', '.tsx', '.js', '.mjs'] },
  output: {
    path: join(root, 'dist'),
    filename: '[name].js',
    library: { type: 'amd' },
    publicPath: `public/plugins/${id}/`,
    uniqueName: id,
    // The Go programs lie in dist/, too, and Grafana may be running them.
    clean: { keep: /gpx_wireglass/ },
  },
  plugins: [
    new CopyPlugin({
      patterns: [
        { from: '**/plugin.json', transform: filled },
        { from: '**/img/**' },
        { from: 'README.md' },
        { from: '../CHANGELOG.md' },
        { from: '../../LICENSE', to: 'LICENSE', toType: 'file' },
      ],
    }),
  ],
  performance: { hints: false },
});
