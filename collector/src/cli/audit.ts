import type { Command } from 'commander';
import { dataPaths } from '../compose.js';
import { checkAuditFile } from '../security/audit-chain.js';
import { addConfigOptions, readConfig, type ConfigOptions } from './service-config.js';
import { usageErrorsExit2 } from './usage.js';

/** `wireglass audit verify [FILE]`: whether the chain of the audit log is whole. */
export function registerAudit(program: Command): void {
  const audit = usageErrorsExit2(program.command('audit').description('check the audit log'));
  const verify = usageErrorsExit2(audit.command('verify').description('walk the chain of the audit log'));
  addConfigOptions(verify.argument('[file]', "an audit.jsonl (default: the data directory's)"))
    .addHelpText(
      'after',
      '\nThat the newest entries were removed can only be seen by comparing the head with one kept elsewhere.' +
        '\nExit status: 0 whole, 1 changed.',
    )
    .action(async (file: string | undefined, options: ConfigOptions) => {
      const path = file ?? dataPaths(readConfig(options).data_dir).audit;
      const check = await checkAuditFile(path);
      if (check.broken !== null) {
        process.stdout.write(`${path}: line ${check.broken.line}: ${check.broken.reason}\n`);
        process.exitCode = 1;
        return;
      }
      process.stdout.write(`${path}: ${check.entries} entries, the chain is whole, head ${check.head}\n`);
      if (check.torn === null) return;
      process.stdout.write(
        `it ends within an entry (${check.bytes - check.wholeBytes} bytes), as after a crash\n`,
      );
    });
}
