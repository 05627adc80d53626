import type { Source } from '@wireglass/native';
import { Option, type Command } from 'commander';
import type { CaptureEnd } from '../capture/capture-control.js';
import { liveSource, nameSource } from '../capture/capture-settings.js';
import { startService, version, type Service } from '../compose.js';
import type { Config } from '../config/schema.js';
import type { NewToken } from '../security/tokens.js';
import { ConsoleLog } from '../telemetry/console-log.js';
import { addConfigOptions, commandLineUser, readConfig, type ConfigOptions } from './service-config.js';
import { numberWithin, usageErrorsExit2 } from './usage.js';

interface RunOptions extends ConfigOptions {
  read?: string[];
  interface?: string;
  idle?: boolean;
  rate: number;
  backend?: 'auto' | 'af_packet' | 'libpcap';
  captureFilter?: string;
  record: boolean;
  duration?: number;
  host?: string;
  port?: string;
  logLevel?: string;
}

const demoPacketsPerSecond = 500;

/** `wireglass run`: the service, on files, an interface, or demo traffic. */
export function registerRun(program: Command): void {
  const command = program.command('run').description('run the service: capture, stores and API');
  addConfigOptions(usageErrorsExit2(command))
    .addOption(new Option('--read <file...>', 'meter capture files').conflicts(['interface', 'idle']))
    .addOption(new Option('--interface <name>', 'capture from a network interface').conflicts('idle'))
    .option('--idle', 'capture nothing until the API is told to')
    .option(
      '--rate <packets per second>',
      'of the demo traffic, which runs without the three above',
      numberWithin(1, 1_000_000),
      demoPacketsPerSecond,
    )
    .addOption(new Option('--backend <name>', 'how to capture').choices(['auto', 'af_packet', 'libpcap']))
    .option('--capture-filter <expression>', 'what the kernel lets through, in pcap-filter syntax')
    .option('--duration <seconds>', 'stop capturing after this long', numberWithin(1, 1_209_600))
    .option('--no-record', 'meter only, keep no packets')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <port>', 'TCP port to listen on (default: 8000)')
    .option('--log-level <level>', 'silent, error, warn, info or debug (default: info)')
    .addHelpText(
      'after',
      '\nEnds by SIGINT or SIGTERM, with everything stored that was received; a second one forces the end.' +
        '\nExit status: 0 ended as asked, 1 failed, 2 called or configured wrongly.',
    )
    .action(run);
}

async function run(options: RunOptions): Promise<void> {
  const config = readConfig(options, {
    'api.host': options.host,
    'api.port': options.port,
    'log.level': options.logLevel,
    'capture.backend': options.backend,
    'capture.capture_filter': options.captureFilter,
    'packets.record': options.record ? undefined : false,
  });
  const log = new ConsoleLog(config.log.level);
  // From the first moment on: a signal during the start ends it in order, too.
  const stopAsked = signals();
  const service = await startService({ config, log, onCaptureEnd: sayEnd });
  const source = sourceOf(options, config);
  try {
    if (source !== null) await begin(service, source, options);
    process.stdout.write(welcome(service, config, source));
    const signal = await stopAsked;
    process.stdout.write(`${signal}: storing what was received\n`);
  } finally {
    await service.stop();
  }
  process.exit(0);
}

async function begin({ control, newTokens }: Service, source: Source, options: RunOptions): Promise<void> {
  try {
    await control.begin({ source, duration_s: options.duration }, commandLineUser());
  } catch (error) {
    // They were made just now and are shown at no later start.
    if (newTokens.length > 0) process.stdout.write(shownTokens(newTokens));
    throw error;
  }
}

/** Resolves with the first signal; the second one ends the process at once. */
function signals(): Promise<string> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) {
          process.stderr.write(`${signal} again: ended by force\n`);
          process.exit(1);
        }
        asked = true;
        resolve(signal);
      });
    }
  });
}

function sourceOf(options: RunOptions, config: Config): Source | null {
  if (options.idle) return null;
  if (options.read !== undefined) return { kind: 'files', paths: options.read };
  if (options.interface === undefined) {
    return { kind: 'traffic', profile: 'demo', packetsPerSecond: options.rate, packets: 0, paced: true };
  }
  return liveSource(options.interface, {}, config.capture);
}

/** How a capture that ends while the service goes on is told. */
function sayEnd({ source, status, counters }: CaptureEnd): void {
  if (status.ended_by === 'local:shutdown') return;
  const what = status.state === 'failed' ? 'failed' : 'ended';
  const trouble = status.failures.map(({ message }) => `  ${message}\n`).join('');
  process.stdout.write(
    `The capture of ${source} ${what}: ${counters.captured_packets} packets, ${counters.records} flow records. ` +
      `The service goes on answering; Ctrl-C ends it.\n${trouble}`,
  );
}

function welcome({ url, newTokens }: Service, config: Config, source: Source | null): string {
  const operator = newTokens.find(({ role }) => role === 'operator')?.token;
  const bearer =
    operator === undefined
      ? '"Authorization: Bearer $WIREGLASS_TOKEN"'
      : `'Authorization: Bearer ${operator}'`;
  const doing =
    source === null
      ? 'Nothing is captured until POST /api/v1/capture/start says so'
      : `It meters ${config.packets.record ? 'and records ' : ''}${nameSource(source)}`;
  return `
Wireglass ${version} answers at ${url} (API page: ${url}/docs)
${doing}; its data are in ${config.data_dir}.
${operator === undefined ? knownTokens() : shownTokens(newTokens)}
See the flows with the most bytes:
  curl -H ${bearer} '${url}/api/v1/capture/flows?sort=-bytes&limit=10'

Get the 10 most recent packets as a file for Wireshark:
  curl -OJ -H ${bearer} '${url}/api/v1/packets/download/pcap?count=10'

Ctrl-C ends it with everything stored.
`;
}

function shownTokens(tokens: NewToken[]): string {
  const lines = tokens.map(({ role, token }) => `  ${role.padEnd(8)}  ${token}`);
  return `
Tokens, shown this once (\`wireglass token new --role ROLE\` makes others):
${lines.join('\n')}
`;
}

function knownTokens(): string {
  if ((process.env['WIREGLASS_TOKEN'] ?? '') !== '') return '';
  return `
Tokens were shown at the first start. Keep one in the environment for the commands below:
  export WIREGLASS_TOKEN=wg_…      (lost: \`npx wireglass token new --role operator\`)
`;
}
