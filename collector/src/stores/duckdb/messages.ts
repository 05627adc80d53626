import type { ErrorCode } from '../../model/errors.js';
import type { DatabaseSettings } from './database.js';
import type { FlowSettings } from './flows/calls.js';
import type { HistorySettings } from './history/calls.js';
import type { MetricSettings } from './metrics/calls.js';

/** What the worker is started with: the file's settings and those of each part. */
export interface WorkerSettings {
  database: DatabaseSettings;
  flows: FlowSettings;
  metrics: MetricSettings;
  history: HistorySettings;
}

/** Requests of one part and what each answers; every name begins with the part's: `flows.query`. */
export type CallsOf<Part extends string> = Record<
  `${Part}.${string}`,
  { argument: unknown; result: unknown }
>;

/** The worker's side of the calls of one part. The signal is aborted when nobody waits for the answer any more. */
export type Handlers<Calls> = {
  [Name in keyof Calls]: Calls[Name] extends { argument: infer Argument; result: infer Result }
    ? (argument: Argument, signal: AbortSignal) => Promise<Result>
    : never;
};

/** Runs a call in the worker. */
export type CallWorker<Calls> = <Name extends keyof Calls & string>(
  call: Name,
  argument: Calls[Name] extends { argument: infer Argument } ? Argument : never,
  signal?: AbortSignal,
) => Promise<Calls[Name] extends { result: infer Result } ? Result : never>;

export type Request =
  | { kind: 'call'; id: number; call: string; argument: unknown }
  | { kind: 'abort'; id: number }
  | { kind: 'stop'; id: number };

/** An error between threads: classes do not survive the way, codes and details do. */
export interface ErrorMessage {
  code: ErrorCode | null;
  message: string;
  details: Record<string, unknown>;
}

export type LogLevel = 'info' | 'warn' | 'error';
export type StoreLog = (level: LogLevel, message: string) => void;

export type Response =
  | { kind: 'ready' }
  | { kind: 'failed'; error: ErrorMessage }
  | { kind: 'result'; id: number; result: unknown }
  | { kind: 'error'; id: number; error: ErrorMessage }
  | { kind: 'log'; level: LogLevel; message: string };
