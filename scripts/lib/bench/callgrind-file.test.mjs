import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byStage, readCallgrind, stageOf } from './callgrind-file.mjs';

const file = `# callgrind format
version: 1
cmd: meter_run --max-flows 10 a.pcap
positions: line
events: Ir
summary: 124

ob=(1) /build/meter_run
fl=(1) /src/native/core/decode/decoder.cpp
fn=(1) wireglass::Decoder::decode()
10 5
+3 7
cfi=(2) /src/native/core/meter/flow_cache.cpp
cfn=(2) wireglass::Cache::meter()
calls=4 20
* 100
fi=(3) /usr/include/c++/12/bits/stl_vector.h
-2 3
fe=(1)
12 2

fl=(2)
fn=(2)
20 90
* 10
21

fl=(4) ???
fn=(3) memcpy
0 7

totals: 124
`;

test('own costs are counted once, inlined code with its function, called code with the callee', () => {
  const { total, stages } = byStage(file);
  assert.equal(total, 124);
  assert.deepEqual(Object.fromEntries(stages), { decode: 17, meter: 100, 'C library and start-up': 7 });
  assert.equal(stages[0][0], 'meter');
});

test('what is visited sums to the total', () => {
  let sum = 0;
  assert.equal(
    readCallgrind(file, (instructions) => (sum += instructions)),
    124,
  );
  assert.equal(sum, 124);
});

test('stages follow from the source file, shared code from who uses it', () => {
  const cases = [
    ['core/pcapng/pcap_parser.cpp', 'read'],
    ['core/meter/flow_hash.hpp', 'digest and hash'],
    ['core/meter/record_builder.cpp', 'records'],
    ['core/meter/flow_index.cpp', 'meter'],
    ['core/packet/ip_address.hpp', 'worker'],
    ['/build/glibc/string/memmove.S', 'C library and start-up'],
  ];
  for (const [source, stage] of cases) {
    assert.equal(stageOf({ file: source, functionFile: 'core/pipeline/worker.cpp' }), stage, source);
  }
});
