import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions, UsageError } from './options.mjs';

test('a short run has fewer rounds, and what is said wins', () => {
  assert.equal(parseOptions([]).rounds, 3);
  assert.equal(parseOptions([]).peerRounds, 3);
  assert.equal(parseOptions(['--short']).peerRounds, 1);
  assert.equal(parseOptions(['--short', '--rounds', '5', '--peer-rounds', '4']).peerRounds, 4);
  assert.deepEqual(parseOptions(['--inputs', 'a,d']).inputs, ['a', 'd']);
  assert.deepEqual(parseOptions(['--peers', 'none']).peers, []);
});

test('bad options are refused with what was expected', () => {
  const cases = [
    [['--inputs', 'a,e'], /--inputs names "e"; expected some of a, b, c, d/],
    [['--peers', 'cento'], /--peers names "cento"; expected some of softflowd/],
    [['--rounds', '0'], /--rounds is "0"; expected a whole number from 1 on/],
    [['--packets', '12.5'], /--packets is "12.5"/],
    [['--timeout', 'x'], /--timeout is "x"/],
    [['--fast'], /--fast/],
  ];
  for (const [args, message] of cases) {
    assert.throws(
      () => parseOptions(args),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  }
});
