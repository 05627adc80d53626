import { sharedPort } from '@wireglass/native';
import { AppError } from '../model/errors.js';
import { accepts, configKeys, expectation, isSecret, type ConfigValue } from './keys.js';
import { influxdbProblems } from './influxdb-checks.js';
import type { Config } from './schema.js';
import { readConfigFile, readEnvironment, readFlags, type Reading } from './sources.js';

export interface ConfigSources {
  /** path of a YAML file */
  file?: string | undefined;
  environment?: Readonly<Record<string, string | undefined>>;
  /** what the command line set, by path: `{ 'api.port': 8001 }`; text is read as the key's type */
  flags?: Readonly<Record<string, unknown>>;
}

export interface LoadedConfig {
  config: Config;
  /** path of a key → where its value came from: "default", "FILE:LINE:COLUMN", a variable's name, "command line" */
  origins: ReadonlyMap<string, string>;
}

const shown = (value: unknown): string =>
  value === null || value === undefined ? 'nothing' : JSON.stringify(value);

type Tree = { [name: string]: ConfigValue | Tree };

function set(tree: Tree, [name = '', ...rest]: string[], value: ConfigValue): void {
  if (rest.length === 0) tree[name] = value;
  else set((tree[name] ??= {}) as Tree, rest, value);
}

function freeze(tree: Tree): Tree {
  for (const part of Object.values(tree)) if (typeof part === 'object') freeze(part as Tree);
  return Object.freeze(tree);
}

function nest(values: ReadonlyMap<string, ConfigValue>): Config {
  const tree: Tree = {};
  for (const [path, value] of values) set(tree, path.split('.'), value);
  // every path of the schema was set and checked above
  return freeze(tree) as unknown as Config;
}

/** Rules that no single key can state. */
function crossChecks(config: Config): string[] {
  const problems: string[] = [];
  if (config.packets.max_segment_bytes > config.packets.max_total_bytes) {
    problems.push(
      `packets.max_segment_bytes (${config.packets.max_segment_bytes}) must not be above packets.max_total_bytes (${config.packets.max_total_bytes})`,
    );
  }
  const shared = sharedPort(config.decode.ports);
  if (shared !== undefined) {
    const [one, other] = shared.protocols;
    problems.push(`decode.ports.${one} and decode.ports.${other} must not both have ${shared.port}`);
  }
  problems.push(...influxdbProblems(config));
  return problems;
}

/**
 * Reads the configuration: command line over environment over file over defaults. Throws AppError `bad_config` that
 * names every problem (details.problems): unknown keys with the nearest right one, values with what was expected.
 */
export function loadConfig(sources: ConfigSources = {}): LoadedConfig {
  const readings: Reading[] = [
    sources.file === undefined ? { settings: [], problems: [] } : readConfigFile(sources.file),
    readEnvironment(sources.environment ?? process.env),
    readFlags(sources.flags ?? {}),
  ];
  const problems = readings.flatMap((reading) => reading.problems);
  const values = new Map<string, ConfigValue>(configKeys.map((key) => [key.path, key.standard]));
  const origins = new Map<string, string>(configKeys.map((key) => [key.path, 'default']));
  for (const { key, value, origin } of readings.flatMap((reading) => reading.settings)) {
    if (accepts(key, value)) {
      values.set(key.path, value);
      origins.set(key.path, origin);
    } else {
      const what = isSecret(key) ? 'not of the right type' : shown(value);
      problems.push(`${origin}: ${key.path} is ${what}; expected ${expectation(key)}`);
    }
  }
  const config = nest(values);
  if (problems.length === 0) problems.push(...crossChecks(config));
  if (problems.length > 0) throw new AppError('bad_config', { reason: problems.join('\n'), problems });
  return { config, origins };
}
