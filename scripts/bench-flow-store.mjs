// `node scripts/bench-flow-store.mjs`: does the store of flow records keep up, and do readers wait for it? Offers paced
// batches of records and meanwhile asks for the ten heaviest sources of the last minute, and for a page of the newest
// flows. Prints one JSON object. See docs/PERFORMANCE.md for what came out.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setImmediate as otherTurns, setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const require = createRequire(import.meta.url);
const dist = (path) => require(fileURLToPath(new URL(`../collector/dist/${path}`, import.meta.url)));

/** Batches like those of the core, with other addresses, ports and times each. */
class Batches {
  constructor() {
    const { batchesOf, makeRecord } = dist('stores/duckdb/flows/test-batches.js');
    const { columnNamed, numbersOf } = dist('model/columns.js');
    const names = ['', 'www.example.com', 'api.example.net', 'cdn.example.org'];
    const records = Array.from({ length: 2_048 }, (_, row) =>
      makeRecord({ tls_sni: names[row % 4], interface: 'eth0' }),
    );
    [this.template] = batchesOf(records);
    this.view = (batch, name) => numbersOf(batch, columnNamed(name).place);
    this.flow = 1;
  }

  next() {
    const batch = { ...this.template, columns: this.template.columns.slice(0) };
    const random = (limit) => Math.floor(Math.random() * limit);
    const fill = (name, value) => {
      const view = this.view(batch, name);
      for (let row = 0; row < view.length; row++) view[row] = value(row);
    };
    const now = BigInt(Date.now()) * 1_000_000n;
    const lives = Array.from({ length: 2_048 }, () => BigInt(random(15_000)) * 1_000_000n);
    const ended = Array.from({ length: 2_048 }, () => now - BigInt(random(1_000)) * 1_000_000n);
    const base = 0xffff_0a00_0000n;
    fill('flow_id', () => BigInt(this.flow++));
    fill('src_addr_lo', () => base + BigInt(random(60_000)));
    fill('dst_addr_lo', () => base + BigInt(random(60_000)));
    fill('src_port', () => 1_024 + random(60_000));
    fill('dst_port', () => random(2_000));
    fill('bytes', () => BigInt(random(100_000)));
    fill('rev_bytes', () => BigInt(random(100_000)));
    fill('end_ns', (row) => ended[row]);
    fill('start_ns', (row) => ended[row] - lives[row]);
    return batch;
  }
}

async function worker() {
  const { DatabaseHost } = dist('stores/duckdb/database-host.js');
  const { FlowStorage } = dist('stores/duckdb/flows/flow-storage.js');
  const { settings, rate, seconds } = workerData;
  const host = await DatabaseHost.open(settings);
  const engine = { status: () => ({ state: 'idle' }), requestSnapshot: () => 1 };
  const log = (level, message) => process.stderr.write(`${level}: ${message}\n`);
  const storage = await FlowStorage.open(host, settings, engine, log);
  const ask = {
    sum: (query) => storage.aggregate(query, AbortSignal.timeout(60_000)),
    page: (query) => storage.query(query),
    // next to no work: what it takes is what a reader waits for others
    least: () => storage.read({}, async () => null),
  };
  const asked = new Set();
  parentPort.on('message', ({ id, kind, query }) => {
    const answer = ask[kind](query)
      .then(
        () => parentPort.postMessage({ id }),
        (error) => parentPort.postMessage({ id, error: String(error) }),
      )
      .finally(() => asked.delete(answer));
    asked.add(answer);
  });
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const batches = new Batches();
  const began = performance.now();
  const cpuBefore = process.cpuUsage();
  delay.enable();
  parentPort.postMessage({ ready: true });
  let offered = 0;
  let heldMs = 0;
  let lag = 0;
  while (performance.now() - began < seconds * 1_000) {
    if (offered < (rate * (performance.now() - began)) / 1_000) {
      const held = storage.offer(batches.next());
      offered += 2_048;
      if (held !== null) {
        const since = performance.now();
        await held;
        heldMs += performance.now() - since;
      }
      // others have their turn between batches
      await otherTurns();
    } else await sleep(2);
    lag = Math.max(lag, storage.stats().sealingLagS);
  }
  const tookS = (performance.now() - began) / 1_000;
  await storage.flush();
  delay.disable();
  const stats = storage.stats();
  parentPort.postMessage({
    done: {
      offered,
      per_second: Math.round(offered / tookS),
      cpu_s: cpuSince(cpuBefore),
      held_ms: Math.round(heldMs),
      event_loop_delay_ms: { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 },
      longest_sealing_lag_s: Math.round(lag),
      stats,
    },
  });
  await Promise.all(asked);
  await storage.close();
  host.close();
  parentPort.close();
}

