import type { Command } from 'commander';
import { expandInputs } from './meter/inputs.js';
import { addMeterOptions, type MeterCommandOptions } from './meter/options.js';
import { conflict, formatOf } from './meter/plan.js';
import { meterFiles } from './meter/run.js';
import { portConflict } from './meter/tunnel-ports.js';
import { usageErrorsExit2 } from './usage.js';

/** `wireglass meter FILE…`: packets of capture files into flow records, sums over them or a summary. */
export function registerMeter(program: Command): void {
  const command = program.command('meter').description('meter capture files: flows, sums over flows, totals');
  addMeterOptions(usageErrorsExit2(command))
    .argument('<file...>', 'capture files, directories, patterns; - is standard input')
    .action(async (args: string[], options: MeterCommandOptions) => {
      const format = formatOf(options, process.stdout.isTTY);
      const mistake = conflict(options, format) ?? portConflict(options.tunnelPort) ?? inputMistake(args);
      if (mistake !== null) command.error(`error: ${mistake}`, { exitCode: 2 });
      process.exitCode = await meterFiles(expandInputs(args, options.recursive ?? false), options, format);
    });
}

function inputMistake(args: readonly string[]): string | null {
  if (args.filter((argument) => argument === '-').length > 1)
    return 'standard input (-) can be read only once';
  if (args.includes('-') && process.stdin.isTTY)
    return 'standard input (-) is a terminal: expected a capture';
  return null;
}
