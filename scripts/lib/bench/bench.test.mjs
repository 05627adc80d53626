// The whole suite once, small: that it runs, and that Wireglass and the loop are right. A peer may be wrong (pmacctd
// loses packets on a busy machine), but not without a reason told. Speed is not tested.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { spawnSync } from 'node:child_process';
import { root } from '../shell.mjs';

const configured = existsSync(join(root, 'native/build/dev/CMakeCache.txt'));

test('a small run of everything', { skip: configured ? false : 'the dev preset is not built' }, () => {
  const output = mkdtempSync(join(tmpdir(), 'wireglass-bench-'));
  try {
    const args = [
      '--build',
      'dev',
      '--packets',
      '20000',
      '--rounds',
      '1',
      '--inputs',
      'a,d',
      '--output',
      output,
    ];
    const result = spawnSync(process.execPath, [join(root, 'scripts/bench.mjs'), ...args], {
      encoding: 'utf8',
    });
    assert.equal(result.status, 0, result.stderr);
    const results = JSON.parse(readFileSync(join(output, 'results.json'), 'utf8'));
    checkCompared(results.compare);
    assert.deepEqual(
      results.scaling.map(({ flows }) => flows),
      [1000],
    );
    assert.ok(results.scaling[0].meter.steadyNs > 0 && results.scaling[0].loop.steadyNs > 0);
    assert.ok(results.memory.probe.read_gb_per_s > 0);
    const text = readFileSync(join(output, 'results.md'), 'utf8');
    assert.match(text, /\| Wireglass \|.*right, IP octets/);
    assert.doesNotMatch(text, /undefined|NaN/);
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
});

function checkCompared(compared) {
  assert.deepEqual(
    compared.map(({ input }) => [input.name, input.ledger.packets]),
    ['a', 'd'].map((name) => [name, 20000]),
  );
  for (const { input, subjects } of compared) {
    for (const subject of subjects) {
      const told = subject.kind === 'peer' && subject.why !== '';
      assert.ok(subject.right || told, `${subject.name} on ${input.name}: ${subject.why}`);
      assert.ok(subject.cpuSeconds > 0 && subject.peakBytes > 0, subject.name);
    }
    const names = subjects.map(({ name }) => name);
    for (const needed of ['Wireglass', 'minimal loop']) assert.ok(names.includes(needed), needed);
  }
}
