import type { EngineCounters, IntervalReport } from '@wireglass/native';
import type { CaptureEnd, CaptureStatus } from './capture-control.js';

/** Hears of captures, one after the other: begin, started, any number of intervals and readings, ended. It never throws. */
export interface CaptureObserver {
  /** The engine is about to be started. Reports may come before `started`; when the start fails, nothing follows. */
  begin(): Promise<void>;
  /** `source` in words */
  started(source: string, status: CaptureStatus): void;
  /** A promise: a source that can wait gives few more reports until it is settled. */
  interval(
    report: IntervalReport,
    counters: EngineCounters,
    interfaces: readonly string[],
  ): Promise<void> | null;
  /** Every second while a capture runs. */
  reading(counters: EngineCounters): void;
  /** Its last report has come and its counters are final. Returns when what there is to store is stored. */
  ended(end: CaptureEnd): Promise<void>;
}
