// Runs the compiled store in a child process: `npm run build` first.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { SealPoint } from './seal.js';
import { seededNumbers } from './test-batches.js';
import { records } from './records-sql.js';
import { openFlowStorage, testSettings } from './test-storage.js';
import { storeSums } from './test-sums.js';

/** WIREGLASS_KILLS sets how many times; the seal points come in turn with kills at any time. */
const kills = Number(process.env['WIREGLASS_KILLS'] ?? 10);
const points: SealPoint[] = ['rolled_up', 'written', 'renamed', 'committed'];
const idsPerRound = 10_000_000;

const directory = mkdtempSync(join(tmpdir(), 'wireglass-crash-'));
afterAll(() => rmSync(directory, { recursive: true }));

interface Round {
  point: SealPoint | '-';
  passes: number;
  afterMs: number;
}

/** Runs the writer until it is dead; returns how many records flush() has answered for. */
async function write(round: number, { point, passes, afterMs }: Round): Promise<number> {
  const built = join(resolve(__dirname.replace('/src/', '/dist/')), 'test-crash-writer.js');
  if (!existsSync(built)) throw new Error('not built: npm run build');
  const argv = [built, directory, String(round * idsPerRound), String(round * 1_000), point, String(passes)];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let complaint = '';
  let timer: NodeJS.Timeout | null = null;
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    if (point === '-') timer ??= setTimeout(() => child.kill('SIGKILL'), afterMs);
  });
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const signal = await new Promise((done) => child.once('exit', (_, by) => done(by)));
  if (signal !== 'SIGKILL') throw new Error(`the writer ended by itself: ${complaint}`);
  // a line that was cut off was not answered
  return Number(out.split('\n').at(-2) ?? 0);
}

/** What the store has of each round: records, and different ones. */
async function stored(): Promise<{
  counts: Map<number, [number, number, number]>;
  sums: unknown[];
  seal: () => Promise<void>;
  close: () => Promise<void>;
}> {
  const idle = { status: () => ({ state: 'idle' as const }), requestSnapshot: () => 1 };
  const { storage, close } = await openFlowStorage(testSettings(directory), idle, () => undefined);
  const counts = await storage.read({}, async (connection, sources) => {
    const reader = await connection.runAndReadAll(
      `SELECT flow_id // ${idsPerRound}, count(*), count(DISTINCT flow_id), max(flow_id) % ${idsPerRound}
       FROM ${records(sources)} GROUP BY 1 ORDER BY 1`,
    );
    return new Map(
      reader
        .getRows()
        .map(([round, ...numbers]) => [Number(round), numbers.map(Number) as [number, number, number]]),
    );
  });
  const { records: all, minutes, hours, lists } = await storeSums(storage);
  return {
    counts,
    sums: [all, minutes, hours, ...Object.values(lists)],
    seal: () => storage.upkeep.sealNow(),
    close,
  };
}

describe('a store that is killed', () => {
  it('has everything that was acknowledged, once, and roll-ups that agree', async () => {
    const number = seededNumbers(41);
    const answered: number[] = [];
    for (let round = 0; round < kills; round++) {
      const point = round % 2 === 0 ? (points[(round / 2) % points.length] ?? '-') : '-';
      answered.push(await write(round, { point, passes: number(3), afterMs: 50 + number(600) }));
      const state = await stored();
      if (round % 3 === 2) await state.seal();
      await state.close();
      for (const [earlier, least] of answered.entries()) {
        const [rows = 0, different = 0, last = 0] = state.counts.get(earlier) ?? [];
        expect([round, earlier, different]).toEqual([round, earlier, rows]);
        expect(rows).toBeGreaterThanOrEqual(least);
        // nothing in between is missing
        if (rows > 0) expect(last).toBe(rows - 1);
      }
      for (const sums of state.sums) expect(sums).toEqual(state.sums[0]);
    }
    expect(answered.filter((records) => records > 0).length).toBeGreaterThan(kills / 3);
    const files = readdirSync(join(directory, 'records'), { recursive: true }).map(String);
    expect(files.filter((name) => name.endsWith('.parquet')).length).toBeGreaterThan(0);
  }, 1_200_000);
});
