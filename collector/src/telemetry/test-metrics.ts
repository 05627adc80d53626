import { RateMeter } from '../capture/rates.js';
import { ledger } from '../model/ledger.js';
import { noCounters } from '../model/no-counters.js';
import type { MetricsDependencies } from './metrics.js';

const counters = {
  ...noCounters,
  offered_packets: 30,
  captured_packets: 20,
  metered_packets: 18,
  refused_packets: { not_ip: 2, 'link type "x\\"': 1 },
  unfollowed_packets: { encrypted: 4 },
  records_by_reason: { idle_timeout: 3 },
  application_gave_up: { too_long: 1 },
  dropped_kernel_packets: 9,
};

/** Every part with something to tell. */
export const testMetricsDependencies: MetricsDependencies = {
  version: '1.2.3',
  capture: () => ({
    state: 'running',
    counters,
    rates: new RateMeter().current(),
    ledger: ledger(counters, false),
    interval: null,
  }),
  life: {
    captures: () => 2,
    counters: () => counters,
    samples: () => [
      {
        measurement: 'interface',
        tags: { interface: 'eth"0\n' },
        counts: {
          captured_packets: 20,
          captured_bytes: 2_000,
          metered_packets: 18,
          metered_ip_bytes: 1_700,
          flows_started: 2,
          flows_ended: 1,
        },
      },
      {
        measurement: 'protocol',
        tags: { interface: 'eth0', value: 'tcp' },
        counts: { packets: 18, bytes: 1_700 },
      },
      { measurement: 'refused', tags: { interface: 'eth0', reason: 'not_ip' }, counts: { packets: 2 } },
      { measurement: 'loss', tags: { interface: 'eth0', cause: 'kernel' }, counts: { packets: 9 } },
      { measurement: 'dscp', tags: { interface: 'eth0', value: '0' }, counts: { packets: 18 } },
    ],
  },
  feed: () => ({ samples: 9, samplesUnderOther: 1, packetsMadeGood: 0, series: 8, seriesLimit: 10_000 }),
  flowStore: async () => ({
    rowsStored: 5,
    hotRows: 2,
    sealedFiles: 1,
    sealedRows: 3,
    sealedBytes: 1_024,
    sealingLagS: 0.5,
    rowsRemoved: 4,
    batchesWaiting: 1,
    rowsLost: 0,
    fileBytes: 4_096,
    queries: { running: 1, waiting: 2, refused: 3, timedOut: 4, cancelled: 5 },
    lastError: null,
  }),
  metricStore: async () => ({ samplesStored: 7, samplesWaiting: 1, samplesLost: 0, lastError: 'disk' }),
  history: async () => ({ captures: 3, events: 9, waiting: 0, lost: 1, lastError: null }),
  packetStore: async () => ({ segments: 2, packets: 20, file_bytes: 9_000, first_ns: null, last_ns: null }),
  influxdb: () => ({
    state: 'unreachable',
    detail: 'refused',
    pointsOffered: 10,
    pointsStored: 6,
    pointsDropped: { spool_full: 3 },
    pointsWaiting: 1,
    spooledPoints: 1,
    spooledBytes: 100,
    lagSeconds: 1.5,
    requests: { stored: 2 },
    rollUpHoursWaiting: 0,
    lastRefusal: null,
  }),
  tracing: () => ({ ended: 9, exported: 7, lost: 1, waiting: 1, lastError: null }),
  audit: () => ({ entries: 3, failures: 0, refusals: 1, chainIntact: true }),
};
