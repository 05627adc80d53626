import { availableParallelism } from 'node:os';
import {
  flowFields,
  maxHeaders,
  maxIpLayers,
  maxWorkers,
  type FlowField,
  type SamplingOptions,
  type UdpPorts,
} from '@wireglass/native';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { fieldNamed } from '../../model/columns.js';
import { errorMessage } from '../../model/errors.js';
import type { FilterNode } from '../../model/filter.js';
import { hint } from '../../model/nearest.js';
import { parseGroupBy, type GroupKey } from '../../query/group-by.js';
import { parseFilter } from '../../query/parse-filter.js';
import { outputFormats, type OutputFormat } from '../output/record-writer.js';
import { completesWith, numberWithin } from '../usage.js';
import { durationWithin, parseDuration, timeoutsWithin, type Timeouts } from './durations.js';
import { parseTunnelPort, tunnelNames } from './tunnel-ports.js';

/** Records or groups that the table shows where nothing else is said. */
export const tableRows = 50;
export const tableGroups = 20;

/** The options as commander gives them. */
export interface MeterCommandOptions {
  recursive?: boolean;
  format?: OutputFormat;
  output?: string;
  columns?: FlowField[];
  wide?: boolean;
  summary?: boolean;
  /** milliseconds */
  intervals?: number;
  quiet?: boolean;
  progress: boolean;
  filter?: FilterNode;
  by?: GroupKey[];
  top?: number;
  all?: boolean;
  sort?: SortOption;
  activeTimeout?: Timeouts;
  idleTimeout?: Timeouts;
  maxFlows?: number;
  applications?: boolean;
  classifiedFlows?: number;
  workers?: number;
  sampling?: SamplingOptions;
  outerFlows?: boolean;
  tunnelPort?: UdpPorts;
  maxIpLayers?: number;
  maxHeaders?: number;
  maxFragmentedDatagrams?: number;
  /** milliseconds */
  fragmentTimeout?: number;
  stringBytesPerFlow?: number;
}

/** `bytes`: largest first; `+start_ns`: smallest first. */
export interface SortOption {
  name: string;
  descending: boolean;
}

/** A parser whose mistakes are those of an option. */
const option =
  <Value>(parse: (text: string) => Value) =>
  (text: string): Value => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(errorMessage(error));
    }
  };

/** `systematic:100`: mode and rate. */
function parseSampling(text: string): SamplingOptions {
  const [mode = '', rate = ''] = text.split(':');
  const isMode = mode === 'systematic' || mode === 'random' || mode === 'flow';
  if (!isMode || !/^[1-9][0-9]{0,8}$/.test(rate) || text.split(':').length !== 2)
    throw new InvalidArgumentError('expected systematic:N, random:N or flow:N, such as systematic:100.');
  return { mode, rate: Number(rate) };
}

function parseColumns(text: string): FlowField[] {
  if (text.trim().toLowerCase() === 'all') return [...flowFields];
  const fields = text.split(',').map((part) => {
    const field = fieldNamed(part.trim().toLowerCase());
    if (field !== undefined) return field;
    const names = flowFields.map(({ name }) => name);
    throw new InvalidArgumentError(
      `"${part.trim()}" is no field of a flow record${hint(part.trim(), names)}`,
    );
  });
  const twice = fields.find((field, index) => fields.indexOf(field) !== index);
  if (twice !== undefined) throw new InvalidArgumentError(`${twice.name} is named twice.`);
  return fields;
}

const parseSort = (text: string): SortOption => ({
  name: text.replace(/^[+-]/, '').toLowerCase(),
  descending: !text.startsWith('+'),
});

function parseWorkers(text: string): number {
  if (text.toLowerCase() === 'auto') return Math.min(availableParallelism(), maxWorkers);
  return numberWithin(1, maxWorkers)(text);
}

const fieldNames = flowFields.map(({ name }) => name);

function inputOptions(command: Command): void {
  command
    .optionsGroup('Input:')
    .option('-r, --recursive', 'look into the directories below those named, too');
}

function choiceOptions(command: Command): void {
  command
    .optionsGroup('What is shown:')
    .option(
      '--filter <expression>',
      'only records that pass, such as "src net 10.0.0.0/8 and dst port 443"',
      option(parseFilter),
    )
    .addOption(
      completesWith(
        new Option(
          '--by <fields>',
          'sums over groups of records, such as src_addr,dst_port; also src_net/24, src_net/24/56, time:1m',
        ).argParser(option((text) => parseGroupBy(text, parseDuration))),
        [...fieldNames, 'src_net/24', 'dst_net/24', 'time:1m'],
      ),
    )
    .option(
      '--top <count>',
      `only so many (default: ${tableRows} records, ${tableGroups} groups in a table; else all)`,
      numberWithin(1, 1_000_000),
    )
    .option('-a, --all', 'every record or group in the table')
    .addOption(
      completesWith(
        new Option(
          '--sort <field>',
          'by what they are ordered, the largest first; + before it: the smallest first (default: bytes)',
        ).argParser(parseSort),
        fieldNames,
      ),
    )
    .option('-s, --summary', 'totals instead of records; with --format json one object')
    .option(
      '--intervals <duration>',
      'counts and heaviest talkers of each 1s, 10s, 1m … instead of records; --top: how many talkers (default: 20)',
      durationWithin(100, 3_600_000),
    );
}