const cpuSince = (before) => {
  const { user, system } = process.cpuUsage(before);
  return Math.round((user + system) / 1e5) / 10;
};

const percentiles = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  return { n: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
};

function optionsOf() {
  const text = (standard) => ({ type: 'string', default: standard });
  const { values } = parseArgs({
    options: {
      rate: text('50000'),
      seconds: text('60'),
      'seal-rows': text(''),
      'checkpoint-mb': text(''),
      'memory-mb': text(''),
      readers: text('sum,page,least'),
      directory: text(tmpdir()),
    },
  });
  return values;
}

function settingsFor(values, directory) {
  const { loadConfig } = dist('config/load.js');
  const { settingsOf } = dist('stores/duckdb/root.js');
  const { config } = loadConfig({ environment: {}, flags: { data_dir: directory } });
  const { database, flows } = settingsOf(config);
  const settings = { ...database, ...flows };
  if (values['seal-rows'] !== '') settings.sealRows = Number(values['seal-rows']);
  if (values['checkpoint-mb'] !== '') settings.checkpointBytes = Number(values['checkpoint-mb']) << 20;
  if (values['memory-mb'] !== '') settings.memoryLimitMb = Number(values['memory-mb']);
  return settings;
}

/** The readers' side: asks, and notes how long each answer took. */
class Readers {
  latencies = { sum: [], page: [], least: [] };
  errors = [];
  result = null;
  #waiting = new Map();
  #id = 0;

  constructor(thread, kinds) {
    this.thread = thread;
    this.kinds = kinds;
    this.exited = new Promise((resolve) => thread.once('exit', resolve));
    this.ready = new Promise((ready, failed) => {
      thread.on('error', failed);
      thread.on('message', (message) => {
        if (message.ready) ready();
        else if (message.done) this.result = message.done;
        else this.#waiting.get(message.id)?.(message);
      });
    });
  }

  async ask(kind, query) {
    if (!this.kinds.includes(kind)) return;
    const began = performance.now();
    const id = ++this.#id;
    this.thread.postMessage({ id, kind, query });
    const { error } = await new Promise((resolve) => this.#waiting.set(id, resolve));
    if (error === undefined) this.latencies[kind].push(performance.now() - began);
    else this.errors.push(error);
  }
}

async function main() {
  const values = optionsOf();
  const { parseMeasure } = dist('query/measures.js');
  const directory = mkdtempSync(join(values.directory, 'wireglass-bench-'));
  const thread = new Worker(fileURLToPath(import.meta.url), {
    workerData: {
      settings: settingsFor(values, directory),
      rate: Number(values.rate),
      seconds: Number(values.seconds),
    },
  });
  const readers = new Readers(thread, values.readers.split(','));
  await readers.ready;
  const measures = [parseMeasure('total_bytes')];
  let peakRss = 0;
  while (readers.result === null) {
    const nowNs = BigInt(Date.now()) * 1_000_000n;
    const range = { fromNs: nowNs - 60_000_000_000n, toNs: nowNs };
    const sum = { ...range, intervalNs: null, measures, groupBy: 'src_addr', top: 10, exact: false };
    const page = { scope: 'stored', sort: { field: 'end_ns', descending: true }, limit: 100 };
    const asked = [readers.ask('sum', sum), readers.ask('page', page), readers.ask('least', null)];
    await Promise.race([Promise.all([...asked, sleep(200)]), readers.exited]);
    peakRss = Math.max(peakRss, process.memoryUsage.rss());
  }
  await readers.exited;
  rmSync(directory, { recursive: true, force: true });
  const { sum, page, least } = readers.latencies;
  const answers = {
    top_10_ms: percentiles(sum),
    page_ms: percentiles(page),
    least_ms: percentiles(least),
    errors: readers.errors.slice(0, 3),
    peak_rss_mb: peakRss >> 20,
  };
  process.stdout.write(`${JSON.stringify({ ...readers.result, ...answers }, null, 2)}\n`);
}

await (isMainThread ? main() : worker());
