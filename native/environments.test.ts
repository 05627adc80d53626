import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Engine } from './engine.js';
import { flowColumns } from './generated/flow-fields.js';
import { scratchDirectory, until } from './testing/batches.js';
import { writeTrafficFile } from './traffic.js';

const scratch = scratchDirectory();
const file = scratch.path('traffic.pcap');
const engine = Engine.shared();
const addon = process.env['WIREGLASS_ADDON'] ?? join(__dirname, 'build/release/addon/wireglass_addon.node');
const endless = {
  kind: 'traffic',
  profile: 'demo',
  packets: 0,
  packetsPerSecond: 20_000,
  paced: true,
} as const;
const prelude = `const addon = require(${JSON.stringify(addon)}); const endless = ${JSON.stringify(endless)};`;

/** A worker thread with the addon; `messages` are what it posted. */
function worker(code: string): { thread: Worker; messages: unknown[] } {
  const thread = new Worker(`${prelude} const { parentPort } = require('node:worker_threads'); ${code}`, {
    eval: true,
  });
  const messages: unknown[] = [];
  thread.on('message', (message) => messages.push(message));
  return { thread, messages };
}

/** Runs a script in a Node process of its own that must end by itself. */
function script(code: string): { status: number | null; signal: string | null; stdout: string } {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['-e', `${prelude} ${code}`], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, signal, stdout: stdout + stderr };
}

beforeAll(async () => {
  await writeTrafficFile(file, { profile: 'ordinary', packets: 100_000, flows: 20_000, seed: 7 });
});
afterAll(() => scratch.remove());

describe('an engine shared by worker threads', () => {
  it('has handed all batches to another environment when finished() resolves', async () => {
    const { thread, messages } = worker(`
      const at = ${JSON.stringify(flowColumns.filter(({ name }) => /^(rev_)?packets$/.test(name)))};
      let packets = 0;
      const subscription = addon.subscribe((batch) => {
        for (const { offset } of at) {
          for (const value of new BigUint64Array(batch.columns, offset, batch.rows)) packets += Number(value);
        }
      }, 2);
      parentPort.on('message', async () => {
        await subscription.drained();
        subscription.close();
        parentPort.postMessage(packets);
        parentPort.close();
      });
      parentPort.postMessage('ready');`);
    await until(() => messages.length === 1);
    await engine.start({ source: { kind: 'files', paths: [file] } });
    await engine.finished();
    thread.postMessage('flush');
    await until(() => messages.length === 2);
    expect(messages[1]).toBe(100_000);
    await thread.terminate();
  });

  it('goes on when a thread that started the capture and subscribed is terminated', async () => {
    const { thread, messages } = worker(`
      addon.subscribe(() => {}, 1);
      addon.start({ source: endless }).then(() => parentPort.postMessage('started'));
      parentPort.on('message', () => {});`);
    await until(() => messages.length === 1);
    await thread.terminate();
    const before = engine.counters().metered_packets;
    await until(() => engine.counters().metered_packets > before + 100);
    expect(engine.status().state).toBe('running');
    await engine.stop();
  });

  it('does not wait for a subscriber whose thread was terminated while it was busy', async () => {
    const { thread, messages } = worker(`
      addon.subscribe(() => { parentPort.postMessage('busy'); for (;;); }, 1);
      parentPort.on('message', () => {});
      parentPort.postMessage('ready');`);
    await until(() => messages.length === 1);
    await engine.start({ source: { kind: 'files', paths: [file] } });
    await until(() => messages.length === 2);
    expect(engine.status().state).toBe('running');
    await thread.terminate();
    await engine.finished();
    expect(engine.counters().metered_packets).toBe(100_000);
  });

  it('survives threads that come and go', async () => {
    await engine.start({ source: endless });
    for (let round = 0; round < 10; ++round) {
      const { thread, messages } = worker(`
        addon.subscribe(() => {}, 1); addon.requestSnapshot(); addon.finished();
        parentPort.postMessage('ready'); parentPort.on('message', () => {});`);
      await until(() => messages.length === 1);
      await thread.terminate();
    }
    await engine.stop();
    expect(engine.status().state).toBe('finished');
  });
});

describe('a process that ends', () => {
  it('ends cleanly with a running capture that nobody stopped', () => {
    const { status, signal, stdout } = script(`
      addon.subscribe(() => {}, 4);
      addon.start({ source: endless }).then(() => { console.log('started'); });`);
    expect({ status, signal, stdout }).toEqual({ status: 0, signal: null, stdout: 'started\n' });
  });

  it('ends cleanly by process.exit() in a callback, with batches queued and a recording open', () => {
    const directory = scratch.path('recording');
    const { status, signal, stdout } = script(`
      addon.subscribe(() => process.exit(7), 64);
      addon.start({ source: { kind: 'files', paths: ${JSON.stringify(Array<string>(20).fill(file))} },
                    recording: { directory: ${JSON.stringify(directory)}, sensor: 1 } });
      setTimeout(() => {}, 15000);`);
    expect({ status, signal, stdout }).toEqual({ status: 7, signal: null, stdout: '' });
  });

  it('ends cleanly while worker threads hold subscriptions', () => {
    const { status, signal, stdout } = script(`
      const { Worker } = require('node:worker_threads');
      const code = 'const addon = require(' + JSON.stringify(${JSON.stringify(addon)}) + ');' +
        'addon.subscribe(() => {}, 1); require("node:worker_threads").parentPort.on("message", () => {});';
      for (let index = 0; index < 3; ++index) new Worker(code, { eval: true });
      addon.start({ source: endless }).then(() => setTimeout(() => process.exit(3), 700));`);
    expect({ status, signal, stdout }).toEqual({ status: 3, signal: null, stdout: '' });
  });

  it('waits for a promise that is open', () => {
    const { status, stdout } = script(`
      let rows = 0;
      addon.subscribe((batch) => { rows += batch.rows; }, 1);
      addon.start({ source: { kind: 'files', paths: [${JSON.stringify(file)}] } })
        .then(() => addon.finished())
        .then(() => console.log(rows === addon.counters().records && rows > 0));`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'true\n' });
  });

  it('hears of an exception in a subscriber', () => {
    const { status, stdout } = script(`
      process.on('uncaughtException', (error) => { console.log(error.message); process.exit(5); });
      addon.subscribe(() => { throw new Error('mine'); }, 1);
      addon.start({ source: { kind: 'files', paths: [${JSON.stringify(file)}] } }).then(() => addon.finished());`);
    expect({ status, stdout }).toEqual({ status: 5, stdout: 'mine\n' });
  });
});
