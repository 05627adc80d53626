import type {
  EngineCounters,
  EngineFailure,
  EngineOptions,
  EngineState,
  EngineStatus,
  IntervalReport,
  Subscription,
} from '@wireglass/native';
import type { EngineControl } from './engine-control.js';

/** Counters of an engine that has seen nothing. */
export const noCounters: Readonly<EngineCounters> = Object.freeze({
  offered_packets: 0,
  packets_in_ring: 0,
  captured_packets: 0,
  captured_bytes: 0,
  dropped_kernel_packets: 0,
  dropped_interface_packets: 0,
  ring_freezes: 0,
  metered_packets: 0,
  metered_ip_bytes: 0,
  not_sampled_packets: 0,
  digests_lost: 0,
  outer_packets: 0,
  outer_bytes: 0,
  refused_packets: {},
  unfollowed_packets: {},
  flows_created: 0,
  flows_live: 0,
  flows_evicted: 0,
  fragments_learned: 0,
  fragments_resolved: 0,
  fragments_unresolved: 0,
  fragments_replaced: 0,
  fragments_conflicting: 0,
  records: 0,
  records_dropped: 0,
  interval_reports_dropped: 0,
  records_by_reason: {},
  paths_refused: 0,
  application_strings_refused: 0,
  application_strings_cut: 0,
  classifications: 0,
  classifications_refused: 0,
  application_gave_up: {},
  packets_recorded: 0,
  bytes_recorded: 0,
  packets_buffered: 0,
  packets_lost_to_disk: 0,
  packets_not_recorded: 0,
  segments_completed: 0,
  segments_evicted: 0,
  disk_trouble: '',
});

/** An engine whose packets, failures and end the test decides. */
export class FakeEngine implements EngineControl {
  /** options of each start that worked */
  readonly starts: EngineOptions[] = [];
  /** the next start fails with it */
  startError: Error | null = null;
  private state: EngineState = 'idle';
  private failures: EngineFailure[] = [];
  private current: EngineCounters = { ...noCounters };
  private release: (() => void)[] = [];
  private readonly intervalCallbacks = new Set<(report: IntervalReport) => void>();
  private holdStop: Promise<void> = Promise.resolve();

  async start(options: EngineOptions): Promise<void> {
    const error = this.startError;
    this.startError = null;
    if (error !== null) throw error;
    this.starts.push(options);
    this.state = 'running';
    this.failures = [];
    this.current = { ...noCounters };
  }

  async stop(): Promise<void> {
    this.state = 'draining';
    await this.holdStop;
    this.end();
  }

  finished(): Promise<void> {
    if (this.state !== 'running' && this.state !== 'draining') return Promise.resolve();
    return new Promise((resolve) => this.release.push(resolve));
  }

  status(): EngineStatus {
    const source = this.starts.at(-1)?.source;
    const backend = source?.kind === 'live' ? 'libpcap' : (source?.kind ?? null);
    const interfaces =
      source?.kind === 'live' ? [{ name: source.interface, link_type: 'Ethernet', snaplen: 262_144 }] : [];
    return { state: this.state, backend, interfaces, failures: this.failures, progress: null };
  }

  counters(): EngineCounters {
    return { ...this.current };
  }

  subscribeIntervals(onReport: (report: IntervalReport) => void): Subscription {
    this.intervalCallbacks.add(onReport);
    return {
      close: () => void this.intervalCallbacks.delete(onReport),
      drained: () => Promise.resolve(),
    };
  }

  /** An interval report to all who subscribed. */
  report(report: IntervalReport): void {
    for (const callback of this.intervalCallbacks) callback(report);
  }

  /** Sets counters as if packets had come. */
  count(counters: Partial<EngineCounters>): void {
    this.current = { ...this.current, ...counters };
  }

  /** The source ends by itself, or fails. */
  end(failure?: EngineFailure): void {
    this.state = failure === undefined ? 'finished' : 'failed';
    if (failure !== undefined) this.failures = [failure];
    for (const resolve of this.release.splice(0)) resolve();
  }

  /** stop() waits until the function returned is called. */
  delayStop(): () => void {
    let go = (): void => undefined;
    this.holdStop = new Promise((resolve) => (go = resolve));
    return go;
  }
}
