// What the browser tests run on: a collector with a read capture, the plugin's backend behind the host, a browser.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const plugin = join(dirname(fileURLToPath(import.meta.url)), '..');
const wireglass = join(plugin, '../collector/bin/wireglass.js');
export const screenshots = join(plugin, '../artifacts/screenshots');
mkdirSync(screenshots, { recursive: true });

const chromiumPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));

/** Starts a program and resolves with what `wanted` matched in its output. */
async function started(command, args, wanted) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const said = new Promise((resolve, reject) => {
    const take = (chunk) => {
      output += chunk;
      const match = wanted.exec(output);
      if (match !== null) resolve(match);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('exit', (code) => reject(new Error(`${command} ended with ${code}:\n${output}`)));
    child.on('error', reject);
  });
  const match = await said;
  return { child, match, output: () => output };
}

async function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

/** A collector that has read generated traffic to its end. */
export async function startCollector() {
  const folder = mkdtempSync(join(tmpdir(), 'wireglass-browser-'));
  const capture = join(folder, 'demo.pcap');
  const made = spawnSync(process.execPath, [wireglass, 'traffic', capture, '--packets', '20000'], {
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(made.stderr);
  const args = [wireglass, 'run', '--port', '0', '--data-dir', join(folder, 'data'), '--read', capture];
  const service = await started(process.execPath, args, /answers at (http:\/\/[\d.:]+)/);
  const token = (role) => new RegExp(`${role}\\s+(wg_\\S+)`).exec(service.output())?.[1] ?? '';
  const collector = {
    url: service.match[1],
    token,
    async ask(path, body) {
      const response = await fetch(`${collector.url}/api/v1/${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${token('operator')}`, 'content-type': 'application/json' },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      return response.json();
    },
    async end() {
      await ended(service.child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  while ((await collector.ask('capture/status')).state !== 'finished') {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return collector;
}

/** The plugin's backend, started and asked as Grafana does it. */
export async function startHost() {
  const { PLUGIN_TEST_HOST: host, PLUGIN_TEST_BACKEND: backend, PLUGIN_TEST_PAGE: page } = process.env;
  const args = ['-backend', backend, '-dist', join(plugin, 'dist'), '-page', page];
  const { child, match } = await started(host, args, /host (\S+) plugin (\d+)/);
  const [, url, pid] = match;
  return {
    url,
    /** of the plugin's backend */
    pid: Number(pid),
    configure: (settings) => fetch(`${url}/host/settings`, { method: 'PUT', body: JSON.stringify(settings) }),
    resource: (path, { role = 'Admin', ...init } = {}) =>
      fetch(`${url}/api/datasources/uid/wireglass/resources/${path}`, {
        ...init,
        headers: { 'x-role': role, ...init.headers },
      }),
    end: () => ended(child),
  };
}

export const noBrowser = chromiumPath === undefined ? 'chromium is not installed' : false;

export const startBrowser = () => chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
