import { loadAddon, type Addon, type AddonSubscription } from './addon.js';
import { badArgument, integer, object } from './arguments.js';
import { checkEngineOptions } from './engine-options.js';
import { callNative } from './errors.js';
import type {
  BackendInfo,
  Conversations,
  EngineCounters,
  EngineOptions,
  EngineStatus,
  FlowBatch,
  IntervalReport,
} from './types.js';

export interface SubscribeOptions {
  /** Batches, or reports, that wait for the callback at most, 1 to 4 096; default 64. A batch is 1.2 MB. */
  queueSize?: number;
}

/** A place in the fan-out of flow batches. It does not keep the event loop alive. */
export interface Subscription {
  /** The callback is called no more, batches that wait for it are dropped. Idempotent. */
  close(): void;
  /**
   * Resolves when the queue is empty: every batch that the engine handed to this subscription has been given to the
   * callback, and the callback has returned and its promise, if any, is settled. At once for a closed subscription.
   */
  drained(): Promise<void>;
}

const defaultQueueSize = 64;
const checkSubscribeOptions = object({ optional: { queueSize: integer(1, 4_096) } });

let shared: Engine | undefined;

/**
 * The capture engine: one per process, at most one capture at a time. Every environment (the main thread, worker
 * threads) has its own `Engine` object onto it and may start, stop, read and subscribe. It ends with the last of them.
 */
export class Engine {
  readonly #addon: Addon;

  private constructor(addon: Addon) {
    this.#addon = addon;
  }

  /** @throws NativeError `addon_missing`, `addon_unusable` */
  static shared(): Engine {
    shared ??= new Engine(loadAddon());
    return shared;
  }

  /**
   * Opens the source and starts metering.
   * @throws (as rejection) NativeError `bad_argument`, `capture_running`, or why a device, file or directory could not
   * be opened
   */
  async start(options: EngineOptions): Promise<void> {
    checkEngineOptions('options', options);
    await callNative(() => this.#addon.start(options));
  }

  /**
   * Drains the capture: what was received before this call is metered, recorded and handed to every subscriber's
   * callback when it resolves.
   * @throws (as rejection) NativeError `capture_not_running`
   */
  async stop(): Promise<void> {
    await callNative(async () => this.#addon.stop());
  }

  /**
   * Resolves when no capture runs (its source ended by itself, failed, or was stopped) and every batch has been handed
   * to every subscriber's callback; at once when nothing was started. How it ended is in status().
   */
  finished(): Promise<void> {
    return this.#addon.finished();
  }

  /** Of the running capture, or of the last one after its end. */
  status(): EngineStatus {
    return this.#addon.status();
  }

  /** Of the running capture, or of the last one after its end. */
  counters(): EngineCounters {
    return this.#addon.counters();
  }

  /** Of the last capture that was started with `countConversations`, after its end; zeros before. */
  conversations(): Conversations {
    return this.#addon.conversations();
  }

  /**
   * Calls `onBatch` for every batch from now on. All subscribers get every batch; while one has no room, a source that
   * can wait does, and a live one drops batches for all and counts their records. Without any subscriber, batches are
   * let go: packets are metered and counted only. A callback that returns a promise has its batch in the queue until
   * that is settled; further batches come meanwhile, up to the queue's size.
   * @throws NativeError `bad_argument`
   */
  subscribe(onBatch: (batch: FlowBatch) => unknown, options: SubscribeOptions = {}): Subscription {
    if (typeof onBatch !== 'function') throw badArgument('onBatch', 'a function', onBatch);
    checkSubscribeOptions('options', options);
    const subscription: AddonSubscription = this.#addon.subscribe(
      onBatch,
      options.queueSize ?? defaultQueueSize,
    );
    return { close: () => subscription.close(), drained: () => subscription.drained() };
  }

  /**
   * Calls `onReport` for every interval report from now on, in the order of time; there are some only where a capture
   * was started with `intervals`. What holds for batches (see subscribe) holds for reports; dropped ones are counted in
   * interval_reports_dropped.
   * @throws NativeError `bad_argument`
   */
  subscribeIntervals(
    onReport: (report: IntervalReport) => unknown,
    options: SubscribeOptions = {},
  ): Subscription {
    if (typeof onReport !== 'function') throw badArgument('onReport', 'a function', onReport);
    checkSubscribeOptions('options', options);
    const subscription = this.#addon.subscribeIntervals(onReport, options.queueSize ?? defaultQueueSize);
    return { close: () => subscription.close(), drained: () => subscription.drained() };
  }

  /**
   * Asks for the live flows. They come to all subscribers as batches of kind `snapshot` under the id returned, the last
   * of them with `last` set; without a running capture that is one batch without rows. Requests that wait together
   * share an id and an answer.
   */
  requestSnapshot(): number {
    return this.#addon.requestSnapshot();
  }
}

/** Every capture backend, tried on this host. */
export async function captureBackends(): Promise<BackendInfo[]> {
  return callNative(async () => loadAddon().captureBackends());
}
