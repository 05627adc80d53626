import { Engine, type EngineFailure, type FlowBatch } from '@wireglass/native';
import { Option, type Command } from 'commander';
import { errorCode, errorMessage } from '../model/errors.js';
import type { FilterNode } from '../model/filter.js';
import { parseFilter } from '../query/parse-filter.js';
import { showProgress } from './output/progress.js';
import {
  createRecordWriter,
  outputFormats,
  type OutputFormat,
  type RecordWriter,
} from './output/record-writer.js';
import { summaryOf, summaryText } from './output/summary.js';
import { ReaderGone, TextOutput } from './output/text-output.js';
import { numberWithin, usageErrorsExit2 } from './usage.js';

interface MeterCommandOptions {
  format?: OutputFormat;
  summary?: boolean;
  all?: boolean;
  filter?: FilterNode;
  activeTimeout?: number;
  idleTimeout?: number;
  maxFlows?: number;
  output?: string;
  progress: boolean;
}

const tableRows = 50;
const unreadable = 1;
const interrupted = 130;

/** `wireglass meter FILE…`: packets of capture files into flow records or a summary. */
export function registerMeter(program: Command): void {
  const command = program.command('meter').description('meter capture files: pcap and pcapng, also gzipped');
  usageErrorsExit2(command)
    .argument('<file...>', 'capture files, read one after another; - is standard input')
    .addOption(
      new Option('-f, --format <format>', 'table on a terminal, json otherwise').choices(outputFormats),
    )
    .option('-s, --summary', 'totals instead of records; with --format json one object')
    .option('-a, --all', `every record in the table, not only the ${tableRows} with the most bytes`)
    .option('--filter <expression>', 'only records that pass, such as "src net 10.0.0.0/8 and dst port 443"')
    .option(
      '--active-timeout <seconds>',
      'a flow that goes on gets a record this often (default: 60)',
      numberWithin(1, 86_400, 1_000),
    )
    .option(
      '--idle-timeout <seconds>',
      'a flow without packets for this long has ended (default: 15)',
      numberWithin(0.1, 86_400, 1_000),
    )
    .option(
      '--max-flows <count>',
      'flows in the cache, 4096 to 16777216 (default: 262144)',
      numberWithin(4_096, 16_777_216),
    )
    .option('-o, --output <file>', 'write there instead of to standard output')
    .option('--no-progress', 'no progress bar on a terminal')
    .addHelpText(
      'after',
      '\nExit status: 0 done, 1 some input could not be read (the rest was metered), 2 called wrongly.',
    )
    .action(async (files: string[], given: Omit<MeterCommandOptions, 'filter'> & { filter?: string }) => {
      const { filter: filterText, ...rest } = given;
      const filter = filterText === undefined ? undefined : readFilter(command, filterText);
      const options: MeterCommandOptions = filter === undefined ? rest : { ...rest, filter };
      if (options.summary && filter !== undefined) {
        command.error('error: --filter chooses records; --summary counts packets', { exitCode: 2 });
      }
      if (options.summary && options.format === 'csv') {
        command.error('error: --summary comes as text or with --format json', { exitCode: 2 });
      }
      process.exitCode = await meterFiles(files, options);
    });
}

function readFilter(command: Command, text: string): FilterNode {
  try {
    return parseFilter(text);
  } catch (error) {
    return command.error(`error: --filter: ${errorMessage(error)}`, { exitCode: 2 });
  }
}

/** For --summary, which the engine's counters answer. */
const noRecords: RecordWriter = { batch: () => undefined, end: () => undefined };

function recordWriter(output: TextOutput, options: MeterCommandOptions): RecordWriter {
  if (options.summary) return noRecords;
  const format = options.format ?? (options.output === undefined && process.stdout.isTTY ? 'table' : 'json');
  return createRecordWriter(format, output, {
    limit: options.all ? Infinity : tableRows,
    filter: options.filter ?? null,
  });
}

/** Runs the engine over the files; returns the exit status. */
async function meterFiles(files: string[], options: MeterCommandOptions): Promise<number> {
  let output: TextOutput;
  try {
    output = TextOutput.open(options.output);
  } catch (error) {
    process.stderr.write(`wireglass meter: cannot write ${options.output}: ${errorMessage(error)}\n`);
    return 2;
  }
  try {
    return await new MeterRun(output, options).run(files);
  } catch (error) {
    if (error instanceof ReaderGone) return 0;
    process.stderr.write(`wireglass meter: ${errorMessage(error)}\n`);
    return unreadable;
  }
}

class MeterRun {
  private readonly engine = Engine.shared();
  private readonly writer: RecordWriter;
  private writeFailure: Error | null = null;
  private wasInterrupted = false;

  constructor(
    private readonly output: TextOutput,
    private readonly options: MeterCommandOptions,
  ) {
    this.writer = recordWriter(output, options);
  }

  async run(files: string[]): Promise<number> {
    const { engine, options } = this;
    const subscription = options.summary ? null : engine.subscribe((batch) => this.take(batch));
    const onInterrupt = (): void => {
      this.wasInterrupted = true;
      this.stopEarly();
    };
    process.once('SIGINT', onInterrupt);
    const stopProgress = options.progress ? showProgress(() => this.reading()) : () => undefined;
    try {
      await engine.start({
        source: { kind: 'files', paths: files },
        meter: this.meterOptions(),
        countConversations: options.summary ?? false,
      });
      await engine.finished();
    } catch (error) {
      // A script gets its object even when nothing could be read.
      if (!options.summary) throw error;
      return this.finish([{ code: errorCode(error), message: errorMessage(error) }]);
    } finally {
      stopProgress();
      process.off('SIGINT', onInterrupt);
      subscription?.close();
    }
    if (this.writeFailure !== null) throw this.writeFailure;
    return this.finish(engine.status().failures);
  }

  private take(batch: FlowBatch): void {
    if (this.writeFailure !== null || batch.kind !== 'records') return;
    try {
      this.writer.batch(batch);
    } catch (error) {
      this.writeFailure = error instanceof Error ? error : new Error(errorMessage(error));
      this.stopEarly();
    }
  }

  /** It may have finished by itself meanwhile; then there is nothing to stop. */
  private stopEarly(): void {
    this.engine.stop().catch(() => undefined);
  }

  private reading(): { packets: number; progress: number | null } {
    return { packets: this.engine.counters().captured_packets, progress: this.engine.status().progress };
  }

  private finish(failures: readonly EngineFailure[]): number {
    if (this.options.summary) {
      const summary = summaryOf(this.engine.counters(), this.engine.conversations(), failures);
      this.output.write(
        this.options.format === 'json' ? `${JSON.stringify(summary)}\n` : summaryText(summary),
      );
    }
    this.writer.end();
    this.output.close();
    for (const { message } of failures) process.stderr.write(`wireglass meter: ${message}\n`);
    if (this.wasInterrupted) return interrupted;
    return failures.length > 0 ? unreadable : 0;
  }

  private meterOptions() {
    const { activeTimeout, idleTimeout, maxFlows } = this.options;
    return {
      // the same input gives the same output
      firstFlowId: 1n,
      ...(activeTimeout === undefined ? {} : { activeTimeoutMs: activeTimeout }),
      ...(idleTimeout === undefined ? {} : { idleTimeoutMs: idleTimeout }),
      ...(maxFlows === undefined ? {} : { maxFlows }),
    };
  }
}
