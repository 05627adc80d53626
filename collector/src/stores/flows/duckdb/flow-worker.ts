// The store's thread. It loads the native package itself and subscribes to the engine, so that batches never cross the
// main thread. Started by root.ts; never imported.
import { Engine, type Subscription } from '@wireglass/native';
import { parentPort, workerData } from 'node:worker_threads';
import { AppError, errorCode, errorMessage } from '../../../model/errors.js';
import { FlowStorage, type Log } from './flow-storage.js';
import type { ErrorMessage, Request, Response, WorkerSettings } from './messages.js';

/** Batches that may wait between the engine and this thread: 131 072 rows. */
const queueBatches = 64;

const port = parentPort;
if (port === null) throw new Error('flow-worker runs as a worker thread only');

const say = (response: Response): void => port.postMessage(response);
const log: Log = (level, message) => say({ kind: 'log', level, message });

function asMessage(error: unknown): ErrorMessage {
  const code = errorCode(error);
  const details = error instanceof AppError ? { ...error.details } : {};
  return { code: code === 'internal_error' ? null : code, message: errorMessage(error), details };
}

async function answer(storage: FlowStorage, subscription: Subscription, request: Request): Promise<unknown> {
  switch (request.call) {
    case 'query':
      return storage.query(request.argument);
    case 'stats':
      return storage.stats();
    case 'flush':
      await subscription.drained();
      await storage.flush();
      return null;
    case 'stop':
      await subscription.drained();
      subscription.close();
      await storage.close();
      return null;
  }
}

async function main(): Promise<void> {
  const engine = Engine.shared();
  const storage = await FlowStorage.open(workerData as WorkerSettings, engine, log);
  const subscription = engine.subscribe((batch) => storage.offer(batch), { queueSize: queueBatches });
  port?.on('message', (request: Request) => {
    answer(storage, subscription, request)
      .then(
        (result) => say({ kind: 'result', id: request.id, result }),
        (error: unknown) => say({ kind: 'error', id: request.id, error: asMessage(error) }),
      )
      .finally(() => {
        if (request.call === 'stop') port.close();
      });
  });
  say({ kind: 'ready' });
}

main().catch((error: unknown) => {
  say({ kind: 'failed', error: asMessage(error) });
  port.close();
});
