import { ScratchDatabase } from './scratch.js';
import { Turns } from './turns.js';

/** More than any test waits for. */
const endless = 'SELECT count(*) FROM range(10000000000000) t(i) WHERE hash(i) = 0';
const quick = 'SELECT 42';
const never = new AbortController().signal;

let scratch: ScratchDatabase;
let turns: Turns;

async function open(connections: number, limits: { maxWaiting: number; timeoutMs: number }): Promise<void> {
  scratch = await ScratchDatabase.open(64);
  const opened = await Promise.all(Array.from({ length: connections }, () => scratch.connect()));
  turns = new Turns(
    opened.map(({ api }) => api),
    limits,
  );
}

const run = (sql: string, signal = never): Promise<unknown> =>
  turns.run(async (connection) => (await connection.runAndReadAll(sql)).getRows()[0]?.[0], signal);

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'answered',
    (error: { code?: unknown }) => error.code,
  );

afterEach(async () => {
  turns.close();
  while (turns.counters().running > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  scratch.close();
});

describe('turns of queries', () => {
  it('end a query that takes too long, and go on', async () => {
    await open(1, { maxWaiting: 1, timeoutMs: 100 });
    expect(await codeOf(run(endless))).toBe('query_timeout');
    expect(await run(quick)).toBe(42);
    expect(turns.counters()).toEqual({ running: 0, waiting: 0, refused: 0, timedOut: 1, cancelled: 0 });
  });

  it('end a query whose asker leaves, while it runs and while it waits', async () => {
    await open(1, { maxWaiting: 5, timeoutMs: 60_000 });
    const [runs, waits] = [new AbortController(), new AbortController()];
    const running = codeOf(run(endless, runs.signal));
    const waiting = codeOf(run(endless, waits.signal));
    const next = run(quick);
    expect(turns.counters()).toMatchObject({ running: 1, waiting: 2 });
    waits.abort();
    expect(await waiting).toBe('query_cancelled');
    runs.abort();
    expect(await running).toBe('query_cancelled');
    expect(await next).toBe(42);
    expect(turns.counters()).toEqual({ running: 0, waiting: 0, refused: 0, timedOut: 0, cancelled: 2 });
    expect(await codeOf(run(quick, runs.signal))).toBe('query_cancelled');
  });

  it('let so many wait and refuse more', async () => {
    await open(2, { maxWaiting: 1, timeoutMs: 60_000 });
    const ends = new AbortController();
    const running = [codeOf(run(endless, ends.signal)), codeOf(run(endless, ends.signal))];
    const waiting = codeOf(run(quick));
    expect(await codeOf(run(quick))).toBe('too_many_queries');
    expect(turns.counters()).toMatchObject({ running: 2, waiting: 1, refused: 1 });
    ends.abort();
    expect(await Promise.all(running)).toEqual(['query_cancelled', 'query_cancelled']);
    expect(await waiting).toBe('answered');
  });

  it('say that memory is what is missing', async () => {
    await open(1, { maxWaiting: 1, timeoutMs: 60_000 });
    const greedy = "SELECT quantile_disc(hash(i) || 'x', 0.5) FROM range(20000000) t(i)";
    expect(await codeOf(run(greedy))).toBe('query_limit');
    expect(await run(quick)).toBe(42);
  });

  it('pass on what is wrong with a statement, and close while a query runs', async () => {
    await open(1, { maxWaiting: 1, timeoutMs: 60_000 });
    expect(await codeOf(run('SELECT nothing'))).toBe('store_failed');
    const [running, waiting] = [codeOf(run(endless)), codeOf(run(quick))];
    turns.close();
    expect([await running, await waiting]).toEqual(['store_not_running', 'store_not_running']);
    expect(await codeOf(run(quick))).toBe('store_not_running');
  });
});
