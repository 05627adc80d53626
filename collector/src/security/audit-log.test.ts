import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkAuditFile, lineHash } from './audit-chain.js';
import { AuditLog, maxRefusalsPerMinute } from './audit-log.js';
import { anonymous, localPrincipal } from './principal.js';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wg-audit-'));
  path = join(directory, 'audit.jsonl');
});
afterEach(() => rmSync(directory, { recursive: true }));

const event = (action: string) => ({
  principal: localPrincipal('test'),
  action,
  parameters: { interface: 'eth0' },
  outcome: 'done',
});

async function logWith(count: number): Promise<AuditLog> {
  const log = new AuditLog({ path });
  await log.start();
  for (let index = 1; index <= count; index++) await log.append(event(`act_${index}`));
  return log;
}
const lines = () => readFileSync(path, 'utf8').trimEnd().split('\n');

describe('AuditLog', () => {
  it('chains each line to the one before', async () => {
    const log = await logWith(3);
    const [first, second, third] = lines();
    expect(JSON.parse(first ?? '')).toMatchObject({ seq: 1, prev: '0'.repeat(64), action: 'act_1' });
    expect(JSON.parse(second ?? '')).toMatchObject({ seq: 2, prev: lineHash(first ?? '') });
    expect(JSON.parse(third ?? '')).toMatchObject({ seq: 3, prev: lineHash(second ?? '') });
    expect(log.headHash()).toBe(lineHash(third ?? ''));
    expect(await checkAuditFile(path)).toMatchObject({ entries: 3, broken: null, torn: null, lastSeq: 3 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('goes on with the chain after a restart', async () => {
    await (await logWith(2)).stop();
    await logWith(2);
    expect(await checkAuditFile(path)).toMatchObject({ entries: 4, broken: null });
  });

  it('stays whole when two processes write in turn and at once', async () => {
    const service = await logWith(1);
    const command = new AuditLog({ path });
    await command.start();
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? service : command).append(event('both'))),
    );
    expect(await checkAuditFile(path)).toMatchObject({ entries: 21, broken: null });
  });

  it.each<[string, (lines: string[]) => string[], number]>([
    ['a changed entry', (all) => all.map((line) => line.replace('act_2', 'act_9')), 3],
    ['a removed entry', (all) => all.filter((_, index) => index !== 1), 2],
    ['a removed beginning', (all) => all.slice(1), 1],
    ['two entries in another order', (all) => [all[0], all[2], all[1], all[3]].map((line) => line ?? ''), 2],
    ['an entry put in', (all) => [...all.slice(0, 2), all[1] ?? '', ...all.slice(2)], 3],
    ['a line that is no entry', (all) => [all[0] ?? '', '{"seq": 2}', ...all.slice(2)], 2],
    ['an empty line', (all) => [all[0] ?? '', '', ...all.slice(1)], 2],
    ['an endless line', (all) => [all[0] ?? '', 'x'.repeat(200_000), ...all.slice(1)], 2],
  ])('finds %s', async (_, tamper, line) => {
    await logWith(4);
    writeFileSync(path, `${tamper(lines()).join('\n')}\n`);
    expect((await checkAuditFile(path)).broken?.line).toBe(line);
  });

  it('records a broken chain at the start and goes on', async () => {
    await logWith(3);
    writeFileSync(path, readFileSync(path, 'utf8').replace('act_1', 'act_7'));
    const log = new AuditLog({ path });
    expect((await log.start()).broken).toMatchObject({ line: 2 });
    expect(JSON.parse(lines()[3] ?? '')).toMatchObject({ action: 'audit_chain_broken', seq: 4 });
    await log.append(event('later'));
    expect((await checkAuditFile(path)).broken).toMatchObject({ line: 2 });
  });

  it('cuts off a torn last line, says so in the log, and the chain is whole', async () => {
    await logWith(2);
    appendFileSync(path, '{"seq":3,"time":"2026');
    await logWith(1);
    expect(lines().map((line) => (JSON.parse(line) as { action: string }).action)).toEqual([
      'act_1',
      'act_2',
      'audit_recovered',
      'act_1',
    ]);
    expect(JSON.parse(lines()[2] ?? '')).toMatchObject({
      parameters: { bytes: 21, text: '{"seq":3,"time":"2026' },
    });
    expect(await checkAuditFile(path)).toMatchObject({ entries: 4, broken: null, torn: null });
  });

  it('cuts off a torn line of any length', async () => {
    await logWith(1);
    appendFileSync(path, 'y'.repeat(300_000));
    await logWith(1);
    expect(lines()).toHaveLength(3);
    expect(JSON.parse(lines()[1] ?? '')).toMatchObject({ parameters: { bytes: 300_000 } });
  });

  it('keeps an entry that lacks only its newline', async () => {
    await logWith(2);
    writeFileSync(path, readFileSync(path, 'utf8').trimEnd());
    await logWith(1);
    expect(lines()).toHaveLength(3);
    expect(await checkAuditFile(path)).toMatchObject({ entries: 3, broken: null });
  });

  it('sums a flood of refusals', async () => {
    let now = 1_000_000;
    const log = new AuditLog({ path }, () => now);
    await log.start();
    const refusal = { principal: anonymous, action: 'refused', outcome: 'token_missing' };
    for (let index = 0; index < maxRefusalsPerMinute + 50; index++) await log.appendRefusal(refusal);
    expect(lines()).toHaveLength(maxRefusalsPerMinute);
    now += 60_001;
    await log.appendRefusal(refusal);
    expect(JSON.parse(lines().at(-2) ?? '')).toMatchObject({
      action: 'refusals_summed',
      parameters: { refusals: 50 },
    });
    expect(log.counters.refusals).toBe(maxRefusalsPerMinute + 51);
    expect((await checkAuditFile(path)).broken).toBeNull();
  });

  it('bounds what a request can make it write', async () => {
    const log = await logWith(0);
    await log.append({ ...event('long'), parameters: { filter: 'x'.repeat(1_000_000) } });
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key_${index}`, 'value']));
    await log.append({ ...event('many'), parameters: many });
    expect(statSync(path).size).toBeLessThan(8_192);
    expect((await checkAuditFile(path)).broken).toBeNull();
  });

  it('says that it cannot write', async () => {
    const log = new AuditLog({ path: join(directory, 'missing', 'audit.jsonl') });
    await expect(log.append(event('lost'))).rejects.toMatchObject({ code: 'audit_unavailable' });
    expect(log.counters).toMatchObject({ failures: 1, entries: 0 });
  });
});

describe('reading', () => {
  it('pages from the newest entry to the first, over chunk borders', async () => {
    const log = await logWith(400);
    const seen: number[] = [];
    let before: number | undefined;
    for (;;) {
      const page = await log.read({ limit: 150, ...(before === undefined ? {} : { before }) });
      seen.push(...page.entries.map(({ seq }) => seq));
      if (page.nextBefore === null) break;
      before = page.nextBefore;
    }
    expect(seen).toEqual(Array.from({ length: 400 }, (_, index) => 400 - index));
    expect(statSync(path).size).toBeGreaterThan(65_536);
  });

  it('gives an empty page where nothing was written', async () => {
    expect(await new AuditLog({ path }).read({ limit: 10 })).toEqual({ entries: [], nextBefore: null });
  });
});
