import { setTimeout as sleep } from 'node:timers/promises';
import { spreadRecords } from './aggregate/aggregate-records.js';
import type { SealPoint } from './seal.js';
import { batchesOf } from './test-batches.js';
import { openFlowStorage, testSettings } from './test-storage.js';

// For the test of crashes: writes until it is killed. argv: directory, first flow id, seed, seal point at which it kills
// itself ("-": none), and how many times it passes that before. Every line of output is the number of records that flush()
// has answered for.

const recordsPerFlush = 700;

async function main(): Promise<void> {
  const [directory = '', first = '1', seed = '1', point = '-', passes = '0'] = process.argv.slice(2);
  let left = Number(passes);
  const reached = (at: SealPoint): void => {
    if (at === point && left-- <= 0) process.kill(process.pid, 'SIGKILL');
  };
  const settings = {
    ...testSettings(directory),
    upkeepIntervalMs: 5,
    sealRows: 1_500,
    compactBytes: 1 << 20,
  };
  const idle = { status: () => ({ state: 'idle' as const }), requestSnapshot: () => 1 };
  const log = (_: string, message: string): boolean => process.stderr.write(`${message}\n`);
  const { storage } = await openFlowStorage(settings, idle, log, reached);
  const some = spreadRecords(Number(seed), recordsPerFlush);
  for (let offered = 0; ; offered += recordsPerFlush) {
    const records = some.map((record, index) => ({
      ...record,
      flow_id: String(Number(first) + offered + index),
    }));
    for (const batch of batchesOf(records)) void storage.offer(batch);
    await storage.flush();
    process.stdout.write(`${offered + recordsPerFlush}\n`);
    // sealing gets its turn, too
    await sleep(10);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
