import type { EngineCounters, EngineFailure } from '@wireglass/native';
import type { Ledger } from '../../model/ledger.js';

export const eventKinds = [
  'capture_started',
  'capture_ended',
  'capture_failed',
  /** a store does not take what it is given */
  'store_failed',
  'store_recovered',
  /** as store_failed, the disk being full */
  'disk_full',
  'packets_lost',
  'sink_down',
  'sink_up',
  'segments_evicted',
] as const;
export type EventKind = (typeof eventKinds)[number];

export const severities = ['info', 'warning', 'error'] as const;
export type Severity = (typeof severities)[number];

/** Something that happened and that people or alerts want to see beside the traffic. */
export interface HistoryEvent {
  /** of the service's making, unique */
  id: string;
  timeNs: bigint;
  /** null: it goes on; a moment ends when it begins */
  endNs: bigint | null;
  kind: EventKind;
  severity: Severity;
  title: string;
  text: string;
  tags: Readonly<Record<string, string>>;
}

export type NewEvent = Omit<HistoryEvent, 'id'>;
/** What may become of an event later. */
export type EventChange = Partial<Pick<HistoryEvent, 'endNs' | 'text' | 'tags'>>;

export interface CaptureStart {
  /** number of the capture on this host, one more each time */
  run: number;
  startNs: bigint;
  startedBy: string;
  /** in words: "interface eth0" */
  source: string;
  backend: string | null;
  interfaces: readonly string[];
  /** as GET /capture/status shows them */
  settings: Readonly<Record<string, unknown>>;
}

export interface CaptureEnding {
  endNs: bigint;
  /** null: it ended by itself */
  endedBy: string | null;
  state: 'finished' | 'failed';
  interfaces: readonly string[];
  counters: EngineCounters;
  ledger: Ledger;
  failures: readonly EngineFailure[];
}

/** A capture as the history tells it. */
export interface CaptureEntry extends CaptureStart {
  /** interrupted: the service ended without ending it (a crash, a power cut) */
  state: 'running' | 'finished' | 'failed' | 'interrupted';
  /** null while it runs; of an interrupted one, when it was last known to run */
  endNs: bigint | null;
  endedBy: string | null;
  /** null until it has ended */
  counters: EngineCounters | null;
  ledger: Ledger | null;
  failures: readonly EngineFailure[];
}

export interface HistoryRange {
  /** what touches [fromNs, toNs): begins before its end and has not ended before its begin */
  fromNs: bigint;
  toNs: bigint;
  /** 1 to 10 000, the latest first */
  limit: number;
}

export interface EventQuery extends HistoryRange {
  /** absent: all */
  kinds?: readonly EventKind[];
  /** this one and worse; absent: all */
  severity?: Severity;
  /** values that tags must have */
  tags?: Readonly<Record<string, string>>;
}

export interface HistoryAnswer<Entry> {
  /** the latest first */
  entries: Entry[];
  /** there are more in the range than the limit lets through */
  more: boolean;
}

export interface HistoryStats {
  captures: number;
  events: number;
  /** entries that wait to be stored */
  waiting: number;
  /** entries that the queue had no room for */
  lost: number;
  lastError: string | null;
}

/** Remembers captures and events, bounded by number and age. What is told of is kept in order and never waited for. */
export interface HistoryStore {
  captureStarted(capture: CaptureStart): void;
  /** It still runs: where the service ends without ending it, that is taken for its end. */
  captureAlive(run: number, timeNs: bigint): void;
  captureEnded(run: number, ending: CaptureEnding): void;
  /** Returns the event's id. */
  addEvent(event: NewEvent): string;
  /** Of an event that is stored or waits; an unknown one is passed over. */
  changeEvent(id: string, change: EventChange): void;
  captures(query: HistoryRange, signal?: AbortSignal): Promise<HistoryAnswer<CaptureEntry>>;
  events(query: EventQuery, signal?: AbortSignal): Promise<HistoryAnswer<HistoryEvent>>;
  stats(): Promise<HistoryStats>;
  /** the highest number of a capture that is remembered, 0 when there is none */
  lastRun(): Promise<number>;
  /** Returns when all that was told of is stored. Error: `store_failed`. */
  flush(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}
