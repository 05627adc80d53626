// The Grafana app in grafana-plugin/: its npm packages, its checks, its build. Nothing else needs any of it.
import { cpSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root, run, say } from './shell.mjs';
import { check, goMissing, jestIn, nodeTests } from './suites.mjs';

const plugin = join(root, 'grafana-plugin');
/** This machine's architecture as Go calls it. */
const here = process.arch === 'x64' ? 'amd64' : process.arch;
const bin = (path) => join(plugin, 'node_modules', path);

/** Installs the packages of the plugin's own lock file unless they are there already. */
function installPluginPackages() {
  const installed = join(plugin, 'node_modules/.package-lock.json');
  const lock = join(plugin, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  say("installing the Grafana plugin's npm packages (npm install); the first time takes two minutes");
  if (!run('npm', ['install', '--no-save', '--no-audit', '--no-fund'], { cwd: plugin })) {
    fail('npm install in grafana-plugin failed; see above.');
  }
}

/** Lint, types, tests and bundle of the plugin's browser side; returns suite results. */
export function pluginChecks() {
  installPluginPackages();
  const options = { cwd: plugin };
  return [
    check('grafana-plugin: eslint', process.execPath, [bin('eslint/bin/eslint.js'), '.'], options),
    check('grafana-plugin: typescript', process.execPath, [bin('typescript/bin/tsc'), '--noEmit'], options),
    check('grafana-plugin: bundle', process.execPath, [bin('webpack/bin/webpack.js')], options),
    jestIn('grafana-plugin: jest', plugin),
  ];
}

/** The built plugin in a browser, its backend over gRPC, against the built collector; builds all that first. */
export function browserTests() {
  buildPlugin();
  const build = join(plugin, 'build');
  const page = join(build, 'page');
  cpSync(join(plugin, 'browser/page'), page, { recursive: true });
  say('building the page and the host of the browser tests');
  const host = join(build, 'host');
  if (!run('go', ['build', '-o', host, './browser/host'], { cwd: plugin }))
    fail('go build failed; see above.');
  const bundled = run(process.execPath, [join(plugin, 'browser/bundle.mjs'), page], { cwd: plugin });
  if (!bundled) fail('esbuild failed; see above.');
  const backend = join(plugin, 'dist/datasource', `gpx_wireglass_linux_${here}`);
  const env = { PLUGIN_TEST_HOST: host, PLUGIN_TEST_BACKEND: backend, PLUGIN_TEST_PAGE: page };
  return nodeTests('grafana-plugin: browser', ['browser/backend.test.mjs', 'browser/plugin.test.mjs'], {
    cwd: plugin,
    env: { ...process.env, ...env },
  });
}

/** dist/ of the plugin for Linux on the given architectures of Go (none: this machine's). */
export function buildPlugin(architectures = []) {
  const missing = goMissing();
  if (missing !== null) fail(`the plugin's backend cannot be built: ${missing}.`);
  installPluginPackages();
  say('bundling the plugin');
  if (!run(process.execPath, [bin('webpack/bin/webpack.js')], { cwd: plugin }))
    fail('webpack failed; see above.');
  for (const architecture of architectures.length > 0 ? architectures : [here]) {
    say(`building the plugin's backend (linux, ${architecture})`);
    const file = join('dist/datasource', `gpx_wireglass_linux_${architecture}`);
    const env = { ...process.env, CGO_ENABLED: '0', GOOS: 'linux', GOARCH: architecture };
    const flags = ['-trimpath', '-ldflags', '-s -w', '-o', file];
    if (!run('go', ['build', ...flags, './pkg'], { cwd: plugin, env })) fail('go build failed; see above.');
  }
}
