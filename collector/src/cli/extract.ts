import { exportFiles, PacketStore, type PacketExportOptions } from '@wireglass/native';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { decoderOptions } from '../capture/capture-settings.js';
import { dataPaths } from '../compose.js';
import { errorMessage } from '../model/errors.js';
import { packetFields } from '../model/packet-fields.js';
import { packetFilter } from '../query/packet-program.js';
import { extract, type ExtractPlan } from './extract/run.js';
import { parseTimeOption } from './extract/times.js';
import { expandInputs } from './meter/inputs.js';
import { addConfigOptions, readConfig, type ConfigOptions } from './service-config.js';
import { completesWith, numberWithin, usageErrorsExit2 } from './usage.js';

const formats = ['pcap', 'pcapng', 'json', 'csv'] as const;
type Format = (typeof formats)[number];

const formatByExtension: Readonly<Record<string, Format>> = {
  '.pcap': 'pcap',
  '.cap': 'pcap',
  '.pcapng': 'pcapng',
  '.json': 'json',
  '.jsonl': 'json',
  '.ndjson': 'json',
  '.csv': 'csv',
};

interface ExtractOptions extends ConfigOptions {
  filter?: string;
  from?: bigint;
  to?: bigint;
  limit?: number;
  format?: Format;
  nanoseconds?: boolean;
  output?: string;
  count?: boolean;
  recursive?: boolean;
  quiet?: boolean;
  progress: boolean;
}

/** A parser whose mistakes are those of the option. */
function parseFilterOption(text: string): string {
  try {
    return packetFilter(text);
  } catch (error) {
    throw new InvalidArgumentError(errorMessage(error));
  }
}

/** The format that was asked for, or that the output's name or place suggests. */
function formatOf({ format, output }: ExtractOptions, isTerminal: boolean): Format {
  if (format !== undefined) return format;
  if (output === undefined) return isTerminal ? 'json' : 'pcapng';
  return formatByExtension[extname(output).toLowerCase()] ?? 'pcapng';
}

function mistakeOf(files: readonly string[], options: ExtractOptions, format: Format): string | null {
  const { from, to, output, nanoseconds, count, config, dataDir } = options;
  if (from !== undefined && to !== undefined && from > to) return '--from is later than --to';
  if (files.length > 0 && (config ?? dataDir) !== undefined)
    return 'capture files are read, or a data directory: not both';
  if (files.filter((file) => file === '-').length > 1) return 'standard input (-) can be read only once';
  if (files.includes('-') && process.stdin.isTTY)
    return 'standard input (-) is a terminal: expected a capture';
  if (nanoseconds && format !== 'pcap') return '--nanoseconds is for --format pcap; the others have them';
  if (count) return output === undefined ? null : '--count prints a number: it takes no --output';
  const binary = format === 'pcap' || format === 'pcapng';
  return binary && output === undefined && process.stdout.isTTY
    ? `${format} is not for a terminal: give --output FILE, or --format json`
    : null;
}

/** What is read, or why there is nothing to read. */
function sourceOf(
  files: readonly string[],
  options: ExtractOptions,
  selection: PacketExportOptions,
): Pick<ExtractPlan, 'reading' | 'failures'> | string {
  if (files.length > 0) {
    const inputs = expandInputs(files, options.recursive ?? false);
    const failures = inputs.failures.map(({ message }) => message);
    if (inputs.paths.length === 0) return failures.join('; ') || 'nothing to read';
    return { reading: () => exportFiles(inputs.paths, selection), failures };
  }
  const settings = readConfig(options);
  const { packets } = dataPaths(settings.data_dir);
  if (!existsSync(packets)) return `${packets} does not exist: give --data-dir, --config or capture files`;
  const store = new PacketStore(packets, decoderOptions(settings.decode));
  const { format: _format, ...range } = selection;
  return {
    reading: () => (options.count ? store.measure(range) : store.export(selection)),
    failures: [],
  };
}

async function run(command: Command, files: string[], options: ExtractOptions): Promise<void> {
  const format = formatOf(options, process.stdout.isTTY);
  const mistake = mistakeOf(files, options, format);
  if (mistake !== null) command.error(`error: ${mistake}`, { exitCode: 2 });
  const { filter, from, to, limit } = options;
  const source = sourceOf(files, options, {
    // counting needs the packets, not their headers
    format: options.count ? 'pcapng' : format === 'pcap' && options.nanoseconds ? 'pcap_ns' : format,
    ...(filter === undefined ? {} : { filter }),
    ...(from === undefined ? {} : { fromNs: from }),
    ...(to === undefined ? {} : { toNs: to }),
    ...(limit === undefined ? {} : { limit }),
  });
  if (typeof source === 'string') {
    process.stderr.write(`wireglass extract: ${source}\n`);
    process.exitCode = 1;
    return;
  }
  process.exitCode = await extract({
    ...source,
    ...(options.output === undefined ? {} : { output: options.output }),
    countOnly: options.count ?? false,
    progress: options.progress,
    quiet: options.quiet ?? false,
  });
}

/** `wireglass extract [FILE…]`: packets of a time range that a filter passes, out of the recording or of files. */
export function registerExtract(program: Command): void {
  const command = program
    .command('extract')
    .description('write recorded packets, or those of capture files, that a filter passes');
  const words = packetFields.map(({ name }) => name);
  usageErrorsExit2(command)
    .argument(
      '[file...]',
      'capture files, directories, patterns; - is standard input (default: the recording)',
    )
    .addOption(
      completesWith(
        new Option('--filter <expression>', 'only packets that pass, such as "tcp port 443"').argParser(
          parseFilterOption,
        ),
        words,
      ),
    )
    .addOption(
      new Option('--from <time>', 'at or after it: RFC 3339, nanoseconds since 1970, -10m').argParser(
        (text: string) => parseTimeOption(text),
      ),
    )
    .addOption(
      new Option('--to <time>', 'before it, written likewise').argParser((text: string) =>
        parseTimeOption(text),
      ),
    )
    .option('--limit <packets>', 'the first so many', numberWithin(1, Number.MAX_SAFE_INTEGER))
    .addOption(
      new Option('-f, --format <format>', 'default: by the name of the output, else pcapng').choices(formats),
    )
    .option('--nanoseconds', 'time stamps of a pcap in nanoseconds')
    .option('-o, --output <file>', 'appears when it is complete (default: standard output)')
    .option('--count', 'only print how many packets pass')
    .option('-r, --recursive', 'look into the directories below those named, too')
    .option('-q, --quiet', 'say only what went wrong')
    .option('--no-progress', 'draw no progress bar')
    .addHelpText(
      'after',
      '\nExamples:\n  wireglass extract --from -10m --filter "host 10.0.0.1 and tcp port 443" -o case.pcapng' +
        '\n  wireglass extract --filter "outer udp port 4341" -o lisp.pcap capture.pcap' +
        '\n  wireglass extract -f json --filter "overlay lisp and tenant 42" capture.pcapng | head' +
        '\n\nA service that records may run meanwhile: the recording is only read.' +
        '\nExit status: 0 done, 1 something could not be read or written, 2 called wrongly.',
    )
    .action(async (files: string[], options: ExtractOptions) => run(command, files, options));
  addConfigOptions(command);
}
