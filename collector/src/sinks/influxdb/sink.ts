import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/schema.js';
import type { Log } from '../../model/log.js';
import type { MetricInterval, MetricSink } from '../../model/metric-sample.js';
import { Administrator } from './admin/administrator.js';
import { RollUpBackfill } from './admin/roll-up-backfill.js';
import { adviceOn } from './advice.js';
import { accessOf, writeEndpoint } from './http/endpoints.js';
import { HttpClient } from './http/http-client.js';
import type { SpanSettings } from './reading/spans.js';
import { IntervalPoints } from './points/interval-lines.js';
import { BatchQueue } from './queue.js';
import { BatchWriter } from './sending/batch-writer.js';
import { Sender, type SenderState } from './sending/sender.js';
import type { InfluxDbStats } from './sink-stats.js';
import { Spool } from './spool/spool.js';

const roomWaitMs = 2_000;
const stopGraceMs = 5_000;

/**
 * Sends metric samples to InfluxDB. Whatever is offered goes to a spool on disk first and from there to the server, in
 * order, so that neither an outage nor a crash loses more than one flush interval; what limits force out is counted.
 */
export class InfluxDbSink implements MetricSink {
  private readonly points: IntervalPoints;
  private readonly http: HttpClient;
  private readonly writer: BatchWriter;
  private readonly administrator: Administrator | null;
  private readonly backfill: RollUpBackfill | null;
  private spool: Spool | null = null;
  private queue: BatchQueue | null = null;
  private sender: Sender | null = null;
  private pointsOffered = 0;
  private notEncodable = 0;
  private downSinceMs: number | null = null;

  /** Reads the secrets. Error: `bad_config`. */
  constructor(
    private readonly settings: Config['influxdb'],
    private readonly directory: string,
    private readonly log: Log,
    /** series that there can be */
    seriesBound: number,
  ) {
    const { measurement_prefix, sensor, batch_points, gzip, version, administer } = settings;
    const access = accessOf(settings);
    this.points = new IntervalPoints({ prefix: measurement_prefix, sensor: sensor || hostname() });
    this.http = new HttpClient({
      url: settings.url,
      timeoutMs: settings.request_timeout_ms,
      caFile: settings.ca_file,
      authorization: access.authorization,
    });
    const endpoint = writeEndpoint(settings);
    this.writer = new BatchWriter({ endpoint, gzip, batchPoints: batch_points }, this.http);
    const say = (level: 'info' | 'warn', message: string): void => log[level](`InfluxDB: ${message}`);
    const administers = version === 1 && administer;
    this.backfill = administers
      ? new RollUpBackfill(settings, { http: this.http, path: `${directory}-rollups.json`, say })
      : null;
    const rollUpsChanged = (): void => this.backfill?.all();
    this.administrator = administers
      ? new Administrator(settings, { access, seriesBound, rollUpsChanged, say })
      : null;
  }

  /** Opens the spool and begins to send. Rejects when the spool's directory cannot be used. */
  async start(): Promise<void> {
    const { settings, directory } = this;
    const warn = (message: string): void => this.log.warn(`InfluxDB: ${message}`);
    await mkdir(join(directory, '..'), { recursive: true, mode: 0o700 });
    await this.backfill?.start();
    const spool = await Spool.open(directory, settings.spool_bytes, warn);
    const queue = new BatchQueue(
      {
        batchPoints: settings.batch_points,
        flushIntervalMs: settings.flush_interval_ms,
        maxWaitingPoints: settings.max_waiting_points,
      },
      spool,
      warn,
    );
    const sender = new Sender(
      { retryInitialMs: settings.retry_initial_ms, retryMaxMs: settings.retry_max_ms },
      {
        queue,
        writer: this.writer,
        prepare: async (signal) => this.administrator?.ensure(signal),
        idle: async (signal) => (await this.backfill?.step(signal)) ?? null,
        stored: (firstNs, lastNs) =>
          this.backfill?.stored(Number(firstNs / 1_000_000n), Number(lastNs / 1_000_000n)),
        missing: () => this.administrator?.invalidate(),
        changed: (state, detail) => this.stateChanged(state, detail),
        refused: (count, refusal, detail) =>
          warn(`the server did not take ${count} points (${refusal}): ${detail}`),
      },
    );
    this.spool = spool;
    this.queue = queue;
    this.sender = sender;
    sender.start();
  }

