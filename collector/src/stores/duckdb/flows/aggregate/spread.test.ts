import { ScratchDatabase } from '../../scratch.js';
import { seededNumbers } from '../test-batches.js';
import { spread, spreadWithin } from './spread.js';

const base = 1_700_000_000_000_000_000n;

describe('spreading over time', () => {
  it('gives whole numbers that add up over any tiling, in SQL as in TypeScript', async () => {
    const number = seededNumbers(7);
    const scratch = await ScratchDatabase.open();
    const { api } = await scratch.connect();
    await api.run('CREATE TABLE r (id INTEGER, start_ns BIGINT, end_ns BIGINT, bytes UBIGINT)');
    await api.run('CREATE TABLE b (id INTEGER, a BIGINT, z BIGINT)');
    const expected: number[] = [];
    for (let id = 0; id < 300; id++) {
      const start = base + BigInt(number(1_000_000_000));
      const lives = [0, 1, number(1_000), number(2 ** 31) * number(64), number(2 ** 31) * 2_000_000];
      const end = start + BigInt(lives[number(lives.length)]!);
      const bytes = [0, 1, number(1_500), number(2 ** 31), Number.MAX_SAFE_INTEGER][number(5)]!;
      await api.run(`INSERT INTO r VALUES (${id}, ${start}, ${end}, ${bytes})`);
      const cuts = Array.from(
        { length: 6 },
        () => start + ((end - start + 2n) * BigInt(number(1_000))) / 1_000n,
      );
      const times = [start - 5n, ...cuts.sort((x, y) => (x < y ? -1 : 1)), end + 1n];
      let total = 0;
      for (let i = 0; i + 1 < times.length; i++) {
        await api.run(`INSERT INTO b VALUES (${id}, ${times[i]}, ${times[i + 1]})`);
        const part = spread(bytes, start, end, times[i]!, times[i + 1]!);
        expected.push(part);
        total += part;
      }
      expect(total).toBe(bytes);
    }
    const rows = await api.runAndReadAll(
      `SELECT ${spreadWithin('bytes', 'a', 'z')} FROM b JOIN r USING (id) ORDER BY b.rowid`,
    );
    expect(rows.getRows().map(([value]) => Number(value))).toEqual(expected);
    scratch.close();
  });
});
