// `npm run build:plugin [-- ARCHITECTURE…]`: the Grafana app in grafana-plugin/dist, its backend for this machine or
// for the named ones (amd64, arm64).
import { buildPlugin } from './lib/plugin.mjs';
import { fail } from './lib/shell.mjs';

const architectures = process.argv.slice(2);
const unknown = architectures.find((name) => !['amd64', 'arm64'].includes(name));
if (unknown !== undefined) fail(`"${unknown}" is no architecture to build for; expected amd64 or arm64.`, 2);
buildPlugin(architectures);
