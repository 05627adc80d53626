import type { IntervalReport } from '@wireglass/native';

/** Keeps the latest interval that a capture reported; what comes late for an earlier one is passed over. */
export class LatestInterval {
  private latest: IntervalReport | null = null;

  take(report: IntervalReport): void {
    if (!report.correction) this.latest = report;
  }

  /** For a new capture. */
  clear(): void {
    this.latest = null;
  }

  get(): IntervalReport | null {
    return this.latest;
  }
}
