import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkTotals } from './check.mjs';

const input = { ledger: { packets: 100, bytes: 64_00, ip_bytes: 40_00 }, flows: 20 };

test('totals are right in IP octets, frame octets, or frames without their Ethernet header', () => {
  const octets = (count) => checkTotals({ packets: 100, octets: count }, input);
  assert.deepEqual(octets(4000), { right: true, octets: 'IP octets', why: '' });
  assert.deepEqual(octets(6400), { right: true, octets: 'frame octets', why: '' });
  assert.equal(octets(5000).octets, 'frame octets without the Ethernet header');
});

test('what differs is named with what was said and what is true', () => {
  const cases = [
    [{ packets: 99, octets: 4000 }, /^99 packets instead of 100$/],
    [{ packets: 100, octets: 4001 }, /^4001 octets instead of 4000 \(IP\) or 6400 \(frames\)$/],
    [{ packets: 100, octets: 4000, flows: 21 }, /^21 flows instead of 20$/],
    [{ packets: 1, octets: 2, flows: 3 }, /packets.*octets.*flows/],
    [{ packets: 100, octets: 4000, lost: '3 export messages' }, /3 export messages: the receiver's loss/],
    [null, /nothing that can be checked/],
  ];
  for (const [totals, why] of cases) {
    const verdict = checkTotals(totals, input);
    assert.equal(verdict.right, false);
    assert.match(verdict.why, why);
  }
});

test('a tool that says packets only is checked for packets only', () => {
  assert.equal(checkTotals({ packets: 100 }, input).right, true);
  assert.equal(checkTotals({ packets: 101 }, input).right, false);
});
