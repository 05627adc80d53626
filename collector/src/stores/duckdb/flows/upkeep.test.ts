import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlowRecord } from '@wireglass/native';
import { spreadRecords } from './aggregate/aggregate-records.js';
import type { FlowSettings } from './calls.js';
import type { FlowStorage } from './flow-storage.js';
import { batchesOf } from './test-batches.js';
import { openFlowStorage, testSettings } from './test-storage.js';
import { storeSums } from './test-sums.js';

let directory: string;
let storage: FlowStorage;
let close: () => Promise<void>;
const said: string[] = [];
const idle = { status: () => ({ state: 'idle' as const }), requestSnapshot: () => 1 };

async function open(changes: Partial<FlowSettings> = {}): Promise<void> {
  const settings = { ...testSettings(directory), ...changes };
  ({ storage, close } = await openFlowStorage(settings, idle, (_, message) => said.push(message)));
}

async function offer(records: readonly FlowRecord[]): Promise<void> {
  for (const batch of batchesOf(records)) void storage.offer(batch);
  await storage.flush();
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'wireglass-upkeep-'));
  said.length = 0;
  await open();
});
afterEach(async () => {
  await close();
  rmSync(directory, { recursive: true });
});

describe('the upkeep of flow records', () => {
  it('seals what is stored, and every sum stays', async () => {
    const records = spreadRecords(1, 5_000);
    await offer(records);
    await storage.upkeep.sealNow();
    expect(storage.stats()).toMatchObject({ hotRows: 0, sealedRows: 5_000, sealedFiles: 1, lastError: null });
    const sums = await storeSums(storage);
    expect(sums.records.records).toBe(5_000n);
    expect(sums.minutes).toEqual(sums.records);
    expect(sums.hours).toEqual(sums.records);
  });
});
