import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowStorage } from './flow-storage.js';
import { batchesOf, makeRecord, seededNumbers } from './test-batches.js';
import { openFlowStorage, testSettings } from './test-storage.js';

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
  afterEach(async () => open?.close().catch(() => undefined));

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
});
