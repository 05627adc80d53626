import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { BackendInfo, PacketStore } from '@wireglass/native';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnswerLimits, AnswerSources } from '../answers/query-type.js';
import type { CaptureControl } from '../capture/capture-control.js';
import type { LiveDefaults } from '../capture/capture-settings.js';
import type { Log } from '../model/log.js';
import type { AuditLog } from '../security/audit-log.js';
import type { Principal, Role } from '../security/principal.js';
import type { TokenStore } from '../security/tokens.js';
import type { FlowStore } from '../stores/flows/flow-store.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Tracing } from '../telemetry/tracing.js';
import type { ReadinessReport } from '../telemetry/readiness.js';

export interface ApiConfig {
  host: string;
  /** 0: any free one */
  port: number;
  version: string;
  /** limits of POST /query */
  query: AnswerLimits;
  /** what POST /capture/start uses where its body does not say */
  live: LiveDefaults;
}

/** What the API reads recorded packets through. */
export type PacketReader = Pick<PacketStore, 'page' | 'detail' | 'pcap' | 'totals' | 'export' | 'measure'>;

export interface ApiDependencies {
  capture: Pick<CaptureControl, 'begin' | 'end' | 'status' | 'metrics' | 'setMeter'>;
  flowStore: Pick<FlowStore, 'query' | 'aggregate' | 'values'>;
  /** null: none is configured */
  metricStore: AnswerSources['metrics'];
  history: AnswerSources['history'];
  packets: PacketReader;
  backends: () => Promise<BackendInfo[]>;
  tokens: Pick<TokenStore, 'authenticate'>;
  audit: Pick<AuditLog, 'append' | 'appendRefusal' | 'read'>;
  metrics: Pick<Metrics, 'registry' | 'requests'>;
  /** absent: no traces are made */
  tracing?: Tracing | null;
  readiness: () => Promise<ReadinessReport>;
  log: Log;
}

/** Fastify with the types that come from the schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal;
  }
  interface FastifyContextConfig {
    /** least role that a route asks for; each route must say */
    role?: Role | 'public';
  }
}
