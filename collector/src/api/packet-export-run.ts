import type { PacketExport, PacketExportCounts, PacketExportStep } from '@wireglass/native';
import { AppError, errorCode } from '../model/errors.js';

/** Writes down how an export ended and how far it came. */
export type NoteEnd = (outcome: string, counts: PacketExportCounts | null) => Promise<void>;

export interface ExportRunOptions {
  /** the client's leaving */
  gone: AbortSignal;
  note: NoteEnd;
  /** cuts the connection */
  drop: () => void;
  /** a client that takes nothing for so long is dropped: others wait for its place */
  stallMs: number;
}

/** One export from its first step to the note of its end, which is written however it ends. */
export class ExportRun {
  counts: PacketExportCounts | null = null;
  private first: PacketExportStep | null = null;
  private ended = false;

  constructor(
    private readonly reading: PacketExport,
    private readonly options: ExportRunOptions,
  ) {
    options.gone.addEventListener('abort', this.leave, { once: true });
  }

  private readonly leave = (): void => void this.end('cancelled').catch(() => undefined);

  /** Until there are bytes to send, or none will come: whatever refuses the export does it here. */
  async begin(): Promise<void> {
    try {
      do this.first = await this.step();
      while (!this.first.done && (!this.first.begun || this.first.data.length === 0));
    } catch (error) {
      await this.end(errorCode(error));
      throw error;
    }
  }

  /** The parts, asked for one by one as the client takes them. */
  async *parts(): AsyncGenerator<Buffer> {
    let stall: NodeJS.Timeout | undefined;
    try {
      for (let step = this.first; step !== null; step = step.done ? null : await this.step()) {
        // without the note the file is not completed
        if (step.done) await this.end('done');
        if (step.data.length === 0) continue;
        stall = setTimeout(this.stalled, this.options.stallMs);
        yield step.data;
        clearTimeout(stall);
      }
    } catch (error) {
      await this.end(errorCode(error));
      throw error;
    } finally {
      clearTimeout(stall);
      // where it comes here without an end, the stream was destroyed
      await this.end('cancelled');
    }
  }

  private readonly stalled = (): void => {
    void this.end('stalled').catch(() => undefined);
    this.options.drop();
  };

  private async step(): Promise<PacketExportStep> {
    if (this.options.gone.aborted) throw new AppError('client_gone', {});
    const step = await this.reading.next();
    this.counts = step;
    return step;
  }

  private async end(outcome: string): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    this.options.gone.removeEventListener('abort', this.leave);
    // a step that runs ends soon
    this.reading.close();
    await this.options.note(outcome, this.counts);
  }
}
