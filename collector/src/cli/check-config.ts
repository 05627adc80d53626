import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { defaultsAsYaml, settingsInForce } from '../config/print.js';
import { errorCode, errorMessage } from '../model/errors.js';
import { usageErrorsExit2 } from './usage.js';

/** `wireglass check-config [FILE]`: exit 0 when a service would start with it, 2 when not. */
export function registerCheckConfig(program: Command): void {
  const command = program
    .command('check-config')
    .description('check a configuration file and the environment, and show the settings in force');
  usageErrorsExit2(command)
    .argument('[file]', 'YAML file; without it the environment and the defaults are checked')
    .option('--print-defaults', 'print every key with its default and meaning as YAML, and do nothing else')
    .addHelpText('after', '\nExit status: 0 valid, 2 not valid.')
    .action((file: string | undefined, options: { printDefaults?: boolean }) => {
      if (options.printDefaults) {
        process.stdout.write(defaultsAsYaml());
        return;
      }
      try {
        const loaded = loadConfig({ file: file ?? process.env['WIREGLASS_CONFIG'] });
        process.stdout.write(`ok\n${settingsInForce(loaded)}`);
      } catch (error) {
        if (errorCode(error) !== 'bad_config') throw error;
        process.stderr.write(`${errorMessage(error)}\n`);
        process.exitCode = 2;
      }
    });
}
