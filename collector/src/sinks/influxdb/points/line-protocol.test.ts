import { CorrectionNumbers } from './correction-numbers.js';
import { IntervalPoints } from './interval-lines.js';
import { lineOf, plainText, writtenText, type Point } from './line-protocol.js';

const point = (over: Partial<Point> = {}): Point => ({
  measurement: 'm',
  tags: {},
  fields: { a: 1n },
  timeNs: 5n,
  ...over,
});

describe('lineOf', () => {
  it.each<[string, Partial<Point>, string]>([
    ['an integer', {}, 'm a=1i 5'],
    [
      'the largest integers',
      { fields: { a: 2n ** 63n - 1n, b: -(2n ** 63n) } },
      'm a=9223372036854775807i,b=-9223372036854775808i 5',
    ],
    ['floats', { fields: { a: 0.5, b: 1e21, c: -0 } }, 'm a=0.5,b=1e+21,c=0 5'],
    ['booleans and texts', { fields: { a: true, b: 'x y,z=' } }, 'm a=true,b="x y,z=" 5'],
    ['quotes', { fields: { a: 'say "x"' } }, 'm a="say \\"x\\"" 5'],
    ['tags in order', { tags: { z: '1', b: '2' } }, 'm,b=2,z=1 a=1i 5'],
    ['no tag without a value', { tags: { a: '', b: '2' } }, 'm,b=2 a=1i 5'],
    ['special characters of tags', { tags: { 'k =,': 'a b=c,d"' } }, 'm,k\\ \\=\\,=a\\ b\\=c\\,d" a=1i 5'],
    ['special characters of measurements', { measurement: 'a b,c=d' }, 'a\\ b\\,c=d a=1i 5'],
    [
      'newlines and backslashes',
      { tags: { a: 'x\ny\\' }, fields: { f: 'p\\"\n%' } },
      'm,a=x%0Ay%5C f="p%5C\\"%0A%25" 5',
    ],
    ['unicode', { tags: { a: 'ß→😀' } }, 'm,a=ß→😀 a=1i 5'],
    ['a time before 1970', { timeNs: -1n }, 'm a=1i -1'],
  ])('writes %s', (_, over, line) => expect(lineOf(point(over))).toBe(line));

  it.each<[string, Partial<Point>, RegExp]>([
    ['no field', { fields: {} }, /without a field/],
    ['no name', { measurement: '' }, /no name/],
    ['a number that is none', { fields: { a: NaN } }, /field a: NaN/],
    ['infinity', { fields: { a: -Infinity } }, /field a/],
    ['65 bits', { fields: { a: 2n ** 63n } }, /64 bits/],
    ['a time beyond 2262', { timeNs: 2n ** 63n - 1n }, /time/],
    ['a tag without end', { tags: { a: 'x'.repeat(65_535) } }, /65535 are possible/],
    ['a text without end', { fields: { a: '\n'.repeat(30_000) } }, /90000 bytes/],
  ])('refuses %s', (_, over, message) => expect(() => lineOf(point(over))).toThrow(message));
});

describe('texts', () => {
  it('come back as they were', () => {
    let seed = 1;
    const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const letters = [...'ab%0A=, "\\\n\r\t\0\u0085\u2028é→😀\'#'];
    for (let round = 0; round < 5_000; round += 1) {
      const text = Array.from({ length: next(12) }, () => letters[next(letters.length)]).join('');
      const written = writtenText(text);
      expect(written).not.toMatch(/[\n\r\0\\]/);
      expect(plainText(written)).toBe(text);
    }
  });

  it('of others that look percent-encoded and are not stay', () => {
    expect(['%FF', '%zz', '50%'].map(plainText)).toEqual(['%FF', '%zz', '50%']);
  });

  it('with half a character say so', () => expect(writtenText('a\ud800b')).toBe('a\ufffdb'));
});

describe('IntervalPoints', () => {
  const interval = (run: number, correction: boolean, timeNs = 7_000_000_000n) => ({
    run,
    correction,
    samples: [
      {
        measurement: 'protocol' as const,
        timeNs,
        intervalMs: 1_000,
        tags: { interface: 'e 0', value: 'tcp' },
        counts: { packets: 3 },
      },
    ],
    heaviest: [],
  });
  const timesOf = (points: IntervalPoints, ...intervals: ReturnType<typeof interval>[]) =>
    intervals.flatMap((it) => points.linesOf(it).lines.map((line) => line.split(' ').at(-1)));

  it('tells runs and corrections apart below the millisecond', () => {
    const points = new IntervalPoints({ prefix: 'wg_', sensor: 's' });
    expect(points.linesOf(interval(2, false)).lines).toEqual([
      'wg_protocol,interface=e\\ 0,sensor=s,value=tcp interval_ms=1000i,packets=3i 7000002000',
    ]);
    expect(timesOf(points, interval(2, true), interval(2, true), interval(1_003, false))).toEqual([
      '7000002001',
      '7000002002',
      '7000003000',
    ]);
    expect(timesOf(points, interval(2, true, 8_000_000_000n), interval(2, false, 8_000_000_000n))).toEqual([
      '8000002001',
      '8000002002',
    ]);
  });

  it('counts what an interval has no room for', () => {
    const points = new IntervalPoints({ prefix: '', sensor: 's' });
    const all = Array.from({ length: 1_000 }, () => points.linesOf(interval(1, true)));
    expect(new Set(all.flatMap(({ lines }) => lines)).size).toBe(999);
    expect(all.at(-1)).toMatchObject({
      lines: [],
      refused: 1,
      refusal: expect.stringContaining('too often') as string,
    });
  });

  it('counts points that have no line, and writes the others', () => {
    const points = new IntervalPoints({ prefix: '', sensor: 's' });
    const one = interval(1, false);
    one.samples.push({ ...one.samples[0]!, tags: { interface: 'b', value: 'x' }, counts: { packets: 0.5 } });
    expect(points.linesOf(one)).toMatchObject({ refused: 1, lines: [expect.any(String)] });
  });

  it('writes the heaviest values as fields, by rank', () => {
    const { lines } = new IntervalPoints({ prefix: '', sensor: 's' }).linesOf({
      run: 0,
      correction: false,
      samples: [],
      heaviest: [
        {
          dimension: 'conversation',
          timeNs: 0n,
          intervalMs: 500,
          items: [{ value: 'a"', peer: 'b', bytes: 9, packets: 2, error: 1 }],
          othersAtMost: 4,
        },
        { dimension: 'tenant', timeNs: 0n, intervalMs: 500, items: [], othersAtMost: 0 },
      ],
    });
    expect(lines).toEqual([
      'heaviest_list,dimension=conversation,sensor=s interval_ms=500i,listed=1i,others_at_most=4i 0',
      'heaviest,dimension=conversation,rank=1,sensor=s value="a\\"",bytes=9i,packets=2i,error=1i,others_at_most=4i,peer="b" 0',
    ]);
  });
});

describe('CorrectionNumbers', () => {
  it('gives forgotten intervals other numbers than 0', () => {
    const numbers = new CorrectionNumbers();
    for (let time = 0n; time < 20_000n; time += 1n) expect(numbers.numberOf(1, time, false)).toBe(0);
    expect([0n, 0n, 19_999n].map((time) => numbers.numberOf(1, time, true))).toEqual([1, 2, 1]);
  });
});
