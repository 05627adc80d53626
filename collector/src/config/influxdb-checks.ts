import { accessSync, constants } from 'node:fs';
import type { Config } from './schema.js';

type Settings = Config['influxdb'];

function urlProblem(url: string): string[] {
  const said = 'expected an http or https address such as http://127.0.0.1:8086';
  // An address with a password in it must not be repeated, however it was meant.
  const shown = url.includes('@') ? 'not shown, as it has an @ in it' : JSON.stringify(url);
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return [`influxdb.url is ${shown}; ${said}`];
  }
  if (parsed.username !== '' || parsed.password !== '')
    return [
      'influxdb.url has a user name or password in it; use influxdb.username and influxdb.password_file',
    ];
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')
    return [`influxdb.url is ${shown}; ${said}`];
  if (parsed.search !== '' || parsed.hash !== '')
    return [`influxdb.url is ${shown}; expected no ? and no #: what is asked for is added to it`];
  return [];
}

function fileProblems(settings: Settings): string[] {
  const problems: string[] = [];
  for (const key of ['password_file', 'token_file', 'ca_file'] as const) {
    if (settings[key] === '') continue;
    try {
      accessSync(settings[key], constants.R_OK);
    } catch (error) {
      problems.push(`influxdb.${key}: ${(error as Error).message}`);
    }
  }
  for (const key of ['password', 'token'] as const)
    if (settings[key] !== '' && settings[`${key}_file`] !== '')
      problems.push(`influxdb.${key} and influxdb.${key}_file must not both be set`);
  return problems;
}

function accessProblems(settings: Settings): string[] {
  const hasPassword = settings.password !== '' || settings.password_file !== '';
  const hasToken = settings.token !== '' || settings.token_file !== '';
  if (settings.version === 1) {
    const problems: string[] = [];
    if (hasToken)
      problems.push('influxdb.token is for influxdb.version 2 and 3; 1.x has users with passwords');
    if (hasPassword && settings.username === '')
      problems.push('influxdb.password is set, and influxdb.username is empty');
    if (settings.username.includes(':')) problems.push('influxdb.username must not contain a colon');
    if (settings.org !== '') problems.push('influxdb.org is for influxdb.version 2');
    return problems;
  }
  const problems: string[] = [];
  if (settings.username !== '' || hasPassword)
    problems.push(
      `influxdb.username and its password are for influxdb.version 1; version ${settings.version} takes a token`,
    );
  if (!hasToken && settings.version === 2)
    problems.push('influxdb.token or influxdb.token_file is needed with influxdb.version 2');
  if (settings.version === 2 && settings.org === '')
    problems.push('influxdb.org is needed with influxdb.version 2');
  return problems;
}

/** What no server could make sense of, or would do harm. */
export function influxdbProblems({ influxdb, metrics }: Config): string[] {
  if (influxdb.url === '')
    return metrics.store === 'influxdb' ? ['metrics.store is influxdb, and influxdb.url is empty'] : [];
  const problems: string[] = [];
  problems.push(...urlProblem(influxdb.url), ...fileProblems(influxdb), ...accessProblems(influxdb));
  if (influxdb.v3_endpoint === 'v2' && influxdb.version !== 3)
    problems.push('influxdb.v3_endpoint is for influxdb.version 3');
  if (!/^([A-Za-z][A-Za-z0-9_]{0,63})?$/.test(influxdb.measurement_prefix))
    problems.push(
      `influxdb.measurement_prefix is ${JSON.stringify(influxdb.measurement_prefix)}; expected at most 64 letters, digits and _, a letter first`,
    );
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(influxdb.database))
    problems.push('influxdb.database must not contain control characters');
  if (influxdb.retry_initial_ms > influxdb.retry_max_ms)
    problems.push(
      `influxdb.retry_initial_ms (${influxdb.retry_initial_ms}) must not be above influxdb.retry_max_ms (${influxdb.retry_max_ms})`,
    );
  if (influxdb.batch_points > influxdb.max_waiting_points)
    problems.push(
      `influxdb.batch_points (${influxdb.batch_points}) must not be above influxdb.max_waiting_points (${influxdb.max_waiting_points})`,
    );
  return problems;
}
