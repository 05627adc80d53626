// `npm run bench:store`: queries over many stored flows, and nfdump on the same packets beside them.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, has, root, say } from './lib/shell.mjs';
import { latencies, ServiceUnderTest } from './lib/store/service.mjs';

const help = `npm run bench:store -- [options]

Fills a store with flows of seven days from the traffic generator, through the service as it runs, and asks it.

  --flows N           flows in all (100000000)
  --part N            flows that the generator makes at a time (10000000)
  --rounds N          times that each question is asked (3)
  --nfdump            meter one part by nfpcapd, too, and ask nfdump
  --place DIRECTORY   where the data directory is made; 100 bytes per flow are needed (the system's temporary directory)
  --data DIRECTORY    ask a store that --keep left
  --keep              leave the data directory
`;

const { values } = parseArgs({
  options: {
    flows: { type: 'string', default: '100000000' },
    part: { type: 'string', default: '10000000' },
    rounds: { type: 'string', default: '3' },
    nfdump: { type: 'boolean', default: false },
    place: { type: 'string', default: tmpdir() },
    data: { type: 'string' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const count = (name) => {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 1)
    fail(`--${name} is "${values[name]}"; expected a whole number\n\n${help}`, 2);
  return value;
};
const flows = count('flows');
const part = Math.min(count('part'), flows);
const parts = Math.ceil(flows / part);
const dayS = 86_400;
const spanS = 7 * dayS;
const packetsPerFlow = 3;

/** The generator's profile of one part: it fills its share of the seven days that end now. */
function profileOf(index, endS) {
  const secondsPerPart = spanS / parts;
  return {
    profile: 'ordinary',
    seed: index + 1,
    flows: 2 * part,
    packets: packetsPerFlow * part,
    packetsPerSecond: Math.max(1, Math.round((packetsPerFlow * part) / secondsPerPart)),
    zipf: 0.5,
    sizes: 'small',
    ipv6Percent: 10,
    snaplen: 96,
    startNs: BigInt(Math.round((endS - spanS + index * secondsPerPart) * 1e9)),
  };
}

const bySeries = (measure, ...group_by) => ({ type: 'timeseries', measure, group_by });
const byTop = (...group_by) => ({ type: 'top', measures: ['total_bytes'], group_by, top: 10 });
const questions = [
  { name: 'time series, 7 days', seconds: spanS, query: bySeries('bits_per_second') },
  { name: 'time series by protocol, 7 days', seconds: spanS, query: bySeries('bits_per_second', 'protocol') },
  { name: 'top 10 services, 24 hours', seconds: dayS, query: byTop('protocol', 'dst_port') },
  { name: 'top 10 sources, 24 hours', seconds: dayS, query: byTop('src_addr') },
  { name: 'top 10 conversations, 24 hours', seconds: dayS, query: byTop('src_addr', 'dst_addr') },
  {
    name: 'top 10 sources of one port, 24 hours',
    seconds: dayS,
    query: { ...byTop('src_addr'), filter: 'dst port 443' },
  },
  {
    name: 'top 10 of (source, destination port), 24 hours',
    seconds: dayS,
    query: byTop('src_addr', 'dst_port'),
  },
  {
    name: 'top 10 of (source, destination port), 7 days',
    seconds: spanS,
    query: byTop('src_addr', 'dst_port'),
  },
];

async function fill(service, endS) {
  const began = performance.now();
  for (let index = 0; index < parts; index++) {
    const { state } = await service.meter({
      kind: 'traffic',
      paced: false,
      ...plain(profileOf(index, endS)),
    });
    if (state !== 'finished') throw new Error(`the capture ${state}`);
    const seconds = (performance.now() - began) / 1000;
    say(
      `${(index + 1) * part} flows after ${seconds.toFixed(0)} s, ${service.residentMb().toFixed(0)} MiB resident`,
    );
  }
  return { flows: parts * part, seconds: (performance.now() - began) / 1000 };
}

/** Messages between processes carry no bigint. */
const plain = ({ startNs, ...profile }) => ({ ...profile, startNs: String(startNs) });

async function askAll(service, endS) {
  const results = [];
  for (const { name, seconds, query } of questions) {
    const times = [];
    let meta = null;
    for (let round = 0; round < count('rounds'); round++) {
      const { ms, frames } = await service.query(
        { from: String((endS - seconds) * 1000), to: String(endS * 1000) },
        query,
      );
      times.push(ms);
      meta = frames[0]?.schema?.meta?.custom ?? null;
    }
    results.push({ name, ...latencies(times), first: times[0], meta });
    say(`${name}: ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  }
  return results;
}

/** One part as nfpcapd meters it, and what nfdump takes to find its heaviest. */
async function askNfdump(directory, endS) {
  const require = createRequire(import.meta.url);
  const { writeTrafficFile } = require(join(root, 'native/dist/index.js'));
  const [pcap, records] = [join(directory, 'part.pcap'), join(directory, 'nfdump')];
  await writeTrafficFile(pcap, profileOf(0, endS));
  mkdirSync(records);
  execFileSync('nfpcapd', ['-r', pcap, '-w', records], { stdio: 'ignore' });
  rmSync(pcap);
  const timed = (args) => {
    const began = performance.now();
    execFileSync('nfdump', ['-R', records, ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 1 << 28,
    });
    return performance.now() - began;
  };
  const stated = execFileSync('nfdump', ['-R', records, '-I'], { encoding: 'utf8' });
  const stored = [...stated.matchAll(/^Flows: (\d+)$/gm)].reduce((sum, match) => sum + Number(match[1]), 0);
  return {
    records: stored,
    'top 10 sources': timed(['-s', 'srcip/bytes', '-n', '10']),
    'top 10 of (source, destination port)': timed(['-A', 'srcip,dstport', '-O', 'bytes', '-c', '10']),
  };
}

/** Where a store that is kept says when its days end, and how to ask it. */
const noteOf = (directory) => join(directory, 'bench.json');

async function main() {
  const kept = values.data === undefined ? null : JSON.parse(readFileSync(noteOf(values.data), 'utf8'));
  const directory = values.data ?? mkdtempSync(join(values.place, 'wireglass-store-'));
  const { bavail, bsize } = statfsSync(directory);
  const needed = flows * 150;
  if (kept === null && bavail * bsize < needed) {
    fail(`${directory} has ${(bavail * bsize) / 1e9} GB free; about ${needed / 1e9} GB are needed`);
  }
  if (values.nfdump && !has('nfpcapd')) fail('--nfdump needs nfpcapd: apt-get install nfdump');
  const settings = {
    data_dir: join(directory, 'data'),
    'packets.record': false,
    'flows.max_total_bytes': 1e12,
  };
  const service = await new ServiceUnderTest().start(settings, kept?.token);
  const results = { date: new Date().toISOString(), cpus: cpus().length, model: cpus()[0]?.model };
  const endS = kept?.endS ?? Math.floor(Date.now() / 1000);
  try {
    if (kept === null) results.fill = await fill(service, endS);
    results.queries = await askAll(service, endS);
    if (values.nfdump) results.nfdump = await askNfdump(directory, endS);
  } finally {
    await service.stop();
    if (values.keep) writeFileSync(noteOf(directory), JSON.stringify({ endS, token: service.token }));
    else if (kept === null) rmSync(directory, { recursive: true, force: true });
    say(values.keep ? `the store is in ${directory}` : 'done');
  }
  mkdirSync(join(root, 'artifacts/bench'), { recursive: true });
  writeFileSync(join(root, 'artifacts/bench/store.json'), `${JSON.stringify(results, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
}

await main();
