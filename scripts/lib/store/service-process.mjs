// The service as a process of its own, told by messages: on traffic that the command line has no words for. Started by
// service.mjs.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../shell.mjs';

const require = createRequire(import.meta.url);
const { startService } = require(join(root, 'collector/dist/compose.js'));
const { loadConfig } = require(join(root, 'collector/dist/config/load.js'));
const { ConsoleLog } = require(join(root, 'collector/dist/telemetry/console-log.js'));
const { localPrincipal } = require(join(root, 'collector/dist/security/principal.js'));

let service = null;
let ended = null;

const answers = {
  async start({ flags }) {
    const { config } = loadConfig({ flags, environment: {} });
    service = await startService({
      config,
      log: new ConsoleLog(config.log.level),
      onCaptureEnd: (end) => ended?.(end),
    });
    return { url: service.url, tokens: service.newTokens };
  },
  /** Begins to meter; the answer comes when the source has ended and everything is stored. */
  async meter({ source }) {
    const end = new Promise((resolve) => (ended = resolve));
    // messages carry no bigint
    const startNs = source.startNs === undefined ? {} : { startNs: BigInt(source.startNs) };
    await service.control.begin({ source: { ...source, ...startNs } }, localPrincipal('benchmark'));
    const { status, counters } = await end;
    return { state: status.state, counters };
  },
  async endCapture() {
    await service.control.end(localPrincipal('benchmark'));
    return null;
  },
  async stop() {
    await service.stop();
    return null;
  },
};

process.on('message', ({ id, ask, argument }) => {
  answers[ask](argument).then(
    (result) => process.send({ id, result }),
    (error) => process.send({ id, error: error.stack ?? String(error) }),
  );
});
