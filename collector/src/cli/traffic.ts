import { writeTrafficFile, type TrafficFileOptions } from '@wireglass/native';
import { Option, type Command } from 'commander';
import { errorMessage } from '../model/errors.js';
import { numberWithin, usageErrorsExit2 } from './usage.js';

const profiles = ['ordinary', 'lisp_ai', 'demo', 'tunnels'] as const;

interface TrafficCommandOptions {
  profile: (typeof profiles)[number];
  seed: number;
  packets: number;
  rate?: number;
  flows?: number;
  sizes?: string;
  ipv6Percent?: number;
  vlanPercent?: number;
}

const ordinaryOnly = ['flows', 'sizes', 'ipv6Percent', 'vlanPercent'] as const;

/** `wireglass traffic FILE`: generated traffic as a pcap file, the ledger of what it holds on standard output. */
export function registerTraffic(program: Command): void {
  const command = program
    .command('traffic')
    .description('write generated traffic to a pcap file, the same for the same seed');
  usageErrorsExit2(command)
    .argument('<file>', 'pcap file to write')
    .addOption(
      new Option('-p, --profile <profile>', 'what kind of traffic').choices(profiles).default('demo'),
    )
    .option('-n, --packets <count>', 'how many packets', numberWithin(1, 1_000_000_000), 100_000)
    .option('--seed <number>', 'another seed, other traffic', numberWithin(0, 4_294_967_295), 1)
    .option('--rate <packets>', 'packets per second of trace time', numberWithin(1, 1_000_000_000))
    .option('--flows <count>', 'unidirectional flows (profile ordinary)', numberWithin(1, 100_000_000))
    .option('--sizes <law>', 'small, imix, large or fixed:LENGTH (profile ordinary)')
    .option('--ipv6-percent <percent>', 'part of IPv6 (profile ordinary)', numberWithin(0, 100))
    .option('--vlan-percent <percent>', 'part with a VLAN tag (profile ordinary)', numberWithin(0, 100))
    .addHelpText('after', '\nExit status: 0 written, 1 the file could not be written, 2 called wrongly.')
    .action(async (file: string, options: TrafficCommandOptions) => {
      const ignored = ordinaryOnly.find(
        (name) => options.profile !== 'ordinary' && options[name] !== undefined,
      );
      if (ignored !== undefined) {
        const flag = command.options.find((option) => option.attributeName() === ignored)?.long ?? ignored;
        command.error(`error: ${flag} belongs to --profile ordinary`, { exitCode: 2 });
      }
      try {
        const ledger = await writeTrafficFile(file, trafficOptions(options));
        process.stdout.write(`${JSON.stringify(ledger)}\n`);
      } catch (error) {
        process.stderr.write(`wireglass traffic: ${errorMessage(error)}\n`);
        const code = (error as { code?: unknown }).code;
        process.exitCode = code === 'bad_traffic_profile' || code === 'bad_argument' ? 2 : 1;
      }
    });
}

function trafficOptions({ rate, ...same }: TrafficCommandOptions): TrafficFileOptions {
  return rate === undefined ? same : { ...same, packetsPerSecond: rate };
}
