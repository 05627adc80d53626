/** How long to wait before the next attempt: doubling from `initialMs` to `maxMs`, a random part of it between half and all. */
export class Backoff {
  private failures = 0;

  constructor(
    private readonly initialMs: number,
    private readonly maxMs: number,
    private readonly random: () => number = Math.random,
  ) {}

  succeeded(): void {
    this.failures = 0;
  }

  /** `askedForMs`: what the server asked for, which is never undercut. */
  nextMs(askedForMs: number | null): number {
    const full = Math.min(this.maxMs, this.initialMs * 2 ** Math.min(this.failures, 30));
    this.failures += 1;
    return Math.max(askedForMs ?? 0, full / 2 + (full / 2) * this.random());
  }
}
