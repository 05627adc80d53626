import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spreadRecords } from './aggregate/aggregate-records.js';
import type { FlowStorage } from './flow-storage.js';
import { batchesOf, makeRecord, seededNumbers } from './test-batches.js';
import { openFlowStorage, testSettings } from './test-storage.js';
import { storeSums } from './test-sums.js';

const mount = mkdtempSync(join(tmpdir(), 'wireglass-full-disk-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'wireglass-test', mount]).status === 0;
const withMount = mounted ? describe : describe.skip;

afterAll(() => {
  if (mounted) spawnSync('umount', ['-l', mount]);
  rmdirSync(mount);
});

const settings = { ...testSettings(mount), checkpointBytes: 1 << 24, maxWaitingRows: 100_000 };
const idle = { status: () => ({ state: 'idle' as const }), requestSnapshot: () => 1 };

async function storedIds(storage: FlowStorage): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page = await storage.query({
      scope: 'stored',
      sort: { field: 'flow_id', descending: false },
      limit: 1_000,
      ...(cursor === undefined ? {} : { cursor }),
    });
    ids.push(...page.flows.map(({ flow_id }) => flow_id));
    cursor = page.nextCursor;
  }
  return ids;
}

// needs the right to mount a small file system
withMount('a full disk (needs the right to mount a small tmpfs)', () => {
  let open: { storage: FlowStorage; close: () => Promise<void> } | null = null;
  afterEach(async () => {
    rmSync(join(mount, 'ballast'), { force: true });
    await open?.close().catch(() => undefined);
    open = null;
  });

  it('keeps records in memory, counts what it must give up, and goes on when there is room', async () => {
    const said: string[] = [];
    open = await openFlowStorage(settings, idle, (_, message) => said.push(message));
    const { storage } = open;
    const ballast = join(mount, 'ballast');
    writeFileSync(ballast, Buffer.alloc(90 << 20));
    const number = seededNumbers(1);
    let offered = 0;
    const offer = async (count: number): Promise<void> => {
      const records = Array.from({ length: count }, () =>
        makeRecord({ flow_id: String(++offered), bytes: number(2 ** 31) }),
      );
      batchesOf(records).forEach((batch) => void storage.offer(batch));
      await sleep(100);
    };

    while (storage.stats().rowsLost === 0 && offered < 400_000) await offer(8_192);
    expect(storage.stats()).toMatchObject({ lastError: expect.stringMatching(/No space left/) as string });
    expect(storage.stats().rowsLost).toBeGreaterThan(0);
    await expect(storage.flush()).rejects.toMatchObject({ code: 'store_failed' });

    rmSync(ballast);
    const deadline = Date.now() + 20_000;
    while (storage.stats().lastError !== null && Date.now() < deadline) await sleep(50);
    await storage.flush();
    const { rowsStored, rowsLost } = storage.stats();
    expect(rowsStored + rowsLost).toBe(offered);
    expect(said).toContain('flow records are stored again');
    await open.close();

    open = await openFlowStorage(settings, idle, () => undefined);
    const ids = await storedIds(open.storage);
    expect(ids).toHaveLength(rowsStored);
    expect(new Set(ids).size).toBe(ids.length);
    await open.close();
    open = null;
  }, 120_000);

  it('leaves records in the database while there is no room for their file, and seals them later', async () => {
    let fill = true;
    const fillUp = (): void => {
      if (!fill) return;
      const full = openSync(join(mount, 'ballast'), 'w');
      const block = Buffer.alloc(1 << 16);
      expect(() => {
        for (;;) writeSync(full, block);
      }).toThrow(/ENOSPC/);
      closeSync(full);
    };
    open = await openFlowStorage(settings, idle, () => undefined, fillUp);
    const { storage } = open;
    const before = storage.stats().rowsStored;
    for (const batch of batchesOf(spreadRecords(1, 20_000))) void storage.offer(batch);
    await storage.flush();

    await storage.upkeep.sealNow();
    expect(storage.stats()).toMatchObject({
      rowsStored: before + 20_000,
      sealedRows: 0,
      lastError: expect.stringMatching(/^sealing failed: .*No space left/is) as string,
    });
    const sums = await storeSums(storage);
    expect(sums.minutes).toEqual(sums.records);

    fill = false;
    rmSync(join(mount, 'ballast'));
    await storage.upkeep.sealNow();
    expect(storage.stats()).toMatchObject({ sealedRows: before + 20_000, hotRows: 0, lastError: null });
    const after = await storeSums(storage);
    expect(after.records).toEqual(sums.records);
    expect(after.minutes).toEqual(sums.records);
    expect(after.hours).toEqual(sums.records);
    await open.close();
    open = null;
  }, 120_000);
});
