// Cost per packet by the number of live flows: inputs in which all flows are open at once and packets are spread
// evenly over them, the case that caches help least.
import { say } from '../shell.mjs';
import { checkTotals } from './check.mjs';
import { makeInput, warmCache } from './inputs.mjs';
import { measure } from './measure.mjs';
import { median } from './statistics.mjs';
import { runMeter } from './wireglass.mjs';

const liveFlows = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];
const packetsPerInput = 10_000_000;
/** Packets per microsecond of trace time: no timeout comes in. */
const packetsPerSecond = 20_000_000;

/** Steady packets are as many as the opening ones at least. */
function liveInput(context, flows, packets) {
  const total = Math.max(packets, 2 * flows);
  return makeInput(context, `live-${flows}-${total}`, 'live', [
    ...[
      '--all-live',
      '--zipf',
      '0',
      '--sizes',
      'small',
      '--snaplen',
      '96',
      '--rate',
      String(packetsPerSecond),
    ],
    ...['--flows', String(2 * flows), '--packets', String(total)],
  ]);
}

/** What one run of a program said of its phases, checked. */
function phases(name, run, said, totals, input) {
  const verdict = checkTotals(totals, input);
  if (!verdict.right) throw new Error(`${name} on ${input.path}: ${verdict.why}`);
  return {
    steadyNs: (said.steady_cpu_seconds / said.steady_packets) * 1e9,
    wholeNs: (run.cpuSeconds / totals.packets) * 1e9,
    peakBytes: run.peakBytes,
    cacheBytes: said.cache_bytes,
    flowsEvicted: said.flows_evicted,
  };
}

async function meterLive(input, flows, context) {
  const room = Math.max(4096, flows + (flows >> 4));
  const args = ['--max-flows', String(room), '--intervals', '1', '--warm-up-packets', String(flows)];
  const run = await runMeter(input, context, args);
  if (!run.ok) throw new Error(`meter_run on ${input.path}: ${run.output}`);
  return phases('Wireglass', run, run.said, run.totals, input);
}

async function loopLive(input, flows, context) {
  const args = ['count', input.path, String(2 * flows), String(flows)];
  const run = await measure(context, context.program('minimal_loop'), args);
  if (!run.ok) throw new Error(`minimal_loop on ${input.path}: ${run.output}`);
  const said = JSON.parse(run.output);
  return phases('the minimal loop', run, said, { packets: said.packets, octets: said.ip_bytes }, input);
}

function medians(runs) {
  const of = (key) => median(runs.map((run) => run[key]));
  return {
    steadyNs: of('steadyNs'),
    wholeNs: of('wholeNs'),
    peakBytes: Math.max(...runs.map((run) => run.peakBytes)),
    cacheBytes: runs[0].cacheBytes,
    flowsEvicted: runs[0].flowsEvicted,
    runs,
  };
}

/** Every size each round, so that what disturbs one disturbs all. A wrong result ends it: it must not happen. */
export async function scaling(options, context) {
  const packets = options.packets ?? packetsPerInput;
  const sizes = options.packets === undefined ? liveFlows : liveFlows.filter((flows) => flows <= packets / 4);
  const rows = sizes.map((flows) => ({
    flows,
    input: liveInput(context, flows, packets),
    meter: [],
    loop: [],
  }));
  for (let round = 0; round < options.rounds; ++round) {
    for (const row of rows) {
      say(`${row.flows} live flows, round ${round + 1} of ${options.rounds}`);
      if (round === 0) warmCache(row.input);
      row.meter.push(await meterLive(row.input, row.flows, context));
      row.loop.push(await loopLive(row.input, row.flows, context));
    }
  }
  return rows.map(({ flows, input, meter, loop }) => ({
    flows,
    packets: input.ledger.packets,
    meter: medians(meter),
    loop: medians(loop),
  }));
}
