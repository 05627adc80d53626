/** An interval has room for this many parts: their numbers are the last three digits of a time stamp. */
const partsPerInterval = 1_000;
const remembered = 16_384;

/**
 * Numbers the parts that an interval is told in, so that each has a time stamp of its own: the first is 0, corrections
 * count from 1. What is remembered is bounded: an interval that was forgotten goes on with a number that most likely is
 * none of its own, as all forgotten ones share the numbers from 1 to 999 in turn.
 */
export class CorrectionNumbers {
  private readonly next = new Map<string, number>();
  private forgotten = 0;
  private forgotAny = false;

  /** The number of a further part; null when all are used. */
  numberOf(run: number, timeNs: bigint, correction: boolean): number | null {
    const key = `${run} ${timeNs}`;
    const known = this.next.get(key);
    if (known === undefined && correction && this.forgotAny) {
      this.forgotten = (this.forgotten % (partsPerInterval - 1)) + 1;
      return this.forgotten;
    }
    const number = known ?? (correction ? 1 : 0);
    if (number >= partsPerInterval) return null;
    this.next.set(key, number + 1);
    if (this.next.size > remembered) this.forgetOldest();
    return number;
  }

  private forgetOldest(): void {
    for (const key of this.next.keys()) {
      this.next.delete(key);
      this.forgotAny = true;
      return;
    }
  }
}