  /** Has everything on disk, sends on for a moment while that goes well, and ends. */
  async stop(): Promise<void> {
    await this.flush();
    await this.sender?.stop(stopGraceMs);
    const lost = this.queue?.close() ?? 0;
    if (lost > 0) this.log.error(`InfluxDB: ${lost} points are lost: the disk did not take them`);
    await this.spool?.close();
    this.http.close();
  }

  offer(interval: MetricInterval): void {
    const { lines, firstNs, lastNs, refused, refusal } = this.points.linesOf(interval);
    this.pointsOffered += lines.length + refused;
    if (refused > 0 && this.notEncodable === 0)
      this.log.warn(`InfluxDB: points that line protocol cannot say are left out: ${refusal}`);
    this.notEncodable += refused;
    if (lines.length > 0) this.queue?.add(lines, firstNs, lastNs);
  }

  async flush(): Promise<void> {
    await this.queue?.flush();
  }

  /** Files are read more slowly while memory or the spool fills, so that less is forced out. */
  room(): Promise<void> | null {
    const { settings, queue, spool } = this;
    if (queue === null || spool === null) return null;
    const isFull =
      queue.stats().pointsWaiting > settings.max_waiting_points / 2 ||
      spool.bytes > settings.spool_bytes * 0.8;
    return isFull ? queue.changed(queue.version, AbortSignal.timeout(roomWaitMs)) : null;
  }

  /** Which sums the server has, for who reads them. */
  spanSettings(): SpanSettings {
    return {
      nowMs: Date.now(),
      rawRetentionMs: this.settings.raw_retention_h * 3_600_000,
      waitingHoursMs: new Set(this.backfill?.waiting()),
      hasRollUps: this.administrator?.sums === true,
    };
  }

  stats(): InfluxDbStats {
    const sender = this.sender?.stats();
    const spool = this.spool?.stats();
    const queue = this.queue?.stats();
    const dropped: Record<string, number> = {
      not_encodable: this.notEncodable,
      memory_limit: queue?.pointsRefused ?? 0,
      spool_limit: spool?.pointsForcedOut ?? 0,
      spool_damaged: spool?.pointsDamaged ?? 0,
      ...sender?.pointsRefused,
    };
    return {
      state: sender?.state ?? 'starting',
      detail: [this.trouble(), this.administrator?.remark].filter((part) => part != null).join('; ') || null,
      pointsOffered: this.pointsOffered,
      pointsStored: sender?.pointsStored ?? 0,
      pointsDropped: dropped,
      pointsWaiting: queue?.pointsWaiting ?? 0,
      spooledPoints: spool?.points ?? 0,
      spooledBytes: spool?.bytes ?? 0,
      lagSeconds: spool?.oldestMs == null ? 0 : Math.max(0, (Date.now() - spool.oldestMs) / 1_000),
      requests: this.writer.requests(),
      rollUpHoursWaiting: this.backfill?.stats().hoursWaiting ?? 0,
      lastRefusal: sender?.lastRefusal ?? null,
    };
  }

  /** Why points do not get on, and what to do about it, in words; null: they do. */
  trouble(): string | null {
    const { state, detail } = this.sender?.stats() ?? { state: 'starting' as const, detail: null };
    const disk = this.queue?.stats().diskTrouble ?? null;
    const parts = [
      ...(detail === null ? [] : [detail, adviceOn(state, this.settings)]),
      disk === null ? '' : `the spool cannot be written: ${disk}`,
    ].filter((part) => part !== '');
    return parts.length === 0 ? null : parts.join('; ');
  }

  private stateChanged(state: SenderState, detail: string | null): void {
    if (state === 'up') {
      if (this.downSinceMs === null) return;
      this.backfill?.outage(this.downSinceMs);
      this.downSinceMs = null;
      this.log.info('InfluxDB takes points again', { spooled_points: this.spool?.stats().points ?? 0 });
      return;
    }
    this.downSinceMs ??= Date.now();
    this.log.warn(
      `InfluxDB takes no points, they are kept in the spool: ${this.trouble() ?? detail ?? state}`,
    );
  }
}
