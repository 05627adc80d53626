import type { Static, TObject, TProperties } from '@sinclair/typebox';
import type { PacketStore } from '@wireglass/native';
import type { FlowStore } from '../stores/flows/flow-store.js';
import type { HistoryStore } from '../stores/history/history-store.js';
import type { MetricStore } from '../stores/metrics/metric-store.js';
import type { Frame } from './frame.js';

/** What queries read. */
export interface AnswerSources {
  flows: Pick<FlowStore, 'query' | 'aggregate'>;
  /** null: none is configured */
  metrics: Pick<MetricStore, 'series'> | null;
  history: Pick<HistoryStore, 'captures' | 'events'> | null;
  packets: Pick<PacketStore, 'page'>;
}

export interface AnswerLimits {
  /** rows of a table, */
  maxRows: number;
  /** series of a query, */
  maxSeries: number;
  /** and points of each */
  maxPoints: number;
  /** time that reading packets may take; the stores keep to theirs by themselves */
  timeoutMs: number;
  /** so long after its begin an interval's samples are there: its length, what it waits for late packets, the way */
  samplesAfterMs: number;
}

export interface AnswerContext {
  /** [fromNs, toNs) */
  fromNs: bigint;
  toNs: bigint;
  nowNs: bigint;
  /** Grafana's suggestions of a resolution */
  suggestedIntervalMs: number | null;
  maxDataPoints: number | null;
  limits: AnswerLimits;
  sources: AnswerSources;
  /** whether who asks may see packets */
  mayReadPackets: boolean;
  signal: AbortSignal;
}

/** A type of query: one file beside this one, one record in registry.ts. */
export interface QueryType<Properties extends TProperties = TProperties> {
  name: string;
  summary: string;
  /** its keys beside the common ones; refuses what it does not know */
  schema: TObject<Properties>;
  /** Throws an AppError, which becomes the query's error. */
  answer: (query: Static<TObject<Properties>>, context: AnswerContext) => Promise<Frame[]>;
  /** what is wrong about the query that its schema does not say; throws like answer */
  check?: (query: Static<TObject<Properties>>) => unknown;
}

/** Keeps the types of a schema together with what reads it. */
export const queryType = <Properties extends TProperties>(type: QueryType<Properties>): QueryType =>
  type as unknown as QueryType;
