import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bestPeer, summarize } from './compare.mjs';
import { median } from './statistics.mjs';

const input = { ledger: { packets: 1000 } };
const run = (cpuSeconds, right, extra = {}) => ({
  cpuSeconds,
  wallSeconds: cpuSeconds * 2,
  othersCpuSeconds: cpuSeconds,
  peakBytes: cpuSeconds * 100,
  ok: true,
  verdict: { right, why: right ? '' : '3 packets instead of 4' },
  ...extra,
});
const summary = (name, kind, runs) => summarize({ subject: { name, kind }, runs }, input);

test('figures are medians, memory is the highest peak', () => {
  const subject = summary('x', 'peer', [run(4, true), run(1, true), run(2, true)]);
  assert.equal(subject.cpuSeconds, 2);
  assert.equal(subject.packetsPerCpuSecond, 500);
  assert.equal(subject.peakBytes, 400);
  assert.equal(subject.othersShare, 0.5);
  assert.equal(median([4, 1]), 2.5);
});

test('one wrong run makes a subject wrong, and a wrong peer is never the best', () => {
  const fast = summary('fast', 'peer', [run(1, true), run(1, false)]);
  const slow = summary('slow', 'peer', [run(5, true)]);
  const slower = summary('slower', 'peer', [run(9, true)]);
  assert.equal(fast.right, false);
  assert.equal(fast.why, '3 packets instead of 4');
  assert.equal(bestPeer([slower, fast, slow, summary('ours', 'ours', [run(0.1, true)])]).name, 'slow');
  assert.equal(bestPeer([fast]), undefined);
});
