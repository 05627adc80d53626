import {
  Engine,
  type EngineFailure,
  type FlowBatch,
  type IntervalOptions,
  type IntervalReport,
  type MeterOptions,
  type Subscription,
} from '@wireglass/native';
import { errorCode, errorMessage } from '../../model/errors.js';
import { IntervalWriter, type IntervalFormat } from '../output/interval-writer.js';
import { showProgress } from '../output/progress.js';
import type { OutputFormat, RecordWriter } from '../output/record-writer.js';
import { summaryOf, summaryText } from '../output/summary.js';
import { ReaderGone, TextOutput } from '../output/text-output.js';
import { timeoutProtocols, type Timeouts } from './durations.js';
import type { Inputs } from './inputs.js';
import type { MeterCommandOptions } from './options.js';
import { openWriter } from './plan.js';

const done = 0;
const unreadable = 1;
const calledWrongly = 2;
const interrupted = 130;
/** Of skipped files so many are named. */
const namedFiles = 3;

const say = (text: string): boolean => process.stderr.write(`wireglass meter: ${text}\n`);

function skippedNote(skipped: readonly string[]): string {
  const named = skipped.slice(0, namedFiles).join(', ');
  const more = skipped.length > namedFiles ? ` and ${skipped.length - namedFiles} more` : '';
  return `skipped, as ${skipped.length === 1 ? 'it is no capture' : 'they are no captures'}: ${named}${more}`;
}

/** The engine's form of timeouts: what is not named keeps the one for all, or the engine's own. */
function timeoutsMs({ all, byProtocol }: Timeouts): NonNullable<MeterOptions['idleTimeoutMs']> {
  if (all === undefined) return byProtocol;
  return Object.fromEntries(timeoutProtocols.map((name) => [name, byProtocol[name] ?? all]));
}

/** What the user gave; the engine has its own standard for the rest. */
function given<Values extends object>(
  values: Values,
): { [Name in keyof Values]?: Exclude<Values[Name], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Values]?: Exclude<Values[Name], undefined>;
  };
}

function meterOptions({
  activeTimeout,
  idleTimeout,
  maxFlows,
  applications,
  classifiedFlows,
  stringBytesPerFlow,
}: MeterCommandOptions): MeterOptions {
  return {
    // the same input gives the same output
    firstFlowId: 1n,
    ...(activeTimeout === undefined ? {} : { activeTimeoutMs: timeoutsMs(activeTimeout) }),
    ...(idleTimeout === undefined ? {} : { idleTimeoutMs: timeoutsMs(idleTimeout) }),
    ...given({ maxFlows, applications, classifiedFlows, stringBytesPerFlow }),
  };
}

const standardTopCapacity = 1_024;

function intervalOptions({ intervals, top }: MeterCommandOptions): IntervalOptions | undefined {
  if (intervals === undefined) return undefined;
  return {
    intervalMs: intervals,
    ...(top === undefined ? {} : { topCount: top, topCapacity: Math.max(top, standardTopCapacity) }),
  };
}

/** For --summary, which the engine's counters answer when all is read. */
function summaryWriter(output: TextOutput, text: () => string): RecordWriter {
  return {
    batch: () => undefined,
    end: async () => {
      output.write(text());
      output.close();
    },
    discard: () => output.discard(),
  };
}

/** One run of the engine over the inputs. */
class MeterRun {
  private readonly engine = Engine.shared();
  private readonly failures: EngineFailure[];
  private writeFailure: Error | null = null;
  private wasInterrupted = false;

  constructor(
    private readonly inputs: Inputs,
    private readonly options: MeterCommandOptions,
    private readonly format: OutputFormat,
  ) {
    this.failures = [...inputs.failures];
  }