function outputOptions(command: Command): void {
  command
    .optionsGroup('Output:')
    .addOption(
      new Option(
        '-f, --format <format>',
        "table on a terminal, by the output file's name, else json (one object per line)",
      ).choices(outputFormats),
    )
    .option('-o, --output <file>', 'write there, under that name when it is complete (parquet needs it)')
    .addOption(
      completesWith(
        new Option(
          '--columns <fields>',
          'which fields, such as src_addr,dst_addr,bytes; all: every field',
        ).argParser(parseColumns),
        ['all', ...fieldNames],
      ),
    )
    .option('-w, --wide', 'more columns in the table: MACs, TCP flags and troubles, round-trip times, ends')
    .option('-q, --quiet', 'no progress and no notes, only errors')
    .option('--no-progress', 'no progress line on a terminal');
}

function meteringOptions(command: Command): void {
  command
    .optionsGroup('Metering:')
    .option(
      '--active-timeout <durations>',
      'a flow that goes on gets a record this often: 60s, 5m, tcp=5m,udp=60s (default: 60s)',
      timeoutsWithin(1_000, 86_400_000),
    )
    .option(
      '--idle-timeout <durations>',
      'a flow without packets for this long has ended: 15s, tcp=300s,udp=30s,icmp=5s (default: 15s)',
      timeoutsWithin(100, 86_400_000),
    )
    .option(
      '--max-flows <count>',
      'flows in the cache, 4096 to 16777216; beyond it the oldest is closed early (default: 262144)',
      numberWithin(4_096, 16_777_216),
    )
    .option(
      '--sampling <mode:N>',
      'meter systematic:N (every N-th packet), random:N (each with 1/N) or flow:N (one of N flows, whole)',
      parseSampling,
    )
    .option('--outer-flows', "meter a tunnel's outermost IP layer as a flow of its own, in no total")
    .option('--applications', "read the names in DNS, TLS and HTTP out of flows' first packets")
    .option(
      '--classified-flows <count>',
      'with --applications: flows at a time whose application nDPI names, to 1048576 (default: 0, none)',
      numberWithin(0, 1_048_576),
    )
    .addOption(
      completesWith(
        new Option(
          '--workers <count>',
          `threads that decode and meter, 1 to ${maxWorkers}, or auto: one per processor (default: 1)`,
        ).argParser(parseWorkers),
        ['auto'],
      ),
    )
    .option(
      '--string-bytes-per-flow <bytes>',
      'with --applications: room for their fields per flow of the table, to 1024 (default: 64)',
      numberWithin(0, 1_024),
    );
}

function decodingOptions(command: Command): void {
  command
    .optionsGroup('Decoding:')
    .addOption(
      completesWith(
        new Option(
          '--tunnel-port <name=ports>',
          'UDP ports of a tunnel instead of its own: vxlan=4789,8472, gtp_u=none; may be given again',
        ).argParser(parseTunnelPort),
        tunnelNames.map((name) => `${name}=`),
      ),
    )
    .option(
      '--max-ip-layers <count>',
      `IP headers that are followed; 1 follows no tunnel (default: ${maxIpLayers}, the most)`,
      numberWithin(1, maxIpLayers),
    )
    .option(
      '--max-headers <count>',
      `headers of any kind that are followed (default: ${maxHeaders}, the most)`,
      numberWithin(1, maxHeaders),
    )
    .option(
      '--max-fragmented-datagrams <count>',
      'fragmented datagrams at a time whose ports are kept, 4 to 16777216 (default: 16384)',
      numberWithin(4, 16_777_216),
    )
    .option(
      '--fragment-timeout <duration>',
      'so long after its first fragment a datagram is forgotten, such as 15s (default: 30s)',
      durationWithin(1, 3_600_000),
    );
}

const helpText = `
Files may be pcap or pcapng, also compressed. A directory stands for the captures in it, * ? [a-z] {a,b} and ** for the
files that match. They are read one after another as one capture; names are sorted with 2 before 10.

Sums (--by) count both directions: packets and bytes are those from the initiator and those back, flows are flow records.
What --top leaves out is one more row, so that totals stay exact. A record counts where its first packet lies (time:1m).
Outer flows of tunnels are never summed with the flows inside them. Where packets were sampled, estimates stand beside
what was counted. Groups take 1 GiB of memory at most, the rest goes to temporary files.

Durations are seconds or have a unit: ms, s, m, h. Counts in tables have decimal units (1.5k is 1500).

Examples:
  wireglass meter capture.pcap                              the flows with the most bytes
  wireglass meter --wide --sort tcp_retransmitted *.pcap    who retransmits, with round-trip times
  wireglass meter --by src_addr,dst_port --top 20 dir/      who talks to what, most bytes first
  wireglass meter --intervals 10s x.pcap                    exact counts and top talkers every 10 seconds
  wireglass meter --by time:1m --sort +time_ns x.pcap.zst   packets and bytes per minute
  wireglass meter -o flows.parquet -r /var/captures         every field of every record for DuckDB or pandas
  tcpdump -w - | wireglass meter --filter 'port 53' -       standard input

Exit status: 0 done, 1 some input could not be read (the rest was metered), 2 called wrongly, 130 ended by Ctrl-C (what
was read until then is written).`;

/** Adds what `wireglass meter` takes, in the order of its help. */
export function addMeterOptions(command: Command): Command {
  inputOptions(command);
  choiceOptions(command);
  outputOptions(command);
  meteringOptions(command);
  decodingOptions(command);
  return command.addHelpText('after', helpText);
}
