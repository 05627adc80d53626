import type { SenderState } from './sending/sender.js';

export interface InfluxDbStats {
  state: SenderState;
  /** what is wrong and what to do about it; null: nothing */
  detail: string | null;
  /** points made of the intervals that were offered */
  pointsOffered: number;
  pointsStored: number;
  /** by reason */
  pointsDropped: Readonly<Record<string, number>>;
  pointsWaiting: number;
  spooledPoints: number;
  spooledBytes: number;
  /** age of the oldest point that is not stored */
  lagSeconds: number;
  requests: Readonly<Record<string, number>>;
  /** hours whose sums per minute and hour are still to be made anew (1.x) */
  rollUpHoursWaiting: number;
  lastRefusal: string | null;
}
