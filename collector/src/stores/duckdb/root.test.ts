// Runs the compiled worker with the real engine: `npm run build` first.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Engine } from '@wireglass/native';
import { loadConfig } from '../../config/load.js';
import type { FlowStore } from '../flows/flow-store.js';
import { createEmbeddedStore, type EmbeddedStore } from './root.js';

const flows = 70_000;
let directory: string;
let stores: EmbeddedStore;
let store: FlowStore;

/** A classic pcap with one UDP packet per flow, a microsecond apart. */
function pcapOfFlows(count: number): Buffer {
  const header = Buffer.alloc(24);
  [0xa1b2c3d4, 0x0004_0002, 0, 0, 65_535, 1].forEach((word, index) => header.writeUInt32LE(word, index * 4));
  const packet = Buffer.alloc(16 + 60);
  packet.writeUInt32LE(1_700_000_000, 0);
  packet.writeUInt32LE(60, 8);
  packet.writeUInt32LE(60, 12);
  packet.writeUInt16BE(0x0800, 16 + 12);
  Buffer.from([0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 9, 0, 0]).copy(packet, 16 + 14);
  Buffer.from([0x9c, 0x40, 0, 53, 0, 26, 0, 0]).copy(packet, 16 + 34);
  const packets = Array.from({ length: count }, (_, index) => {
    const copy = Buffer.from(packet);
    copy.writeUInt32LE(index, 4);
    copy.writeUInt32BE(0x0a09_0000 + index, 16 + 30);
    return copy;
  });
  return Buffer.concat([header, ...packets]);
}

const config = () => loadConfig({ environment: {}, flags: { data_dir: directory } }).config;
const byId = { scope: 'stored', sort: { field: 'flow_id', descending: false } } as const;

async function meter(path: string): Promise<void> {
  await Engine.shared().start({ source: { kind: 'files', paths: [path] }, meter: { firstFlowId: 1n } });
  await Engine.shared().finished();
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wireglass-store-'));
  writeFileSync(join(directory, 'flows.pcap'), pcapOfFlows(flows));
  stores = createEmbeddedStore({}, config());
  store = stores.flows;
});

afterEach(async () => {
  await stores.stop();
  rmSync(directory, { recursive: true });
});

describe('the embedded store', () => {
  it('has every record that the engine made, after flush and after a restart', async () => {
    await stores.start();
    await meter(join(directory, 'flows.pcap'));
    await store.flush();
    expect(Engine.shared().counters().records).toBe(flows);
    expect(await store.stats()).toMatchObject({
      rowsStored: flows,
      rowsLost: 0,
      batchesWaiting: 0,
      lastError: null,
    });
    const { flows: page, nextCursor } = await store.query({ ...byId, limit: 2 });
    expect(page.map(({ flow_id, dst_addr, packets, bytes }) => [flow_id, dst_addr, packets, bytes])).toEqual([
      ['1', '10.9.0.0', 1, 46],
      ['2', '10.9.0.1', 1, 46],
    ]);
    expect(nextCursor).not.toBeNull();
    await stores.stop();
    await stores.start();
    expect(await store.stats()).toMatchObject({ rowsStored: flows });
  });

  it('answers errors with their codes across the threads', async () => {
    await expect(store.query({ ...byId, limit: 1 })).rejects.toMatchObject({ code: 'store_not_running' });
    await stores.start();
    await expect(store.query({ ...byId, limit: 1, cursor: 'x' })).rejects.toMatchObject({
      code: 'bad_cursor',
      status: 400,
    });
    await expect(store.query({ ...byId, limit: 0 })).rejects.toMatchObject({ code: 'bad_request' });
    await stores.stop();
    await expect(store.stats()).rejects.toMatchObject({ code: 'store_not_running' });
    await expect(stores.stop()).resolves.toBeUndefined();
  });

  it('refuses to start on a file that another store has', async () => {
    await stores.start();
    const script = `
      const { createEmbeddedStore } = require(process.argv[1]);
      const { loadConfig } = require(process.argv[2]);
      createEmbeddedStore({}, loadConfig({ environment: {}, flags: { data_dir: process.argv[3] } }).config)
        .start().then(() => console.log('started'), (error) => console.log(error.code, error.message));`;
    const output = await run(script, [directory]);
    expect(output.text).toMatch(
      new RegExp(`^store_locked .*flows\\.duckdb is in use by process ${process.pid}`),
    );
  });

  it('finds every committed row after kill -9', async () => {
    const script = `
      const { createEmbeddedStore } = require(process.argv[1]);
      const { loadConfig } = require(process.argv[2]);
      const { Engine } = require('@wireglass/native');
      (async () => {
        const stores = createEmbeddedStore({}, loadConfig({ environment: {}, flags: { data_dir: process.argv[3] } }).config);
        await stores.start();
        await Engine.shared().start({ source: { kind: 'files', paths: [process.argv[4]] }, meter: { firstFlowId: 1n } });
        await Engine.shared().finished();
        await stores.flows.flush();
        console.log((await stores.flows.stats()).rowsStored);
        process.kill(process.pid, 'SIGKILL');
      })();`;
    const output = await run(script, [directory, join(directory, 'flows.pcap')]);
    expect(output).toEqual({ text: String(flows), signal: 'SIGKILL' });
    await stores.start();
    expect((await store.stats()).rowsStored).toBe(flows);
    const { flows: page } = await store.query({ ...byId, limit: 1_000 });
    expect(page).toHaveLength(1_000);
  });
});

async function run(script: string, argv: string[]): Promise<{ text: string; signal: NodeJS.Signals | null }> {
  const built = resolve(__dirname.replace('/src/', '/dist/'));
  if (!existsSync(built)) throw new Error('not built: npm run build');
  const modules = [join(built, 'root.js'), join(built, '../../config/load.js')];
  const child = spawn(process.execPath, ['-e', script, ...modules, ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: resolve(built, '../../../..'),
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const signal = await new Promise<NodeJS.Signals | null>((done) => child.once('exit', (_, by) => done(by)));
  return { text: text.trim(), signal };
}
