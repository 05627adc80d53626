import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { TracingStats } from './tracing.js';

/** Spans that wait to be exported; further ones are lost and counted. */
export const maxWaitingSpans = 2_048;
const spansPerExport = 512;
const exportIntervalMs = 1_000;
/** ExportResultCode.SUCCESS of a package that is not ours to depend on */
const exportSuccess: number = 0;

/** Exports ended spans in batches, one at a time, and counts what becomes of each. */
export class BoundedSpanProcessor implements SpanProcessor {
  private readonly waiting: ReadableSpan[] = [];
  private exporting: Promise<void> | null = null;
  private readonly timer: NodeJS.Timeout;
  private ended = 0;
  private exported = 0;
  private lost = 0;
  private lastError: string | null = null;

  constructor(private readonly exporter: SpanExporter) {
    this.timer = setInterval(() => void this.exportAll(), exportIntervalMs);
    this.timer.unref();
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & 1) === 0) return;
    this.ended += 1;
    if (this.waiting.length >= maxWaitingSpans) this.lost += 1;
    else this.waiting.push(span);
  }

  stats(): TracingStats {
    const { ended, exported, lost, lastError } = this;
    return { ended, exported, lost, waiting: ended - exported - lost, lastError };
  }

  async forceFlush(): Promise<void> {
    await this.exporting;
    await this.exportAll();
  }

  async shutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.forceFlush();
    await this.exporter.shutdown();
  }

  /** Never rejects. */
  private exportAll(): Promise<void> {
    this.exporting ??= this.exportBatches().finally(() => (this.exporting = null));
    return this.exporting;
  }

  private async exportBatches(): Promise<void> {
    while (this.waiting.length > 0) {
      const spans = this.waiting.splice(0, spansPerExport);
      const error = await this.exportBatch(spans);
      if (error === null) this.exported += spans.length;
      else this.lost += spans.length;
      this.lastError = error;
      // the next ones wait for the next time, when the collector may be there again
      if (error !== null) return;
    }
  }

  private exportBatch(spans: ReadableSpan[]): Promise<string | null> {
    return new Promise((resolve) => {
      this.exporter.export(spans, ({ code, error }) => {
        resolve(
          Number(code) === exportSuccess ? null : (error?.message ?? 'the collector did not take them'),
        );
      });
    });
  }
}
