import type { Static } from '@sinclair/typebox';
import { liveSource, type CaptureRequest, type LiveDefaults } from '../../capture/capture-settings.js';
import { refusedPackets } from '../../model/ledger.js';
import type { CaptureMetrics } from '../../capture/capture-control.js';
import type { Api, ApiDependencies } from '../dependencies.js';
import {
  BackendsAnswer,
  MeterAnswer,
  MeterBody,
  MetricsSchema,
  StartBody,
  StatusSchema,
  StopAnswer,
} from '../schemas/capture.js';
import { answers } from '../schemas/common.js';

const tags = ['capture'];

/** The capture endpoints that are about the capture itself. */
export function captureRoutes(app: Api, live: LiveDefaults, { capture, backends }: ApiDependencies): void {
  app.get(
    '/backends',
    {
      config: { role: 'viewer' },
      schema: {
        tags,
        summary: 'Each capture backend, tried on this host',
        response: answers(BackendsAnswer),
      },
    },
    async () => ({ backends: await backends() }),
  );

  app.post(
    '/start',
    {
      config: { role: 'operator' },
      schema: { tags, summary: 'Start a capture', body: StartBody, response: answers(StatusSchema) },
    },
    async (request) => capture.begin(captureRequest(request.body, live), request.principal, request.ip),
  );

  app.post(
    '/stop',
    {
      config: { role: 'operator' },
      schema: {
        tags,
        summary: 'Stop the capture; what was received before is metered and on disk when this answers',
        response: answers(StopAnswer),
      },
    },
    async (request) => {
      const end = await capture.end(request.principal, request.ip);
      return { ...end, ledger: capture.metrics().ledger };
    },
  );
  readingRoutes(app, capture);
  meterRoute(app, capture);
}

function readingRoutes(app: Api, capture: ApiDependencies['capture']): void {
  app.get(
    '/status',
    {
      config: { role: 'viewer' },
      schema: {
        tags,
        summary: 'State, since when, by whom, settings in force',
        response: answers(StatusSchema),
      },
    },
    async () => capture.status(),
  );

  app.get(
    '/metrics',
    {
      config: { role: 'viewer' },
      schema: {
        tags,
        summary: 'Counters, rates, loss by cause and the ledger',
        response: answers(MetricsSchema),
      },
    },
    async () => withLoss(capture.metrics()),
  );
}

function meterRoute(app: Api, capture: ApiDependencies['capture']): void {
  app.post(
    '/flow/meter/enable',
    {
      config: { role: 'admin' },
      schema: {
        tags,
        summary: 'Settings of the flow cache for the next start',
        body: MeterBody,
        response: answers(MeterAnswer),
      },
    },
    async (request) => {
      const status = await capture.setMeter(request.body, request.principal, request.ip);
      const running = status.state === 'running' || status.state === 'draining';
      return {
        applies: 'next_start' as const,
        note: running
          ? 'The running capture keeps its settings; the next start uses these, until the service ends.'
          : 'The next start uses these, until the service ends; the configuration keeps them for good.',
        next_meter: status.next_meter,
        meter_in_force: running ? (status.settings?.meter ?? null) : null,
      };
    },
  );
}

function captureRequest(body: Static<typeof StartBody>, live: LiveDefaults): CaptureRequest {
  return {
    source: liveSource(body.interface, body, live),
    workers: body.workers ?? live.workers,
    record: body.record,
    duration_s: body.duration_s,
  };
}

function withLoss(metrics: CaptureMetrics) {
  const { counters } = metrics;
  return {
    ...metrics,
    loss: {
      kernel_packets: counters.dropped_kernel_packets,
      interface_packets: counters.dropped_interface_packets,
      refused_packets: refusedPackets(counters),
      disk_packets: counters.packets_lost_to_disk,
      records: counters.records_dropped,
    },
  };
}
