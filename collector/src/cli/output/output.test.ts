import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alignedTable, humanCount, humanMicros, humanSeconds, humanTime } from './human.js';
import { csvField } from './line-text.js';
import { progressLine } from './progress.js';
import { printable, tcpFlags } from './table-columns.js';
import { TextOutput } from './text-output.js';

describe('figures', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1.00k'],
    [999_499, '999k'],
    [999_500, '1.00M'],
    [1_234_567, '1.23M'],
    [45_600_000_000, '45.6G'],
  ])('writes the count %i as %s', (value, text) => expect(humanCount(value)).toBe(text));

  it.each([
    [0.0123, '0.012s'],
    [59.94, '59.9s'],
    [245, '4m05s'],
    [11_220, '3h07m'],
  ])('writes %d seconds as %s', (seconds, text) => expect(humanSeconds(seconds)).toBe(text));

  it.each([
    [1_700_000_000_123_456_789n, '2023-11-14T22:13:20.123456Z'],
    [0n, '1970-01-01T00:00:00.000000Z'],
    [-1_000n, '1969-12-31T23:59:59.999999Z'],
    [9_223_372_036_854_775_807n, '2262-04-11T23:47:16.854775Z'],
  ])('writes the time %s', (timeNs, text) => expect(humanTime(timeNs)).toBe(text));

  it.each([
    [0, '0us'],
    [999, '999us'],
    [1_234, '1.23ms'],
    [45_600_000, '45.6s'],
  ])('writes %d microseconds as %s', (micros, text) => expect(humanMicros(micros)).toBe(text));

  it.each([
    [0, '.'],
    [0x02, 'S'],
    [0x1b, 'FSPA'],
    [0xff, 'FSRPAUEC'],
  ])('writes the TCP flags %d as %s', (flags, text) => expect(tcpFlags(flags)).toBe(text));

  it('shows no control characters of texts that come from packets', () => {
    expect(printable('a\u001b[31mb\u202ec\u0085ü')).toBe('a\ufffd[31mb\ufffdc\ufffdü');
  });

  it.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['two\nlines', '"two\nlines"'],
    ['two\rlines', '"two\rlines"'],
  ])('quotes the CSV field %j as RFC 4180 says', (value, field) => expect(csvField(value)).toBe(field));

  it('aligns numbers right and text left', () => {
    const rows = [
      ['xx', '1'],
      ['y', '22'],
    ];
    expect(alignedTable(['A', 'N'], rows, new Set(['N']))).toBe('A    N\nxx   1\ny   22\n');
  });

  it.each([
    [
      { packets: 1_000, bytes: 3_000_000, progress: 0.5 },
      2,
      '[############------------]  50 %  1.00k packets  500/s  1.50MB/s  2.0s left',
    ],
    [
      { packets: 10, bytes: 640, progress: 1 },
      2,
      '[########################] 100 %  10 packets  5/s  320B/s',
    ],
    [{ packets: 10, bytes: 640, progress: null }, 0, '10 packets  0/s  0B/s'],
  ])('draws %j after %i s', (reading, seconds, line) => expect(progressLine(reading, seconds)).toBe(line));
});

describe('TextOutput', () => {
  it('writes texts of any length and any characters', () => {
    const directory = mkdtempSync(join(tmpdir(), 'wireglass-text-'));
    const texts = [
      '',
      'a',
      '€'.repeat(30_000),
      'x'.repeat(400_000),
      '\u{1F600}'.repeat(9_000),
      'ü\n'.repeat(100_000),
    ];
    const output = TextOutput.open(join(directory, 'out'));
    for (const text of texts) output.write(text);
    for (let line = 0; line < 50_000; line++) output.write('0123456789\n');
    output.close();
    const written = readFileSync(join(directory, 'out'), 'utf8');
    expect(written === texts.join('') + '0123456789\n'.repeat(50_000)).toBe(true);
    rmSync(directory, { recursive: true });
  });
});
