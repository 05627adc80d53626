// The stores' thread. It loads the native package itself and subscribes to the engine, so that batches never cross the
// main thread. Started by client.ts; never imported.
import { parentPort, workerData } from 'node:worker_threads';
import { AppError, errorCode, errorMessage } from '../../model/errors.js';
import { DatabaseHost } from './database-host.js';
import { openFlowPart } from './flows/part.js';
import { openHistoryPart } from './history/part.js';
import { openMetricPart } from './metrics/part.js';
import type { ErrorMessage, Request, Response, StoreLog, WorkerSettings } from './messages.js';
import type { StorePart } from './part.js';

const port = parentPort;
if (port === null) throw new Error('the worker of the stores runs as a worker thread only');

const say = (response: Response): void => port.postMessage(response);
const log: StoreLog = (level, message) => say({ kind: 'log', level, message });

function asMessage(error: unknown): ErrorMessage {
  const code = errorCode(error);
  const details = error instanceof AppError ? { ...error.details } : {};
  return { code: code === 'internal_error' ? null : code, message: errorMessage(error), details };
}

type Handler = (argument: unknown, signal: AbortSignal) => Promise<unknown>;

class Calls {
  private readonly running = new Map<number, { controller: AbortController; ended: Promise<void> }>();
  private readonly handlers: Map<string, Handler>;

  constructor(parts: readonly StorePart[]) {
    this.handlers = new Map(
      parts.flatMap(({ handlers }) => Object.entries(handlers as Record<string, Handler>)),
    );
  }

  take(id: number, call: string, argument: unknown): void {
    const controller = new AbortController();
    const handler = this.handlers.get(call);
    const answer =
      handler === undefined
        ? Promise.reject(new Error(`the stores know no call ${call}`))
        : handler(argument, controller.signal);
    const ended = reply(id, answer).finally(() => this.running.delete(id));
    this.running.set(id, { controller, ended });
  }

  abort(id: number): void {
    this.running.get(id)?.controller.abort();
  }

  /** The engine's threads must have ended what this thread is to hear of before it goes. */
  async abortAll(): Promise<void> {
    const all = [...this.running.values()];
    for (const { controller } of all) controller.abort();
    await Promise.all(all.map(({ ended }) => ended));
  }
}

function reply(id: number, answer: Promise<unknown>): Promise<void> {
  return answer.then(
    (result) => say({ kind: 'result', id, result }),
    (error: unknown) => say({ kind: 'error', id, error: asMessage(error) }),
  );
}

/** Every part gets its chance to store what it has, whatever becomes of the others. */
async function closeParts(parts: readonly StorePart[], host: DatabaseHost): Promise<null> {
  const failures: unknown[] = [];
  for (const part of [...parts].reverse()) await part.close().catch((error: unknown) => failures.push(error));
  host.close();
  if (failures.length > 0) throw failures[0];
  return null;
}

async function main(): Promise<void> {
  const { database, flows, metrics, history } = workerData as WorkerSettings;
  const host = await DatabaseHost.open(database);
  const parts: StorePart[] = [];
  try {
    parts.push(await openFlowPart(host, flows, log));
    parts.push(await openMetricPart(host, metrics, log));
    parts.push(await openHistoryPart(host, history, log));
  } catch (error) {
    await closeParts(parts, host).catch(() => undefined);
    throw error;
  }
  const calls = new Calls(parts);
  port?.on('message', (request: Request) => {
    if (request.kind === 'call') calls.take(request.id, request.call, request.argument);
    else if (request.kind === 'abort') calls.abort(request.id);
    else {
      const closed = calls.abortAll().then(() => closeParts(parts, host));
      void reply(request.id, closed).finally(() => port.close());
    }
  });
  say({ kind: 'ready' });
}

main().catch((error: unknown) => {
  say({ kind: 'failed', error: asMessage(error) });
  port.close();
});
