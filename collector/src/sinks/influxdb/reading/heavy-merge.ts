import type { HeavyItem } from '../../../model/metric-sample.js';

/** Values that a merge tells apart; beyond it the lighter half is given up, with a bound on what they had. */
const capacity = 100_000;

interface Sums {
  bytes: number;
  packets: number;
  error: number;
  /** othersAtMost of the lists that the value is in */
  ownOthers: number;
}

/**
 * Merges heaviest lists: a value that a list does not name can have had that list's othersAtMost, so that its upper
 * bound and its error grow by it (the merge of Space-Saving summaries).
 */
export class HeavyMerge {
  private readonly values = new Map<string, Sums & { value: string; peer: string }>();
  private others = 0;
  /** a value that is not in the map may have had this much in lists that named it */
  private givenUp = 0;

  addList(othersAtMost: number): void {
    this.others += othersAtMost;
  }

  addItem({ value, peer, bytes, packets, error }: HeavyItem, othersAtMost: number): void {
    const key = `${value}\n${peer}`;
    let sums = this.values.get(key);
    if (sums === undefined) {
      sums = { value, peer, bytes: this.givenUp, packets: 0, error: this.givenUp, ownOthers: 0 };
      this.values.set(key, sums);
    }
    sums.bytes += bytes;
    sums.packets += packets;
    sums.error += error;
    sums.ownOthers += othersAtMost;
    if (this.values.size > capacity) this.giveUpHalf();
  }

  private giveUpHalf(): void {
    const sorted = [...this.values.entries()].sort(([, one], [, other]) => other.bytes - one.bytes);
    for (const [key, { bytes }] of sorted.slice(capacity / 2)) {
      this.givenUp = Math.max(this.givenUp, bytes);
      this.values.delete(key);
    }
  }

  /** Those with the most bytes that are certain first. */
  result(limit: number): { items: HeavyItem[]; othersAtMost: number } {
    const items = [...this.values.values()].map(({ value, peer, bytes, packets, error, ownOthers }) => {
      const unseen = this.others - ownOthers;
      return { value, peer, bytes: bytes + unseen, packets, error: error + unseen };
    });
    items.sort(
      (one, other) =>
        other.bytes - other.error - (one.bytes - one.error) ||
        other.bytes - one.bytes ||
        (one.value < other.value ? -1 : 1),
    );
    const cut = items.slice(limit).reduce((most, { bytes }) => Math.max(most, bytes), 0);
    return { items: items.slice(0, limit), othersAtMost: Math.max(this.others + this.givenUp, cut) };
  }
}
