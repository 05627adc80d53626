import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlowRecord } from '@wireglass/native';
import type { FlowQuery } from '../../flows/flow-store.js';
import type { FlowStorage } from './flow-storage.js';
import type { SnapshotSource } from './live-flows.js';
import { batchesOf, makeRecord } from './test-batches.js';
import { openFlowStorage, testSettings } from './test-storage.js';

/** The engine's side of a snapshot: live flows that a test sets, given when asked. */
class FakeEngine implements SnapshotSource {
  state: 'idle' | 'running' = 'idle';
  alive: FlowRecord[] = [];
  requests = 0;
  answers = true;
  beforeAnswer: () => Promise<void> = async () => undefined;
  storage: FlowStorage | null = null;

  status() {
    return { state: this.state };
  }

  requestSnapshot(): number {
    const snapshotId = ++this.requests;
    const answer = (): void => {
      if (!this.answers) return;
      for (const batch of batchesOf(this.alive, 'snapshot'))
        void this.storage?.offer({ ...batch, snapshotId });
    };
    setImmediate(() => void this.beforeAnswer().then(answer));
    return snapshotId;
  }
}

let directory: string;
let engine: FakeEngine;
let storage: FlowStorage;
let close: () => Promise<void>;
const said: string[] = [];

async function open(changes: object = {}): Promise<void> {
  const settings = { ...testSettings(directory), ...changes };
  ({ storage, close } = await openFlowStorage(settings, engine, (_, message) => said.push(message)));
  engine.storage = storage;
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'wireglass-storage-'));
  engine = new FakeEngine();
  said.length = 0;
  await open();
});

afterEach(async () => {
  await close();
  rmSync(directory, { recursive: true });
});

const records = (count: number, changes: Partial<FlowRecord> = {}): FlowRecord[] =>
  Array.from({ length: count }, (_, index) => makeRecord({ flow_id: String(index + 1), ...changes }));
const offer = (flows: FlowRecord[]): void => batchesOf(flows).forEach((batch) => void storage.offer(batch));
const ids = async (scope: FlowQuery['scope']): Promise<string[]> => {
  const page = await storage.query({ scope, sort: { field: 'flow_id', descending: false }, limit: 1_000 });
  return page.flows.map((flow) => `${flow.flow_id}/${flow.record_index}/${flow.end_reason}`);
};

describe('FlowStorage', () => {
  it('has all that was offered committed after flush, and counts it', async () => {
    offer(records(5_000));
    await storage.flush();
    expect(storage.stats()).toMatchObject({
      rowsStored: 5_000,
      batchesWaiting: 0,
      rowsLost: 0,
      lastError: null,
    });
    expect(storage.stats().fileBytes).toBeGreaterThan(10_000);
    await close();
    await open();
    expect(storage.stats().rowsStored).toBe(5_000);
  });

  it('commits by the clock without being asked', async () => {
    offer(records(3));
    const deadline = Date.now() + 5_000;
    while ((await ids('stored')).length < 3 && Date.now() < deadline)
      await new Promise((next) => setTimeout(next, 20));
    expect(await ids('stored')).toHaveLength(3);
  });

  it('shows live and stored records as one, a closed flow once', async () => {
    offer(records(3));
    engine.state = 'running';
    engine.alive = [
      makeRecord({ flow_id: '3', end_reason: 'live' }),
      makeRecord({ flow_id: '3', record_index: 1, end_reason: 'live' }),
      makeRecord({ flow_id: '4', end_reason: 'live' }),
    ];
    // not committed yet: the snapshot's arrival commits what came ahead of it
    expect(await ids('all')).toEqual([
      '1/0/idle_timeout',
      '2/0/idle_timeout',
      '3/0/idle_timeout',
      '3/1/live',
      '4/0/live',
    ]);
    expect(await ids('live')).toEqual(['3/1/live', '4/0/live']);
    expect(await ids('stored')).toHaveLength(3);
  });

  it('shows a flow once that is stored and sealed before its snapshot is complete', async () => {
    engine.state = 'running';
    engine.alive = records(3, { end_reason: 'live' });
    engine.beforeAnswer = async () => {
      offer(records(2));
      await storage.flush();
      await storage.upkeep.sealNow();
    };
    expect(await ids('all')).toEqual(['1/0/idle_timeout', '2/0/idle_timeout', '3/0/live']);
    expect(storage.stats()).toMatchObject({ hotRows: 0, sealedRows: 2 });
  });

  it('shares one snapshot between queries that come together, and takes another later', async () => {
    engine.state = 'running';
    engine.alive = records(10, { end_reason: 'live' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ids('live')));
    expect(answers.every((answer) => answer.length === 10)).toBe(true);
    expect(engine.requests).toBe(1);
    await new Promise((next) => setTimeout(next, 600));
    engine.alive = records(11, { end_reason: 'live' });
    const later = await Promise.all(Array.from({ length: 5 }, () => ids('all')));
    expect(later.every((answer) => answer.length === 11)).toBe(true);
    expect(engine.requests).toBe(2);
  });

  it('answers stored records when the capture ends instead of giving its snapshot', async () => {
    offer(records(2));
    await storage.flush();
    engine.state = 'running';
    engine.answers = false;
    setTimeout(() => (engine.state = 'idle'), 150);
    expect(await ids('all')).toHaveLength(2);
  });

  it('says so when a running engine does not answer', async () => {
    engine.state = 'running';
    engine.answers = false;
    await expect(ids('live')).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringMatching(/5000 ms/) as string,
    });
    engine.answers = true;
    await expect(ids('live')).resolves.toEqual([]);
  }, 20_000);
});
