// `npm start [-- OPTIONS]`: installs and builds what is missing, then is `wireglass run OPTIONS`.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildAll } from './lib/build.mjs';
import { root, say } from './lib/shell.mjs';

buildAll();
// Paths on the command line are meant from where the user stands, not from the repository.
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
const options = process.argv.slice(2);
say(`starting: wireglass run ${options.join(' ')}`.trimEnd());
const main = join(root, 'collector/dist/main.js');
process.argv = [process.argv[0], main, 'run', ...options];
createRequire(import.meta.url)(main);
