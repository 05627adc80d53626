import { Option, type Command } from 'commander';
import { access } from 'node:fs/promises';
import { dataPaths } from '../compose.js';
import { AuditLog } from '../security/audit-log.js';
import { roles, type Role } from '../security/principal.js';
import { TokenStore } from '../security/tokens.js';
import { alignedTable } from './output/human.js';
import { addConfigOptions, commandLineUser, readConfig, type ConfigOptions } from './service-config.js';
import { usageErrorsExit2 } from './usage.js';

/** `wireglass token new|list|revoke`: who may use the API. A running service heeds changes at once. */
export function registerToken(program: Command): void {
  const token = program.command('token').description('make, list and revoke tokens of the API');
  usageErrorsExit2(token);

  const make = usageErrorsExit2(token.command('new').description('make a token; it is shown once'));
  addConfigOptions(make)
    .addOption(new Option('--role <role>', 'what it permits').choices(roles).makeOptionMandatory())
    .action(async (options: ConfigOptions & { role: Role }) => {
      const { tokens, note } = await open(options);
      const made = await tokens.create(options.role);
      await note('token_new', { id: made.id, role: made.role });
      process.stdout.write(`${made.token}\n`);
    });

  const list = usageErrorsExit2(token.command('list').description('ids and roles of the tokens there are'));
  addConfigOptions(list).action(async (options: ConfigOptions) => {
    const entries = await (await open(options)).tokens.list();
    const rows = entries.map(({ id, role, created }) => [id, role, created]);
    process.stdout.write(alignedTable(['ID', 'ROLE', 'CREATED'], rows, new Set()));
  });

  const revoke = usageErrorsExit2(token.command('revoke').description('make a token worthless'));
  addConfigOptions(revoke.argument('<id>', 'as listed')).action(
    async (id: string, options: ConfigOptions) => {
      const { tokens, note } = await open(options);
      const { role } = await tokens.revoke(id);
      await note('token_revoke', { id, role });
      process.stdout.write(`token ${id} (${role}) is revoked\n`);
    },
  );
}

async function open(options: ConfigOptions) {
  const { data_dir } = readConfig(options);
  const paths = dataPaths(data_dir);
  try {
    await access(paths.tokens);
  } catch (error) {
    throw new Error(
      `there are no tokens in ${data_dir} yet: start the service once, or name its directory by --data-dir`,
      { cause: error },
    );
  }
  const audit = new AuditLog({ path: paths.audit });
  const note = async (action: string, parameters: Record<string, unknown>) => {
    await audit.append({ principal: commandLineUser(), action, parameters, outcome: 'done' });
  };
  return { tokens: new TokenStore({ path: paths.tokens }), note };
}
