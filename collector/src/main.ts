import { Command } from 'commander';
import { registerAudit } from './cli/audit.js';
import { registerBackends } from './cli/backends.js';
import { registerCheckConfig } from './cli/check-config.js';
import { registerCompletion } from './cli/completion.js';
import { registerExtract } from './cli/extract.js';
import { registerMeter } from './cli/meter.js';
import { registerRun } from './cli/run.js';
import { registerToken } from './cli/token.js';
import { registerTraffic } from './cli/traffic.js';
import { version } from './compose.js';
import { errorCode, errorMessage } from './model/errors.js';

const program = new Command('wireglass')
  .description('flow meter and packet recorder')
  .version(version)
  .showHelpAfterError('(--help says more)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .addHelpText('after', '\nExit status: 0 done, 1 something failed, 2 called or configured wrongly.');

for (const register of [
  registerRun,
  registerMeter,
  registerExtract,
  registerBackends,
  registerCheckConfig,
  registerTraffic,
  registerToken,
  registerAudit,
  registerCompletion,
]) {
  register(program);
}

program.parseAsync(process.argv).catch((error: unknown) => {
  const code = errorCode(error);
  const isBug = code === 'internal_error' && error instanceof Error && !('code' in error);
  process.stderr.write(`wireglass: ${isBug ? (error.stack ?? error.message) : errorMessage(error)}\n`);
  process.exit(code === 'bad_config' ? 2 : 1);
});
