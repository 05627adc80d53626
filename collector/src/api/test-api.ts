import type { PacketDetail, PacketListOptions, PacketPage } from '@wireglass/native';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CaptureControl, type CaptureControlDependencies } from '../capture/capture-control.js';
import { loadConfig } from '../config/load.js';
import { FakeEngine } from '../capture/fake-engine.js';
import { silentLog } from '../model/log.js';
import type { AuditEvent, AuditPage } from '../security/audit-log.js';
import type { Role } from '../security/principal.js';
import type { FlowPage, FlowQuery } from '../stores/flows/flow-store.js';
import { Metrics } from '../telemetry/metrics.js';
import { testMetricsDependencies } from '../telemetry/test-metrics.js';
import type { Api, ApiConfig, ApiDependencies, PacketReader } from './dependencies.js';
import { buildApi } from './server.js';

const { meter, decode } = loadConfig({ environment: {} }).config;

export const captureConfig = {
  meter,
  record: true,
  recording: {
    directory: '/data/packets',
    sensor: 1,
    max_segment_bytes: 1 << 26,
    max_segment_age_s: 60,
    max_total_bytes: 1 << 30,
  },
  decode,
};

export const liveDefaults = {
  backend: 'auto' as const,
  buffer_size_mb: 64,
  snaplen: 262_144,
  promiscuous: true,
  capture_filter: '',
  workers: 1,
};

export const queryLimits = {
  maxRows: 10_000,
  maxSeries: 100,
  maxPoints: 11_000,
  timeoutMs: 10_000,
  samplesAfterMs: 2_000,
};

/** Packets of a store that answers from memory. */
export class FakePackets implements PacketReader {
  rows: PacketDetail[] = [];
  failure: Error | null = null;
  readonly listed: unknown[] = [];
  readonly downloaded: unknown[] = [];

  async page({ limit, ...options }: PacketListOptions): Promise<PacketPage> {
    this.listed.push({ limit, ...options });
    const packets = this.rows.slice(0, limit);
    return { packets, nextBefore: packets.length < limit ? null : (packets.at(-1)?.id ?? null) };
  }

  async detail(id: string): Promise<PacketDetail> {
    if (this.failure !== null) throw this.failure;
    const row = this.rows.find((each) => each.id === id);
    if (row === undefined) throw nativeError('packet_not_found', `no packet has the id "${id}"`);
    return row;
  }

  async pcap(selection: string[] | { limit: number }): Promise<{ pcap: Buffer; packets: number }> {
    if (this.failure !== null) throw this.failure;
    this.downloaded.push(selection);
    const packets = Array.isArray(selection) ? selection.length : Math.min(selection.limit, this.rows.length);
    return { pcap: Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex'), packets };
  }

  export(): never {
    throw new Error('tests of exports use a real store');
  }

  measure(): never {
    throw new Error('tests of exports use a real store');
  }

  async totals() {
    return { segments: 1, packets: this.rows.length, file_bytes: 9, first_ns: null, last_ns: null };
  }
}

export function nativeError(code: string, message: string): Error {
  return Object.assign(new Error(message), { name: 'NativeError', code });
}

export function packet(id: string, change: Partial<PacketDetail> = {}): PacketDetail {
  return {
    id,
    time_ns: '1795000000000000000',
    captured_length: 60,
    original_length: 60,
    interface: 'eth0',
    link_type: 'Ethernet',
    protocol: 'tcp',
    src_addr: '10.0.0.1',
    dst_addr: '10.0.0.2',
    src_port: 1_000,
    dst_port: 443,
    vlan_id: null,
    overlay: null,
    tenant_id: null,
    outer_src_addr: null,
    outer_dst_addr: null,
    decode_status: 'ok',
    headers: [{ protocol: 'ethernet', offset: 0, length: 14, fields: [] }],
    hex: '00',
    sha256: '0'.repeat(64),
    ...change,
  };
}

/** The API over fakes of engine and stores; each role's token is "<role>-token". */
export async function testApi(config: Partial<ApiConfig> = {}, change: Partial<ApiDependencies> = {}) {
  const engine = new FakeEngine();
  const packets = new FakePackets();
  const events: AuditEvent[] = [];
  const queries: FlowQuery[] = [];
  const page: FlowPage = { flows: [], nextCursor: null };
  const append: CaptureControlDependencies['audit']['append'] = async (event) => void events.push(event);
  const audit = {
    append,
    appendRefusal: append,
    read: async (): Promise<AuditPage> => ({ entries: [], nextBefore: null }),
  };
  const capture = new CaptureControl(captureConfig, {
    engine,
    audit,
    log: silentLog,
    flushFlows: async () => undefined,
  });
  const metrics = new Metrics({
    ...testMetricsDependencies,
    capture: () => capture.metrics(),
    life: { captures: () => 0, counters: () => engine.counters(), samples: () => [] },
    flowStore: () => Promise.reject(new Error('none here')),
    packetStore: () => packets.totals(),
    audit: () => ({ entries: events.length, failures: 0, refusals: 0, chainIntact: true }),
  });
  const app: Api = await buildApi(
    { host: '127.0.0.1', port: 0, version: '0.0.0', live: liveDefaults, query: queryLimits, ...config },
    {
      capture,
      flowStore: {
        query: async (query) => {
          queries.push(query);
          return page;
        },
        aggregate: () => Promise.reject(new Error('none here')),
        values: () => Promise.reject(new Error('none here')),
      },
      metricStore: null,
      history: null,
      packets,
      backends: async () => [
        { name: 'libpcap', available: true, reason: '', remedy: '', features: ['filter'] },
      ],
      tokens: {
        authenticate: async (token) => {
          const role = /^(viewer|operator|admin)-token$/.exec(token)?.[1] as Role | undefined;
          return role === undefined ? null : { name: `${role}:1`, role };
        },
      },
      audit,
      metrics,
      readiness: async () => ({ ready: true, checks: {} }),
      log: silentLog,
      ...change,
    },
  );
  return { app, engine, packets, events, queries, page, capture, ask: (ask: Ask) => askApi(app, ask) };
}

export interface Ask {
  method?: string;
  url: string;
  headers: Record<string, string>;
  payload?: object | string;
}

export interface Answer {
  statusCode: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  body: string;
  json<Value>(): Value;
}

/** Asks over a real connection on loopback; header values go out as they are given. */
export async function askApi(app: Api, { method = 'GET', url, headers, payload }: Ask): Promise<Answer> {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const isObject = typeof payload === 'object';
  const body = isObject ? JSON.stringify(payload) : payload;
  const type = isObject ? { 'content-type': 'application/json' } : {};
  return new Promise((resolve, reject) => {
    const options = {
      method,
      path: url,
      port,
      host: '127.0.0.1',
      agent: false,
      headers: { ...type, ...headers },
    };
    const sent = httpRequest(options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(parts);
        const text = bytes.toString('utf8');
        resolve({
          statusCode: response.statusCode ?? 0,
          headers: response.headers,
          bytes,
          body: text,
          json: <Value>() => JSON.parse(text) as Value,
        });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

export const as = (role: Role) => ({ authorization: `Bearer ${role}-token`, host: 'localhost:8000' });
