import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Engine } from './engine.js';
import { exportFiles, type PacketExport, type PacketMeasure } from './packet-export.js';
import { PacketStore } from './packet-store.js';
import { scratchDirectory } from './testing/batches.js';
import { writeTrafficFile } from './traffic.js';

const scratch = scratchDirectory();
const file = scratch.path('traffic.pcap');
const packets = 300_000;
const tcp = 'packet_filter_1 protocol inner 6';

beforeAll(async () => {
  await writeTrafficFile(file, { profile: 'ordinary', packets, seed: 3 });
});
afterAll(() => scratch.remove());

async function counted(reading: PacketExport): Promise<{ packets: number; bytes: number; parts: number }> {
  let bytes = 0;
  let parts = 0;
  for (;;) {
    const step = await reading.next();
    bytes += step.data.length;
    parts += 1;
    if (step.done) return { packets: step.packets, bytes, parts };
  }
}

describe('exportFiles', () => {
  it('gives the packets of a file back in bounded parts', async () => {
    const whole = await counted(exportFiles([file], { format: 'pcap_ns' }));
    expect(whole).toMatchObject({ packets, bytes: statSync(file).size });
    expect(whole.parts).toBeGreaterThan(100);
  });

  // Some 380 MB go by; what is held is a part and what the reading keeps open.
  it('needs no more memory for more packets', () => {
    const program = `
      const { exportFiles } = require(${JSON.stringify(join(__dirname, 'dist'))});
      (async () => {
        const reading = exportFiles(Array(6).fill(process.argv[1]), { format: 'pcapng', filter: ${JSON.stringify(tcp)} });
        let bytes = 0, early = 0;
        for (let done = false; !done;) {
          const step = await reading.next();
          done = step.done;
          bytes += step.data.length;
          if (early === 0 && bytes > 50e6) early = process.resourceUsage().maxRSS;
        }
        console.log(JSON.stringify({ bytes, grownKiB: process.resourceUsage().maxRSS - early }));
      })();`;
    const told = JSON.parse(execFileSync(process.execPath, ['-e', program, file], { encoding: 'utf8' })) as {
      bytes: number;
      grownKiB: number;
    };
    expect(told.bytes).toBeGreaterThan(300e6);
    expect(told.grownKiB).toBeLessThan(32 * 1_024);
  });

  it.each([
    [[], { format: 'pcap' }, /paths: expected an array/],
    [[file], { format: 'erf' }, /options.format: expected one of/],
    [[file], {}, /options.format/],
    [[file], { format: 'pcap', limit: -1 }, /options.limit/],
    [[file], { format: 'pcap', fromNs: 5 }, /options.fromNs: expected a bigint/],
    [
      [file],
      { format: 'pcap', filter: 'tcp' },
      /filter program, word 1: expected packet_filter_1, found "tcp"/,
    ],
    [[file], { format: 'pcap', colour: 'red' }, /options.colour is unknown/],
  ])('refuses %j %j', (paths, options, reason) => {
    expect(() => exportFiles(paths, options as { format: 'pcap' })).toThrow(reason);
  });

  it('tells why nothing can be read', async () => {
    await expect(exportFiles(['/nowhere.pcap'], { format: 'csv' }).next()).rejects.toMatchObject({
      code: 'input_unreadable',
    });
  });

  it('takes one step at a time, and none when it is closed', async () => {
    const reading = exportFiles([file], { format: 'pcap' });
    const first = reading.next();
    await expect(reading.next()).rejects.toMatchObject({ code: 'bad_argument' });
    await first;
    const running = reading.next();
    reading.close();
    // ends soon, or has not begun yet
    await running.catch((error: unknown) => expect(error).toMatchObject({ code: 'bad_argument' }));
    await expect(reading.next()).rejects.toMatchObject({
      message: expect.stringMatching('closed') as string,
    });
  });
});

describe('PacketStore.export', () => {
  const directory = scratch.path('packets');
  const store = new PacketStore(directory);
  const ended = async (reading: PacketMeasure) => {
    let step = await reading.next();
    while (!step.done) step = await reading.next();
    return step;
  };

  beforeAll(async () => {
    const engine = Engine.shared();
    await engine.start({
      source: { kind: 'files', paths: [file] },
      recording: { directory, sensor: 3, maxSegmentBytes: 16 << 20 },
    });
    await engine.finished();
  });

  it('gives back what was recorded, and measure() knows how much that is', async () => {
    const whole = await counted(store.export({ format: 'pcap_ns' }));
    expect(whole).toMatchObject({ packets, bytes: statSync(file).size });
    const measured = await ended(store.measure({}));
    expect(measured).toMatchObject({ packets, progress: 1, sizes: { pcap: whole.bytes } });
    const csv = await counted(store.export({ format: 'csv' }));
    expect(Math.abs(measured.sizes.csv / csv.bytes - 1)).toBeLessThan(0.05);
  });

  it('keeps to a filter as a file does', async () => {
    const options = { format: 'pcap', filter: tcp } as const;
    expect(await counted(store.export(options))).toMatchObject({
      packets: (await counted(exportFiles([file], options))).packets,
    });
  });

  it('ends early where the directory is empty', async () => {
    const nothing = new PacketStore(scratch.path('nothing'));
    expect((await counted(nothing.export({ format: 'pcap' }))).bytes).toBe(24);
  });
});
