import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from './load.js';
import { settingsInForce } from './print.js';

let directory: string;
let secret: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'wg-influxdb-checks-'));
  secret = join(directory, 'secret');
  writeFileSync(secret, 'hush\n');
});
afterAll(() => rmSync(directory, { recursive: true }));

const url = 'http://127.0.0.1:8086';
const load = (settings: Record<string, unknown>) =>
  loadConfig({
    environment: {},
    flags: Object.fromEntries(
      Object.entries(settings).map(([key, value]) => [key.includes('.') ? key : `influxdb.${key}`, value]),
    ),
  });
const version2 = { url, version: 2, org: 'o', token: 't' };

it.each([
  ['nothing', {}],
  ['1.x without a user', { url }],
  ['1.x', { url: 'https://influx.example:8443/behind/a/proxy', username: 'u', password: 'p' }],
  ['2.x', version2],
  ['3.x', { url, version: 3, token: 't' }],
  ['3.x without a token', { url, version: 3 }],
  ['3.x by the endpoint for 2.x', { url, version: 3, token: 't', v3_endpoint: 'v2' }],
  ['samples read back', { url, 'metrics.store': 'influxdb' }],
])('takes settings of %s', (_, settings) => expect(() => load(settings)).not.toThrow());

it.each<[Record<string, unknown>, RegExp]>([
  [{ url: '127.0.0.1:8086' }, /influxdb\.url is "127\.0\.0\.1:8086"; expected an http or https address/],
  [{ url: 'ftp://x' }, /expected an http or https address/],
  [{ url: `${url}?db=x` }, /expected no \? and no #/],
  [{ url: 'http://user:hush@x' }, /has a user name or password in it; use influxdb\.username/],
  [{ url: 'user:hush@x' }, /influxdb\.url is not shown/],
  [{ url, password: 'hush' }, /influxdb\.username is empty/],
  [{ url, username: 'a:b', password: 'hush' }, /must not contain a colon/],
  [{ url, token: 'hush' }, /influxdb\.token is for influxdb\.version 2 and 3/],
  [{ url, org: 'o' }, /influxdb\.org is for influxdb\.version 2/],
  [{ ...version2, org: '' }, /influxdb\.org is needed/],
  [{ ...version2, token: '' }, /influxdb\.token or influxdb\.token_file is needed/],
  [{ ...version2, username: 'u' }, /version 2 takes a token/],
  [{ url, v3_endpoint: 'v2' }, /v3_endpoint is for influxdb\.version 3/],
  [{ ...version2, token_file: '/nowhere/token' }, /influxdb\.token_file: ENOENT/],
  [{ url, measurement_prefix: '_x' }, /measurement_prefix is "_x"; expected at most 64 letters/],
  [{ url, database: 'a\nb' }, /must not contain control characters/],
  [{ url, retry_initial_ms: 5_000, retry_max_ms: 100 }, /retry_initial_ms \(5000\) must not be above/],
  [{ url, batch_points: 50_000, max_waiting_points: 10_000 }, /batch_points \(50000\) must not be above/],
  [{ 'metrics.store': 'influxdb' }, /metrics\.store is influxdb, and influxdb\.url is empty/],
  [{ url, password: ['hush'] }, /influxdb\.password is not of the right type/],
])('refuses %o', (settings, message) => {
  expect(() => load(settings)).toThrow(message);
  try {
    load(settings);
  } catch (error) {
    expect((error as Error).message).not.toContain('hush');
  }
});

it('refuses a secret and its file together', () =>
  expect(() => load({ ...version2, token_file: secret })).toThrow(
    /influxdb\.token and influxdb\.token_file must not both/,
  ));

it('never shows a secret', () => {
  const shown = settingsInForce(load({ url, username: 'u', password: 'hush' }));
  expect(shown).toMatch(/influxdb\.password = \(not shown\) +\(command line\)/);
  expect(shown).toMatch(/influxdb\.token = "" +\(default\)/);
  expect(shown).not.toContain('hush');
});
