import type { ErrorCode } from '../../../model/errors.js';
import type { FlowPage, FlowQuery, FlowStoreStats } from '../flow-store.js';

/** What the worker is started with. */
export interface WorkerSettings {
  path: string;
  memoryLimitMb: number;
  threads: number;
  checkpointBytes: number;
  commitIntervalMs: number;
  maxWaitingRows: number;
  retentionS: number;
}

/** Requests to the worker and what each answers. */
export interface Calls {
  query: { argument: FlowQuery; result: FlowPage };
  flush: { argument: null; result: null };
  stats: { argument: null; result: FlowStoreStats };
  stop: { argument: null; result: null };
}

export type CallName = keyof Calls;

export type Request = {
  [Name in CallName]: { id: number; call: Name; argument: Calls[Name]['argument'] };
}[CallName];

/** An error between threads: classes do not survive the way, codes and details do. */
export interface ErrorMessage {
  code: ErrorCode | null;
  message: string;
  details: Record<string, unknown>;
}

export type Response =
  | { kind: 'ready' }
  | { kind: 'failed'; error: ErrorMessage }
  | { kind: 'result'; id: number; result: unknown }
  | { kind: 'error'; id: number; error: ErrorMessage }
  | { kind: 'log'; level: 'info' | 'warn' | 'error'; message: string };
