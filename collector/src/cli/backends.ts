import { captureBackends, type BackendInfo } from '@wireglass/native';
import type { Command } from 'commander';
import { alignedTable } from './output/human.js';
import { usageErrorsExit2 } from './usage.js';

/** The probes as a table; what is missing says why and what would change that. */
export function backendsTable(backends: readonly BackendInfo[]): string {
  const rows = backends.map(({ name, available, features }) => [
    name,
    available ? 'yes' : 'no',
    available ? features.join(', ') : '',
  ]);
  const missing = backends
    .filter(({ available }) => !available)
    .map(({ name, reason, remedy }) => `${name}: ${reason}${remedy === '' ? '' : `; ${remedy}`}\n`);
  return `${alignedTable(['BACKEND', 'AVAILABLE', 'FEATURES'], rows, new Set())}${missing.join('')}`;
}

/** `wireglass backends`: what can capture on this host. */
export function registerBackends(program: Command): void {
  const command = program
    .command('backends')
    .description('what can capture packets on this host, and if not, why');
  usageErrorsExit2(command)
    .option('--json', 'as a JSON array')
    .action(async (options: { json?: boolean }) => {
      const backends = await captureBackends();
      process.stdout.write(options.json ? `${JSON.stringify(backends, null, 2)}\n` : backendsTable(backends));
    });
}
