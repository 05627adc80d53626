// `npm run lint` checks, `npm run format` (--fix) writes what a tool can mend.
import { lint } from './lib/lint.mjs';

const results = lint(process.argv.includes('--fix'));
for (const { name, failed } of results) if (failed > 0) console.error(`failed: ${name}`);
process.exit(results.some(({ failed }) => failed > 0) ? 1 : 0);