  async run(): Promise<number> {
    const writer = await this.open();
    if (writer === null) return calledWrongly;
    const { quiet, summary } = this.options;
    if (!quiet && this.inputs.skipped.length > 0) say(skippedNote(this.inputs.skipped));
    try {
      await this.read(summary ? null : writer);
      if (this.writeFailure !== null) throw this.writeFailure;
      await writer.end();
    } catch (error) {
      writer.discard();
      if (error instanceof ReaderGone) return done;
      throw error;
    }
    for (const { message } of this.failures) say(message);
    if (this.wasInterrupted) return interrupted;
    return this.failures.length > 0 ? unreadable : done;
  }

  /** The output, null (and said so) where it cannot be written. */
  private async open(): Promise<RecordWriter | IntervalWriter | null> {
    const { options, format } = this;
    try {
      if (options.intervals !== undefined)
        return new IntervalWriter(TextOutput.open(options.output), format as IntervalFormat);
      if (!options.summary) return await openWriter(options, format);
      return summaryWriter(TextOutput.open(options.output), () => this.summary());
    } catch (error) {
      if (options.output === undefined) throw error;
      say(`cannot write ${options.output}: ${errorMessage(error)}`);
      return null;
    }
  }

  private async read(writer: RecordWriter | IntervalWriter | null): Promise<void> {
    const { engine, inputs, options } = this;
    if (inputs.paths.length === 0) return;
    const subscription = writer === null ? null : this.subscribe(writer);
    const intervals = intervalOptions(options);
    const onInterrupt = (): void => {
      this.wasInterrupted = true;
      this.stopEarly();
    };
    process.once('SIGINT', onInterrupt);
    const stopProgress = options.progress && !options.quiet ? showProgress(() => this.reading()) : undefined;
    try {
      await engine.start({
        source: { kind: 'files', paths: inputs.paths },
        meter: meterOptions(options),
        ...(intervals === undefined ? {} : { intervals }),
        countConversations: options.summary ?? false,
        ...given({ workers: options.workers, sampling: options.sampling }),
        outerFlows: options.outerFlows ?? false,
        ...given({
          udpPorts: options.tunnelPort,
          maxIpLayers: options.maxIpLayers,
          maxHeaders: options.maxHeaders,
        }),
        fragments: given({
          maxDatagrams: options.maxFragmentedDatagrams,
          timeoutMs: options.fragmentTimeout,
        }),
      });
      await engine.finished();
      this.failures.push(...engine.status().failures);
    } catch (error) {
      // none of the inputs could be opened
      this.failures.push({ code: errorCode(error), message: errorMessage(error) });
    } finally {
      stopProgress?.();
      process.off('SIGINT', onInterrupt);
      subscription?.close();
    }
  }

  private subscribe(writer: RecordWriter | IntervalWriter): Subscription {
    if (writer instanceof IntervalWriter)
      return this.engine.subscribeIntervals((report: IntervalReport) =>
        this.write(() => writer.report(report)),
      );
    return this.engine.subscribe((batch: FlowBatch) => {
      if (batch.kind === 'records') this.write(() => writer.batch(batch));
    });
  }

  private write(writeIt: () => void): void {
    if (this.writeFailure !== null) return;
    try {
      writeIt();
    } catch (error) {
      this.writeFailure = error instanceof Error ? error : new Error(errorMessage(error));
      this.stopEarly();
    }
  }

  /** It may have finished by itself meanwhile; then there is nothing to stop. */
  private stopEarly(): void {
    this.engine.stop().catch(() => undefined);
  }

  private reading() {
    const { captured_packets: packets, captured_bytes: bytes } = this.engine.counters();
    return { packets, bytes, progress: this.engine.status().progress };
  }

  private summary(): string {
    const summary = summaryOf(this.engine.counters(), this.engine.conversations(), this.failures);
    return this.format === 'json' ? `${JSON.stringify(summary)}\n` : summaryText(summary);
  }
}

/** Meters the inputs as the options say; returns the exit status. */
export async function meterFiles(
  inputs: Inputs,
  options: MeterCommandOptions,
  format: OutputFormat,
): Promise<number> {
  try {
    return await new MeterRun(inputs, options, format).run();
  } catch (error) {
    say(errorMessage(error));
    return unreadable;
  }
}
