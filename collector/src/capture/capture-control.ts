import type {
  EngineCounters,
  EngineFailure,
  EngineState,
  IntervalReport,
  Subscription,
} from '@wireglass/native';
import { AppError, errorCode, errorMessage } from '../model/errors.js';
import type { Log } from '../model/log.js';
import type { AuditSink } from '../security/audit-log.js';
import { localPrincipal, type Principal } from '../security/principal.js';
import {
  engineOptions,
  nameSource,
  settingsOf,
  type CaptureControlConfig,
  type CaptureRequest,
  type CaptureSettings,
  type MeterChanges,
  type MeterSettings,
  withMeterSettings,
} from './capture-settings.js';
import type { CaptureObserver } from './capture-observer.js';
import type { EngineControl } from './engine-control.js';
import { LatestInterval } from './latest-interval.js';
import { ledger, type Ledger } from '../model/ledger.js';
import { RateMeter, type Rates } from './rates.js';

const readingIntervalMs = 1_000;

export interface CaptureControlDependencies {
  engine: EngineControl;
  audit: AuditSink;
  log: Log;
  /** resolves when every record that the engine handed over is stored */
  flushFlows: () => Promise<void>;
  observer?: CaptureObserver;
  /** a capture has ended, by whatever cause, and all of it is stored */
  onEnd?: (end: CaptureEnd) => void;
}

export type CaptureState = EngineState | 'starting';

export interface CaptureStatus {
  state: CaptureState;
  /** RFC 3339; null before the first capture */
  started_at: string | null;
  started_by: string | null;
  ended_at: string | null;
  /** null: runs, or ended by itself */
  ended_by: string | null;
  backend: string | null;
  interfaces: { name: string; link_type: string; snaplen: number }[];
  failures: EngineFailure[];
  /** part of the input that has been read, 0 to 1; null where nobody can know */
  progress: number | null;
  /** in force for the running capture, or for the last one */
  settings: CaptureSettings | null;
  /** what the next start will use */
  next_meter: MeterSettings;
}

export interface CaptureMetrics {
  state: CaptureState;
  counters: EngineCounters;
  rates: Rates;
  ledger: Ledger;
  /** the latest one of the running capture, or of the last one; null before the first */
  interval: IntervalReport | null;
}

export interface CaptureEnd {
  source: string;
  status: CaptureStatus;
  counters: EngineCounters;
}

interface Run {
  source: string;
  settings: CaptureSettings;
  startedAt: Date;
  startedBy: Principal;
  endedAt: Date | null;
  endedBy: Principal | null;
  timer: NodeJS.Timeout | null;
}

/** Starts and stops the engine's one capture, knows who did, and watches it. */
export class CaptureControl {
  private run: Run | null = null;
  private starting: Promise<unknown> | null = null;
  private ending: Promise<void> | null = null;
  /** what follows the last capture's end is done; the next one would change what it reads */
  private lastEnd: Promise<void> = Promise.resolve();
  private closing = false;
  private meter: MeterSettings;
  private readonly rates = new RateMeter();
  private readonly intervals = new LatestInterval();
  private intervalSubscription: Subscription | null = null;
  /** reports that came during a start; null when none is under way */
  private early: { report: IntervalReport; done: (taken?: Promise<void>) => void }[] | null = null;
  private readingTimer: NodeJS.Timeout | null = null;

  constructor(
    private readonly config: CaptureControlConfig,
    private readonly dependencies: CaptureControlDependencies,
  ) {
    this.meter = withMeterSettings(config.meter, {});
  }

  async start(): Promise<void> {
    this.readingTimer = setInterval(() => this.readRates(), readingIntervalMs);
    this.readingTimer.unref();
    if (this.config.intervals?.enabled !== true) return;
    this.intervalSubscription = this.dependencies.engine.subscribeIntervals((report) =>
      this.takeInterval(report),
    );
  }

  /** Ends a running capture, all of it stored. */
  async stop(): Promise<void> {
    this.closing = true;
    await this.starting?.catch(() => undefined);
    if (this.readingTimer !== null) clearInterval(this.readingTimer);
    if (this.isRunning()) await this.end(localPrincipal('shutdown'));
    await this.ending;
    this.intervalSubscription?.close();
  }

