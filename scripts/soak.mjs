// `npm run soak`: the service under load for minutes, with queries beside it. What it shows: how long queries and the
// event loop's answers took, memory over time, and whether every store's totals equal the ledger at the end.
import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fail, root, say } from './lib/shell.mjs';
import { latencies, ServiceUnderTest } from './lib/store/service.mjs';

const help = `npm run soak -- [options]

  --minutes N            how long (10)
  --flows-per-second N   connections that begin per second (50000)
  --packets-per-flow N   packets of each on average (3)
  --query-ms N           pause between queries (200)
  --place DIRECTORY      where the data directory is made (the system's temporary directory)
  --keep                 leave the data directory
`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    'flows-per-second': { type: 'string', default: '50000' },
    'packets-per-flow': { type: 'string', default: '3' },
    'query-ms': { type: 'string', default: '200' },
    place: { type: 'string', default: tmpdir() },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const number = (name) => {
  const value = Number(values[name]);
  if (!(value > 0)) fail(`--${name} is "${values[name]}"; expected a number above 0\n\n${help}`, 2);
  return value;
};
const minutes = number('minutes');
const flowsPerSecond = number('flows-per-second');
const packetsPerSecond = Math.round(flowsPerSecond * number('packets-per-flow'));
const connections = Math.round(flowsPerSecond * minutes * 60);

/** What is asked in turn, of the last so many seconds. */
const questions = [
  {
    name: 'traffic by protocol, 5 minutes',
    seconds: 300,
    query: { type: 'timeseries', measure: 'bits_per_second', group_by: ['protocol'] },
  },
  {
    name: 'top 10 sources, a minute',
    seconds: 60,
    query: { type: 'top', measures: ['total_bytes'], group_by: ['src_addr'], top: 10 },
  },
  { name: '100 latest flows', seconds: 60, query: { type: 'flows', limit: 100 } },
];

async function ask(service, seen, stopped) {
  for (let turn = 0; !stopped(); turn++) {
    const { name, seconds, query } = questions[turn % questions.length];
    const to = Date.now();
    try {
      const { ms } = await service.query({ from: String(to - seconds * 1000), to: String(to) }, query);
      (seen.queries[name] ??= []).push(ms);
    } catch (error) {
      seen.failed.push(error.message);
    }
    await sleep(number('query-ms'));
  }
}

/** How long the main thread takes to answer what needs no store. */
async function knock(service, seen, stopped) {
  while (!stopped()) {
    const began = performance.now();
    await service.get('/healthz');
    seen.push(performance.now() - began);
    await sleep(100);
  }
}

async function watchMemory(service, seen, stopped) {
  while (!stopped()) {
    seen.push(Math.round(service.residentMb()));
    await sleep(10_000);
  }
}

/** Packets of the whole run as records, roll-ups and metric samples have them. */
async function packetsInStores(service, from) {
  const range = { from: String(from), to: String(Date.now() + 60_000) };
  const sum = async (query, name) =>
    (await service.query(range, query)).frames
      .flatMap(({ schema, data }) => data.values[schema.fields.findIndex((field) => field.name === name)])
      .reduce((total, value) => total + (value ?? 0), 0);
  const top = { type: 'top', measures: ['total_packets'], group_by: ['protocol'] };
  const series = { type: 'timeseries', measure: 'total_packets', source: 'metrics' };
  return {
    records: await sum({ ...top, exact: true }, 'total_packets'),
    roll_ups: await sum(top, 'total_packets'),
    metrics: await sum(series, 'total_packets'),
  };
}

async function main() {
  const directory = mkdtempSync(join(values.place, 'wireglass-soak-'));
  const service = await new ServiceUnderTest().start({ data_dir: directory, 'packets.record': false });
  const seen = { queries: {}, failed: [], healthz: [], memory_mb: [] };
  let over = false;
  const stopped = () => over;
  try {
    say(`${flowsPerSecond} flows and ${packetsPerSecond} packets per second for ${minutes} minutes`);
    const from = Date.now() - 1_000;
    const metering = service.meter({
      kind: 'traffic',
      profile: 'ordinary',
      paced: true,
      packetsPerSecond,
      packets: packetsPerSecond * minutes * 60,
      flows: connections * 2,
      zipf: 0,
      sizes: 'small',
    });
    const watching = [
      ask(service, seen, stopped),
      knock(service, seen.healthz, stopped),
      watchMemory(service, seen.memory_mb, stopped),
    ];
    const { state, counters } = await metering.finally(() => (over = true));
    await Promise.all(watching);
    const stores = await packetsInStores(service, from);
    report({ state, counters, seen, stores });
  } finally {
    over = true;
    await service.stop();
    if (!values.keep) rmSync(directory, { recursive: true, force: true });
  }
}

function report({ state, counters, seen, stores }) {
  const queries = Object.fromEntries(Object.entries(seen.queries).map(([name, ms]) => [name, latencies(ms)]));
  const results = {
    state,
    minutes,
    flows_per_second: flowsPerSecond,
    packets_per_second: packetsPerSecond,
    metered_packets: counters.metered_packets,
    records: counters.records,
    records_dropped: counters.records_dropped,
    flows_evicted: counters.flows_evicted,
    dropped_kernel_packets: counters.dropped_kernel_packets,
    query_ms: queries,
    failed_queries: seen.failed,
    healthz_ms: latencies(seen.healthz),
    memory_mb: seen.memory_mb,
    packets_in_stores: stores,
  };
  mkdirSync(join(root, 'artifacts/soak'), { recursive: true });
  writeFileSync(join(root, 'artifacts/soak/results.json'), `${JSON.stringify(results, null, 2)}\n`);
  say(JSON.stringify(results, null, 2));
  const wrong = Object.entries(stores).filter(([, packets]) => packets !== counters.metered_packets);
  for (const [name, packets] of wrong)
    say(`${name}: ${packets} packets, metered were ${counters.metered_packets}`);
  process.exitCode = wrong.length + seen.failed.length === 0 && state === 'finished' ? 0 : 1;
}

await main();
