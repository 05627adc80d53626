import type { PacketExport, PacketExportCounts, PacketMeasure } from '@wireglass/native';
import { errorMessage } from '../../model/errors.js';
import { humanBytes } from '../output/human.js';
import { showProgress } from '../output/progress.js';
import { ReaderGone, TextOutput } from '../output/text-output.js';

const done = 0;
const failed = 1;
const calledWrongly = 2;
const interrupted = 130;

const say = (text: string): boolean => process.stderr.write(`wireglass extract: ${text}\n`);

export interface ExtractPlan {
  /** opens what is read */
  reading: () => PacketExport | PacketMeasure;
  /** absent: standard output */
  output?: string;
  /** only the number of packets is printed */
  countOnly: boolean;
  progress: boolean;
  quiet: boolean;
  failures: readonly string[];
}

/** One reading from its first part to its last. */
class ExtractRun {
  private counts: PacketExportCounts | null = null;
  private written = 0;
  private wasInterrupted = false;

  constructor(private readonly plan: ExtractPlan) {}

  async run(): Promise<number> {
    const { plan } = this;
    let output: TextOutput;
    try {
      output = TextOutput.open(plan.output);
    } catch (error) {
      say(`cannot write ${plan.output}: ${errorMessage(error)}`);
      return calledWrongly;
    }
    try {
      await this.read(output);
      if (this.wasInterrupted) {
        output.discard();
        return interrupted;
      }
      if (plan.countOnly) output.write(`${this.counts?.packets ?? 0}\n`);
      output.close();
    } catch (error) {
      output.discard();
      if (error instanceof ReaderGone) return done;
      throw error;
    }
    return this.report();
  }

  private async read(output: TextOutput): Promise<void> {
    const reading = this.plan.reading();
    const onInterrupt = (): void => void (this.wasInterrupted = true);
    process.once('SIGINT', onInterrupt);
    const stop = this.plan.progress && !this.plan.quiet ? showProgress(() => this.progress()) : undefined;
    try {
      while (!this.wasInterrupted && this.counts?.done !== true) {
        const step = await reading.next();
        this.counts = step;
        if (!('data' in step) || this.plan.countOnly) continue;
        output.writeBytes(step.data);
        this.written += step.data.length;
      }
    } finally {
      stop?.();
      process.off('SIGINT', onInterrupt);
      reading.close();
    }
  }

  private progress() {
    const { scanned_packets = 0, scanned_bytes = 0, progress = null } = this.counts ?? {};
    return { packets: scanned_packets, bytes: scanned_bytes, progress };
  }

  /** What came of it, on standard error. */
  private report(): number {
    const { plan, counts } = this;
    const failures = [...plan.failures, ...(counts?.failures ?? []).map(({ message }) => message)];
    for (const message of failures) say(message);
    const untold = (counts?.failure_count ?? 0) - (counts?.failures.length ?? 0);
    if (untold > 0) say(`and ${untold} more of that kind`);
    const evicted = counts?.evicted_segments ?? 0;
    if (evicted > 0) say(`${evicted} segments were evicted before they could be read`);
    if (!plan.quiet && !plan.countOnly && counts !== null) {
      const where = plan.output === undefined ? '' : ` written to ${plan.output}`;
      say(`${counts.packets} of ${counts.scanned_packets} packets (${humanBytes(this.written)})${where}`);
    }
    return failures.length > 0 ? failed : done;
  }
}

/** Returns the exit status. */
export async function extract(plan: ExtractPlan): Promise<number> {
  try {
    return await new ExtractRun(plan).run();
  } catch (error) {
    for (const message of plan.failures) say(message);
    say(errorMessage(error));
    return failed;
  }
}
