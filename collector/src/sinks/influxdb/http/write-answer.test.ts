import { writeOutcome } from './write-answer.js';

const answer = (status: number, body: object | string, headers: Record<string, string> = {}) => ({
  status,
  text: typeof body === 'string' ? body : JSON.stringify(body),
  headers,
  cut: false,
});
const v3 = (count: number, error = 'partial write of line protocol occurred') => ({
  error,
  data: Array.from({ length: count }, (_, place) => ({
    original_line: 'x',
    line_number: place + 1,
    error_message: "invalid column type for column 'a'",
  })),
});

describe('what an answer to a write means', () => {
  it.each<[string, ReturnType<typeof answer>, object]>([
    ['204', answer(204, ''), { kind: 'stored' }],
    // 1.6.7
    [
      'points beyond retention',
      answer(400, { error: 'partial write: points beyond retention policy dropped=3' }),
      { kind: 'partial', dropped: 3, refusal: 'beyond_retention' },
    ],
    [
      'a field of another type',
      answer(400, {
        error:
          'partial write: field type conflict: input field "a" on measurement "m" is type float, already exists as type integer dropped=1',
      }),
      { kind: 'partial', dropped: 1, refusal: 'field_type_conflict' },
    ],
    [
      'the limit on series',
      answer(400, { error: 'partial write: max-series-per-database limit exceeded: (50) dropped=60' }),
      { kind: 'partial', dropped: 60, refusal: 'series_limit' },
    ],
    [
      'lines that 1.x cannot read beside others',
      answer(400, {
        error:
          "partial write: unable to parse 'bad': missing fields\nunable to parse 'worse': missing fields dropped=0",
      }),
      { kind: 'partial', dropped: 2, refusal: 'unparsable' },
    ],
    [
      'only lines that 1.x cannot read',
      answer(400, { error: "unable to parse 'bad': missing fields" }),
      { kind: 'lines_refused', refusal: 'unparsable' },
    ],
    [
      'a database of 1.x that is not there',
      answer(404, { error: 'database not found: "nope"' }),
      { kind: 'missing' },
    ],
    [
      'a policy of 1.x that is not there',
      answer(500, { error: 'retention policy not found: nope' }),
      { kind: 'missing' },
    ],
    [
      'a wrong password',
      answer(401, { error: 'authorization failed' }),
      { kind: 'denied', detail: 'HTTP 401: authorization failed' },
    ],
    ['a timeout of 1.x', answer(500, { error: 'timeout' }), { kind: 'failing', retryAfterMs: null }],
    // 2.x
    [
      'a line that 2.x cannot read',
      answer(400, { code: 'invalid', message: "unable to parse 'x': missing fields" }),
      { kind: 'lines_refused', refusal: 'unparsable' },
    ],
    [
      'points that 2.x drops',
      answer(422, {
        code: 'unprocessable entity',
        message:
          'failure writing points to database: partial write: dropped 2 points outside retention policy of duration 1h0m0s',
      }),
      { kind: 'partial', dropped: 2, refusal: 'beyond_retention' },
    ],
    [
      'points that 2.x drops without saying how many',
      answer(422, { code: 'unprocessable entity', message: 'schema conflict' }),
      { kind: 'lines_refused', refusal: 'field_type_conflict' },
    ],
    [
      'a bucket that is not there',
      answer(404, { code: 'not found', message: 'bucket "b" not found' }),
      { kind: 'missing' },
    ],
    // 3.x
    [
      'lines that 3.x drops',
      answer(400, v3(3)),
      { kind: 'partial', dropped: 3, refusal: 'field_type_conflict' },
    ],
    [
      'a batch that 3.x refuses for a line',
      answer(400, {
        ...v3(0, 'parsing failed for write_lp endpoint'),
        data: { original_line: 'x', line_number: 2, error_message: 'y' },
      }),
      { kind: 'lines_refused', refusal: 'unparsable' },
    ],
    // all
    ['a request that is too large', answer(413, ''), { kind: 'too_large' }],
    ['patience in seconds', answer(429, '', { 'retry-after': '7' }), { kind: 'busy', retryAfterMs: 7_000 }],
    [
      'patience without end',
      answer(503, '', { 'retry-after': '999999999' }),
      { kind: 'busy', retryAfterMs: 3_600_000 },
    ],
    [
      'patience until a time that is over',
      answer(503, '', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }),
      { kind: 'busy', retryAfterMs: 0 },
    ],
    [
      'patience that is none',
      answer(503, '', { 'retry-after': 'soon' }),
      { kind: 'busy', retryAfterMs: null },
    ],
    [
      'a proxy',
      answer(502, '<html>\n<b>Bad Gateway</b>'),
      { kind: 'failing', detail: 'HTTP 502: <html> <b>Bad Gateway</b>' },
    ],
    ['another server', answer(400, 'Bad Request'), { kind: 'misunderstood' }],
    ['a redirection', answer(302, ''), { kind: 'misunderstood' }],
    ['JSON that is no object', answer(400, '[null, 5]'), { kind: 'misunderstood' }],
    [
      'JSON of the wrong types',
      answer(400, { error: 5, data: [null, { line_number: 'x' }] }),
      { kind: 'misunderstood' },
    ],
  ])('%s', (_, given, outcome) => expect(writeOutcome(given)).toMatchObject(outcome));

  it('has details of one line and a bounded length', () => {
    const outcome = writeOutcome(answer(500, { error: `a\n${'x'.repeat(10_000)}` }));
    expect(outcome).toMatchObject({ detail: expect.stringMatching(/^HTTP 500: a x+…$/) as string });
    expect(JSON.stringify(outcome).length).toBeLessThan(400);
  });
});
