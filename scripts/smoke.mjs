// `npm run smoke -- --url URL [--token TOKEN]`: asks every endpoint of a running collector, and says passed, failed or
// skipped for each. What needs a token, a role or a privilege that is not there is skipped with the reason. The token
// may also come from WIREGLASS_TOKEN. Nothing is left changed: a capture is started only where none runs.
import { parseArgs } from 'node:util';
import { fail } from './lib/shell.mjs';
import { cases } from './lib/smoke-cases.mjs';
import { SmokeClient, Skip } from './lib/smoke-client.mjs';

function readArguments() {
  try {
    const { values } = parseArgs({ options: { url: { type: 'string' }, token: { type: 'string' } } });
    if (values.url === undefined) throw new Error('--url is missing');
    return { url: new URL(values.url), token: values.token ?? (process.env.WIREGLASS_TOKEN || null) };
  } catch (error) {
    return fail(`${error.message}; usage: npm run smoke -- --url http://127.0.0.1:8000 [--token TOKEN]`, 2);
  }
}

const { url, token } = readArguments();
const client = new SmokeClient(url, token);
const counts = { passed: 0, failed: 0, skipped: 0 };
for (const { name, run } of cases) {
  let outcome = 'passed';
  let detail = '';
  try {
    await run(client);
  } catch (error) {
    outcome = error instanceof Skip ? 'skipped' : 'failed';
    detail = `: ${error.message}`;
  }
  counts[outcome] += 1;
  console.log(`${outcome.padEnd(7)}  ${name}${detail}`);
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed > 0 ? 1 : 0);
