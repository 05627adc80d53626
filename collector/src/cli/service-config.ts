import type { Command } from 'commander';
import { userInfo } from 'node:os';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { localPrincipal, type Principal } from '../security/principal.js';

export interface ConfigOptions {
  config?: string;
  dataDir?: string;
}

/** The options that say which service is meant. */
export function addConfigOptions(command: Command): Command {
  return command
    .option('--config <file>', 'YAML configuration (default: $WIREGLASS_CONFIG)')
    .option('--data-dir <directory>', 'where everything is kept (default: wireglass-data)');
}

/** Command line over environment over file over defaults. Error: `bad_config`. */
export function readConfig(options: ConfigOptions, flags: Record<string, unknown> = {}): Config {
  const given = Object.entries({ data_dir: options.dataDir, ...flags }).filter(
    ([, value]) => value !== undefined,
  );
  const file = options.config ?? process.env['WIREGLASS_CONFIG'];
  return loadConfig({ file: file === '' ? undefined : file, flags: Object.fromEntries(given) }).config;
}

/** Who uses the command line, for the audit log. */
export function commandLineUser(): Principal {
  try {
    return localPrincipal(userInfo().username);
  } catch {
    // A container may run under a user that has no name.
    return localPrincipal(`uid-${process.getuid?.() ?? 'unknown'}`);
  }
}
