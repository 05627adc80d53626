import { readFileSync } from 'node:fs';
import { AppError, errorMessage } from '../../../model/errors.js';
import type { Config } from '../../../config/schema.js';

type Settings = Config['influxdb'];

/** Where lines are posted to, and with which parameters. */
export interface WriteEndpoint {
  path: string;
  query: Record<string, string>;
}

/** Samples as they were measured, and their sums: a retention policy of 1.x each. */
export const resolutions = ['raw', 'minute', 'hour'] as const;
export type Resolution = (typeof resolutions)[number];

/** With the prefix, so that no policy of others is taken for ours, and altered. */
export const policyOf = ({ measurement_prefix }: Settings, resolution: Resolution): string =>
  measurement_prefix + resolution;

/**
 * 1.x: POST /write?db&rp&precision=ns; 2.x: /api/v2/write?org&bucket&precision=ns; 3.x: /api/v3/write_lp?db&
 * precision=nanosecond, which stores the good lines of a batch unless accept_partial=false.
 */
export function writeEndpoint(settings: Settings): WriteEndpoint {
  const { version, v3_endpoint, database, org, administer } = settings;
  if (version === 1) {
    // The policy is named where it is ours; else the database's own default keeps the points.
    const rp: Record<string, string> = administer ? { rp: policyOf(settings, 'raw') } : {};
    return { path: '/write', query: { db: database, precision: 'ns', ...rp } };
  }
  if (version === 2 || v3_endpoint === 'v2') {
    const organisation: Record<string, string> = org === '' ? {} : { org };
    return { path: '/api/v2/write', query: { bucket: database, precision: 'ns', ...organisation } };
  }
  return {
    path: '/api/v3/write_lp',
    query: { db: database, precision: 'nanosecond', accept_partial: 'true' },
  };
}

function secretOf(settings: Settings, key: 'password' | 'token'): string {
  const path = settings[`${key}_file`];
  if (path === '') return settings[key];
  let secret: string;
  try {
    secret = readFileSync(path, 'utf8').split('\n', 1)[0]?.trim() ?? '';
  } catch (error) {
    throw new AppError(
      'bad_config',
      { reason: `influxdb.${key}_file: ${errorMessage(error)}` },
      { cause: error },
    );
  }
  // eslint-disable-next-line no-control-regex
  if (secret === '' || /[\u0000-\u001f\u007f]/.test(secret))
    throw new AppError('bad_config', { reason: `influxdb.${key}_file: ${path} begins with no ${key}` });
  return secret;
}

export interface Access {
  /** the header, null where the server asks for none */
  authorization: string | null;
  /** of 1.x */
  username: string;
  password: string;
}

/** Reads the secrets. Error: `bad_config`. */
export function accessOf(settings: Settings): Access {
  if (settings.version === 1) {
    const { username } = settings;
    if (username === '') return { authorization: null, username: '', password: '' };
    const password = secretOf(settings, 'password');
    return {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      username,
      password,
    };
  }
  const token = secretOf(settings, 'token');
  const scheme = settings.version === 3 && settings.v3_endpoint === 'native' ? 'Bearer' : 'Token';
  return { authorization: token === '' ? null : `${scheme} ${token}`, username: '', password: '' };
}