  /** Begins a capture. Errors: `capture_running`, `shutting_down`, and those of the core's backends. */
  async begin(request: CaptureRequest, by: Principal, remote: string | null = null): Promise<CaptureStatus> {
    const settings = settingsOf(request, request.record ?? this.config.record, this.meter);
    try {
      this.refuseSecondStart();
      const started = this.startEngine(request, settings);
      this.starting = started;
      await started.finally(() => (this.starting = null));
    } catch (error) {
      if (this.starting === null) this.takeEarly(false);
      await this.note(by, 'capture_start', settings, errorCode(error), remote);
      throw error;
    }
    const run: Run = {
      source: nameSource(request.source),
      settings,
      startedAt: new Date(),
      startedBy: by,
      endedAt: null,
      endedBy: null,
      timer: null,
    };
    this.run = run;
    this.dependencies.observer?.started(run.source, this.status());
    this.takeEarly(true);
    this.rates.reset();
    this.readRates();
    if (request.duration_s !== undefined) this.endAfter(run, request.duration_s);
    this.lastEnd = this.dependencies.engine.finished().then(
      () => this.endedByItself(run),
      (error: unknown) =>
        this.dependencies.log.error(`waiting for the capture failed: ${errorMessage(error)}`),
    );
    this.dependencies.log.info(`capture of ${run.source} started`, { by: by.name });
    await this.note(by, 'capture_start', settings, 'done', remote);
    return this.status();
  }

  /**
   * Ends the capture: what was received before is metered, recorded and stored when this returns. A second call while
   * it drains waits for the same end. Error: `capture_not_running`.
   */
  async end(by: Principal, remote: string | null = null): Promise<CaptureEnd> {
    const run = this.run;
    if (run === null || !this.isRunning()) {
      await this.note(by, 'capture_stop', null, 'capture_not_running', remote);
      throw new AppError('capture_not_running', { reason: 'no capture runs: there is nothing to stop' });
    }
    if (this.ending === null) {
      run.endedBy = by;
      this.ending = this.drain(run, by, remote).finally(() => (this.ending = null));
    }
    await this.ending;
    return { source: run.source, status: this.status(), counters: this.dependencies.engine.counters() };
  }

  status(): CaptureStatus {
    const { backend, interfaces, failures, progress } = this.dependencies.engine.status();
    const run = this.run;
    return {
      state: this.state(),
      started_at: run?.startedAt.toISOString() ?? null,
      started_by: run?.startedBy.name ?? null,
      ended_at: run?.endedAt?.toISOString() ?? null,
      ended_by: run?.endedBy?.name ?? null,
      backend,
      interfaces,
      failures,
      progress,
      settings: run?.settings ?? null,
      next_meter: { ...this.meter },
    };
  }

  metrics(): CaptureMetrics {
    const state = this.state();
    const counters = this.dependencies.engine.counters();
    const settled = state === 'idle' || state === 'finished' || state === 'failed';
    return {
      state,
      counters,
      rates: this.rates.current(),
      ledger: ledger(counters, settled),
      interval: this.intervals.get(),
    };
  }

  /** Changes what the next start will use; a running capture keeps what it was started with. */
  async setMeter(change: MeterChanges, by: Principal, remote: string | null): Promise<CaptureStatus> {
    await this.dependencies.audit.append({
      principal: by,
      action: 'meter_settings',
      parameters: { ...change },
      outcome: 'done',
      remote,
    });
    this.meter = withMeterSettings(this.meter, change);
    return this.status();
  }

  private state(): CaptureState {
    if (this.starting !== null) return 'starting';
    if (this.ending !== null) return 'draining';
    return this.dependencies.engine.status().state;
  }

  private isRunning(): boolean {
    const state = this.state();
    return state === 'running' || state === 'draining';
  }

  private refuseSecondStart(): void {
    if (this.closing) throw new AppError('shutting_down', {});
    const busy = this.starting !== null || this.isRunning();
    if (!busy) return;
    const what =
      this.starting !== null ? 'another start is under way' : `the ${this.describeRun()} runs already`;
    throw new AppError('capture_running', { reason: `${what}: stop it first (POST /api/v1/capture/stop)` });
  }

  private describeRun(): string {
    if (this.run === null) return 'capture';
    return `capture of ${this.run.source}, started by ${this.run.startedBy.name}`;
  }

