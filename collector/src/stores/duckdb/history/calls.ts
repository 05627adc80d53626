import type {
  CaptureEnding,
  CaptureEntry,
  CaptureStart,
  EventChange,
  EventQuery,
  HistoryAnswer,
  HistoryEvent,
  HistoryRange,
} from '../../history/history-store.js';
import type { TurnLimits } from '../turns.js';

export interface HistorySettings {
  retentionMs: number;
  maxCaptures: number;
  maxEvents: number;
  queries: TurnLimits;
}

/** What the history is told of; applied twice it makes no difference. */
export type HistoryChange =
  | { kind: 'capture_started'; capture: CaptureStart }
  | { kind: 'capture_alive'; run: number; timeNs: bigint }
  | { kind: 'capture_ended'; run: number; ending: CaptureEnding }
  | { kind: 'event'; event: HistoryEvent }
  | { kind: 'event_changed'; id: string; change: EventChange };

export interface HistoryCalls {
  /** Applies changes in their order, in one transaction. */
  'history.apply': { argument: HistoryChange[]; result: null };
  'history.captures': { argument: HistoryRange; result: HistoryAnswer<CaptureEntry> };
  'history.events': { argument: EventQuery; result: HistoryAnswer<HistoryEvent> };
  'history.counts': { argument: null; result: { captures: number; events: number; lastRun: number } };
}
