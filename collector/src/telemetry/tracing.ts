import { AsyncLocalStorage } from 'node:async_hooks';

export interface RequestStart {
  method: string;
  /** as it was declared; null: no route answers */
  route: string | null;
  traceparent: string | undefined;
  tracestate: string | undefined;
}

export interface RequestEnd {
  /** null: the client left before there was one */
  status: number | null;
  role: string | null;
}

/** A span of a request. */
export interface RequestSpan {
  /** Runs a part of the request in a span of its own. */
  within<Result>(part: string, operation: string, run: () => Promise<Result>): Promise<Result>;
  end(end: RequestEnd): void;
}

export interface TracingStats {
  /** spans that were sampled and have ended */
  ended: number;
  exported: number;
  /** spans that the queue had no room for, or that the collector did not take */
  lost: number;
  waiting: number;
  lastError: string | null;
}

/** Traces of the API. */
export interface Tracing {
  request(start: RequestStart): RequestSpan;
  stats(): TracingStats;
  stop(): Promise<void>;
}

/** The span of the request that code runs for. */
export const currentSpan = new AsyncLocalStorage<RequestSpan>();

/** The store, with a span for each call of these methods that is made for a request. */
export function traced<Store extends object>(
  part: string,
  store: Store,
  methods: readonly (keyof Store & string)[],
): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const bound = value.bind(target) as (...values: unknown[]) => unknown;
      if (!methods.some((method) => method === name)) return bound;
      return (...values: unknown[]) => {
        const span = currentSpan.getStore();
        if (span === undefined) return bound(...values);
        return span.within(part, String(name), async () => bound(...values));
      };
    },
  });
}
