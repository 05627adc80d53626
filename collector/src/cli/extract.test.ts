// Runs the compiled command with the real engine, as a shell would: `npm run build` first.
import { Engine } from '@wireglass/native';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { output, until, writePcap } from '../../../native/testing/batches.js';
import { parseTimeOption } from './extract/times.js';

const built = resolve(__dirname.replace(`${sep}src${sep}`, `${sep}dist${sep}`));
const program = resolve(built, '../../bin/wireglass.js');
const packets = 20_000;
let directory: string;
let traffic: string;

const path = (name: string): string => join(directory, name);

function wireglass(argv: string[], input?: Buffer): SpawnSyncReturns<Buffer> & { said: string } {
  const { WIREGLASS_STRICT: _, ...env } = process.env;
  const run = spawnSync(process.execPath, [program, ...argv], {
    cwd: directory,
    env,
    input,
    maxBuffer: 1 << 28,
    timeout: 60_000,
  });
  return { ...run, said: run.stderr.toString() };
}

const extract = (...argv: string[]) => wireglass(['extract', ...argv]);
const linesOf = (bytes: Buffer): string[] => bytes.toString().split('\n').filter(Boolean);

beforeAll(() => {
  if (!existsSync(built)) throw new Error('not built: npm run build');
  directory = mkdtempSync(join(tmpdir(), 'wireglass-extract-'));
  traffic = path('traffic.pcap');
  expect(wireglass(['traffic', traffic, '--packets', String(packets), '--seed', '7']).status).toBe(0);
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('wireglass extract FILE…', () => {
  it('writes what a filter passes, by the format of the name, and says how much', () => {
    const count = Number(extract('--count', '--filter', 'tcp', traffic).stdout);
    expect(count).toBeGreaterThan(1_000);
    expect(count).toBeLessThan(packets);
    for (const name of ['tcp.pcap', 'tcp.pcapng', 'tcp.jsonl', 'tcp.csv']) {
      const { status, said, stdout } = extract('--filter', 'tcp', '-o', path(name), traffic);
      expect([name, status, stdout.length]).toEqual([name, 0, 0]);
      expect(said).toMatch(new RegExp(`^wireglass extract: ${count} of ${packets} packets .* written to `));
      const written = readFileSync(path(name));
      if (name.endsWith('.jsonl')) expect(linesOf(written)).toHaveLength(count);
      else if (name.endsWith('.csv')) expect(linesOf(written)).toHaveLength(count + 1);
      else expect(output('capinfos', ['-M', '-c', path(name)]) ?? `${count}\n`).toMatch(`${count}\n`);
    }
  });

  it('gives every packet back byte for byte', () => {
    const { stdout, status } = extract('-q', '-f', 'pcap', '--nanoseconds', traffic);
    expect(status).toBe(0);
    const again = wireglass(['extract', '-q', '-f', 'pcap', '--nanoseconds', '-'], stdout);
    expect(again.stdout.equals(stdout)).toBe(true);
    expect(again.said).toBe('');
  });

  it('keeps to a time range, whose end is not in it, and to a limit', () => {
    const rows = linesOf(extract('-f', 'json', traffic).stdout).map(
      (line) => JSON.parse(line) as { time_ns: string },
    );
    const [from, to] = [rows[100]?.time_ns ?? '', rows[200]?.time_ns ?? ''];
    const part = linesOf(extract('-f', 'json', '--from', from, '--to', to, traffic).stdout);
    expect(part).toHaveLength(rows.filter(({ time_ns }) => time_ns >= from && time_ns < to).length);
    expect(linesOf(extract('-f', 'json', '--limit', '5', traffic).stdout)).toHaveLength(5);
    expect(linesOf(extract('-f', 'json', '--to', '-1m', '--from', '-2m', traffic).stdout)).toEqual([]);
  });

  it('goes on behind what cannot be read, names it and exits 1', () => {
    const damaged = path('damaged.pcap');
    writeFileSync(damaged, readFileSync(traffic).subarray(0, 10_000));
    const { status, said, stdout } = extract('--count', path('missing.pcap'), damaged, traffic);
    expect(status).toBe(1);
    expect(Number(stdout)).toBeGreaterThan(packets);
    expect(said).toMatch('missing.pcap');
    expect(said).toMatch('damaged.pcap');
    expect(extract(path('missing.pcap')).status).toBe(1);
  });

  it('leaves no file when packets of several link types do not fit a pcap', () => {
    writePcap(
      path('raw.pcap'),
      101,
      Buffer.from('4500001c00000000400100000a0000010a0000020800000000000000', 'hex'),
    );
    const { status, said } = extract('-o', path('both.pcap'), traffic, path('raw.pcap'));
    expect(status).toBe(1);
    expect(said).toMatch('several link types');
    expect(readdirSync(directory).filter((name) => name.includes('both'))).toEqual([]);
    expect(extract('-o', path('both.pcapng'), traffic, path('raw.pcap')).status).toBe(0);
  });

  it('ends well when its reader has enough', () => {
    const command = `"${process.execPath}" "${program}" extract -f json "${traffic}" | head -n 1`;
    const run = spawnSync('bash', ['-o', 'pipefail', '-c', command], { cwd: directory, encoding: 'utf8' });
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toMatch(/^\{"id":null,/);
  });

  it.each([
    [['--filter', 'tcp_rtt_us > 5', 'x'], /column 1: tcp_rtt_us is a field of flows: packets have none/],
    [['--from', 'soon', 'x'], /Expected a time such as/],
    [['--from', '20', '--to', '10', 'x'], /--from is later than --to/],
    [['--nanoseconds', '-f', 'csv', 'x'], /--nanoseconds is for --format pcap/],
    [['--count', '-o', 'n', 'x'], /it takes no --output/],
    [['--data-dir', 'd', 'x'], /not both/],
    [['-', '-'], /only once/],
    [['--format', 'erf', 'x'], /Allowed choices/],
    [['--limit', '0', 'x'], /Expected a whole number/],
  ])('called wrongly (%j) exits 2', (argv, reason) => {
    const { status, said } = extract(...argv);
    expect([status, said]).toEqual([2, expect.stringMatching(reason)]);
  });
});

describe('wireglass extract from the recording', () => {
  it('reads beside a service that records, without touching its files', async () => {
    const engine = Engine.shared();
    const recorded = path('data/packets');
    await engine.start({
      source: { kind: 'traffic', profile: 'demo', packets: 0, packetsPerSecond: 20_000, paced: true },
      recording: { directory: recorded, sensor: 5, maxSegmentBytes: 1 << 20 },
    });
    await until(() => engine.counters().segments_completed > 2);
    const running = wireglass(['extract', '--count', '--data-dir', path('data')]);
    expect([running.status, running.said]).toEqual([0, '']);
    expect(Number(running.stdout)).toBeGreaterThan(0);
    await engine.stop();
    const all = wireglass(['extract', '-f', 'json', '--data-dir', path('data')]);
    const rows = linesOf(all.stdout).map((line) => JSON.parse(line) as { id: string });
    expect(rows).toHaveLength(engine.counters().packets_recorded);
    expect(rows[0]?.id).toBe('1-00000005-1-0');
  });

  it('exits 1 where nothing is recorded', () => {
    const { status, said } = extract('--data-dir', path('nothing'));
    expect(status).toBe(1);
    expect(said).toMatch('does not exist: give --data-dir, --config or capture files');
  });
});

describe('parseTimeOption', () => {
  it.each([
    ['-10m', 1_700_000_000_000n * 1_000_000n - 600n * 1_000_000_000n],
    ['-1.5s', 1_700_000_000_000n * 1_000_000n - 1_500_000_000n],
    ['1700000000000000001', 1_700_000_000_000_000_001n],
    ['2026-11-22T03:00:00.000000001Z', 1_795_316_400_000_000_001n],
    ['2026-11-22', 1_795_305_600_000_000_000n],
  ])('reads %s', (text, time) => {
    expect(parseTimeOption(text, 1_700_000_000_000)).toBe(time);
  });

  it.each(['', '10m', '-', '-10x', '--1s', '2026-02-31', '99999999999999999999'])('refuses %j', (text) => {
    expect(() => parseTimeOption(text)).toThrow('Expected a time');
  });
});
