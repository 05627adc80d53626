// `npm run lint` checks, `npm run format` (--fix) writes what a tool can mend.
import { buildTypeScript, installPackages } from './lib/build.mjs';
import { lint } from './lib/lint.mjs';
import { fail } from './lib/shell.mjs';

// The linter reads the types that packages have of each other.
installPackages();
if (!buildTypeScript()) fail('compiling TypeScript failed; see above.');
const results = lint(process.argv.includes('--fix'));
for (const { name, failed } of results) if (failed > 0) console.error(`failed: ${name}`);
process.exit(results.some(({ failed }) => failed > 0) ? 1 : 0);