  private async startEngine(request: CaptureRequest, settings: CaptureSettings): Promise<void> {
    await this.lastEnd;
    this.intervals.clear();
    this.early = [];
    await this.dependencies.observer?.begin();
    await this.dependencies.engine.start(engineOptions(this.config, request, settings));
  }

  private endAfter(run: Run, durationS: number): void {
    run.timer = setTimeout(() => {
      if (this.run !== run || !this.isRunning()) return;
      this.end(localPrincipal('duration')).catch((error: unknown) => {
        this.dependencies.log.error(`the capture did not end after its duration: ${errorMessage(error)}`);
      });
    }, durationS * 1_000);
    run.timer.unref();
  }

  private async drain(run: Run, by: Principal, remote: string | null): Promise<void> {
    const { engine, flushFlows } = this.dependencies;
    try {
      await engine.stop();
      await flushFlows();
    } catch (error) {
      // The source may have come to its end by itself just now: that is no failure of the stop.
      if (errorCode(error) !== 'capture_not_running') {
        await this.note(by, 'capture_stop', null, errorCode(error), remote);
        throw error;
      }
      await flushFlows();
    }
    await this.close(run, 'capture_stop', by, remote);
  }

  private async endedByItself(run: Run): Promise<void> {
    if (this.run !== run || run.endedBy !== null || run.endedAt !== null) return;
    try {
      await this.dependencies.flushFlows();
    } catch (error) {
      this.dependencies.log.error(`the records of ${run.source} may not be stored: ${errorMessage(error)}`);
    }
    if (run.endedBy === null) await this.close(run, 'capture_end', localPrincipal('engine'), null);
  }

  private async close(run: Run, action: string, by: Principal, remote: string | null): Promise<void> {
    if (run.timer !== null) clearTimeout(run.timer);
    run.endedAt = new Date();
    this.rates.reset();
    const { engine, log, observer, onEnd } = this.dependencies;
    const failure = engine.status().state === 'failed' ? engine.status().failures[0] : undefined;
    const counters = engine.counters();
    const packets = counters.captured_packets;
    if (failure === undefined) log.info(`capture of ${run.source} ended`, { by: by.name, packets });
    else log.error(`capture of ${run.source} failed: ${failure.message}`, { code: failure.code, packets });
    await this.note(by, action, run.settings, failure?.code ?? 'done', remote, counters);
    const end = { source: run.source, status: { ...this.status(), state: engine.status().state }, counters };
    await observer?.ended(end);
    onEnd?.(end);
  }

  /** Start and stop go on when the audit log cannot be written: packets matter more, and the log counts it. */
  private async note(
    by: Principal,
    action: string,
    settings: CaptureSettings | null,
    outcome: string,
    remote: string | null,
    counters?: EngineCounters,
  ): Promise<void> {
    const { audit, log } = this.dependencies;
    const parameters = {
      ...(settings === null ? {} : { settings }),
      ...(counters === undefined
        ? {}
        : { packets: counters.captured_packets, recorded: counters.packets_recorded }),
    };
    await audit.append({ principal: by, action, parameters, outcome, remote }).catch((error: unknown) => {
      log.error(`${action} by ${by.name} is not in the audit log: ${errorMessage(error)}`);
    });
  }

  /**
   * While a start is under way the engine still tells the names and counters of the capture before: reports that come so
   * early wait, and a source that can wait with them.
   */
  private takeInterval(report: IntervalReport): void | Promise<void> {
    this.intervals.take(report);
    if (this.early !== null) return new Promise((done) => this.early?.push({ report, done }));
    return this.observe(report) ?? undefined;
  }

  private observe(report: IntervalReport): Promise<void> | null {
    const { engine, observer } = this.dependencies;
    const interfaces = engine.status().interfaces.map(({ name }) => name);
    return observer?.interval(report, engine.counters(), interfaces) ?? null;
  }

  /** The start is over: what came early is told of, or let go where it failed. */
  private takeEarly(started: boolean): void {
    const early = this.early ?? [];
    this.early = null;
    for (const { report, done } of early) {
      const taken = started ? this.observe(report) : null;
      done(taken ?? undefined);
    }
  }

  private readRates(): void {
    const { engine, observer } = this.dependencies;
    if (engine.status().state !== 'running') return;
    const counters = engine.counters();
    this.rates.read(performance.now(), counters);
    observer?.reading(counters);
  }
}
