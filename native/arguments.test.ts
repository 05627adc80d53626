import { Engine } from './engine.js';
import { PacketStore } from './packet-store.js';
import { writeTrafficFile } from './traffic.js';

const files = { kind: 'files', paths: ['x.pcap'] };
const live = { kind: 'live', interface: 'lo', backend: 'auto' };

// Callers in JavaScript pass what the types forbid.
const start = async (options: unknown): Promise<void> => Engine.shared().start(options as never);

describe('engine options', () => {
  it.each([
    [undefined, 'options: expected an object, got undefined.'],
    [[], 'options: expected an object, got an array.'],
    [{}, 'options.source.kind: expected one of "files", "live", "traffic", got undefined.'],
    [{ source: { kind: 'toString' } }, 'options.source.kind: expected one of'],
    [
      { source: { kind: 'files', paths: [] } },
      'options.source.paths: expected an array of 1 to 100000 strings, got an array.',
    ],
    [
      { source: { kind: 'files', paths: ['a', ''] } },
      'options.source.paths[1]: expected a non-empty string, got "".',
    ],
    [{ source: { kind: 'files', paths: ['a\0b'] } }, 'options.source.paths[0]: expected a non-empty string'],
    [
      { source: { ...live, interface: '' } },
      'options.source.interface: expected a non-empty string, got "".',
    ],
    [
      { source: { ...live, backend: 'pf_ring' } },
      'options.source.backend: expected one of "auto", "af_packet", "libpcap", got "pf_ring".',
    ],
    [
      { source: { ...live, snaplen: 63 } },
      'options.source.snaplen: expected a whole number from 64 to 262144, got 63.',
    ],
    [
      { source: { ...live, bufferSizeMB: 1 } },
      'options.source.bufferSizeMB is unknown; known are kind, interface,',
    ],
    [
      { source: { kind: 'traffic', profile: 'none' } },
      'options.source.profile: expected one of "ordinary", "lisp_ai", "demo", "tunnels", got "none".',
    ],
    [
      { source: { kind: 'traffic', profile: 'demo', packets: -1 } },
      'options.source.packets: expected a whole number from 0',
    ],
    [
      { source: files, meter: { maxFlows: 4_095 } },
      'options.meter.maxFlows: expected a whole number from 4096 to 16777216, got 4095.',
    ],
    [
      { source: files, meter: { idleTimeoutMs: 1.5 } },
      'options.meter.idleTimeoutMs: expected a whole number from 1 to 86400000, got 1.5.',
    ],
    [
      { source: files, meter: { idleTimeoutMs: NaN } },
      'options.meter.idleTimeoutMs: expected a whole number',
    ],
    [{ source: files, meter: { firstFlowId: 1 } }, 'options.meter.firstFlowId: expected a bigint from 1n'],
    [
      { source: files, recording: { sensor: 1 } },
      'options.recording.directory: expected a non-empty string, got undefined.',
    ],
    [
      { source: files, recording: { directory: '/x', sensor: 2 ** 32 } },
      'options.recording.sensor: expected a whole number from 0 to 4294967295, got 4294967296.',
    ],
    [
      { source: files, countConversations: 'yes' },
      'options.countConversations: expected true or false, got "yes".',
    ],
    [
      { source: files, udpPorts: { vxlan: [0] } },
      'options.udpPorts.vxlan: expected at most 16 different ports from 1 to 65535, got "[0]".',
    ],
    [{ source: files, udpPorts: { vxlan: 4_789 } }, 'options.udpPorts.vxlan: expected at most 16 different'],
    [{ source: files, udpPorts: { lisp: [5, 5] } }, 'options.udpPorts.lisp: expected at most 16 different'],
    [{ source: files, maxIpLayers: 0 }, 'options.maxIpLayers: expected a whole number from 1 to 6'],
    [{ source: files, maxHeaders: 25 }, 'options.maxHeaders: expected a whole number from 1 to 24'],
    [{ source: files, fragments: { timeoutMs: 0 } }, 'options.fragments.timeoutMs: expected a whole'],
    [{ source: files, fragments: { size: 4 } }, 'options.fragments.size is unknown; known are maxDatagrams'],
    [
      { source: files, udpPorts: { wg: [1] } },
      'options.udpPorts.wg is unknown; known are lisp, lisp_control',
    ],
    [
      { source: files, udpPorts: { vxlan: [4_790] } },
      'options.udpPorts: expected ports of one protocol each, got "4790 for vxlan and vxlan_gpe".',
    ],
  ])('refuses %j', async (options, message) => {
    await expect(start(options)).rejects.toMatchObject({
      name: 'NativeError',
      code: 'bad_argument',
      message: expect.stringContaining(message) as string,
    });
  });
});

describe('subscribe', () => {
  it.each([
    [undefined, {}, 'onBatch: expected a function'],
    [() => {}, { queueSize: 0 }, 'options.queueSize: expected a whole number from 1 to 4096, got 0.'],
    [() => {}, { queue: 1 }, 'options.queue is unknown; known are queueSize.'],
  ])('refuses (%p, %j)', (onBatch, options, message) => {
    expect(() => Engine.shared().subscribe(onBatch as never, options as never)).toThrow(message);
  });
});

describe('the packet store', () => {
  const store = new PacketStore('/nowhere');

  it.each([
    [{ limit: 0 }, 'options.limit: expected a whole number from 1 to 1000, got 0.'],
    [{ limit: 1_001 }, 'options.limit: expected a whole number from 1 to 1000, got 1001.'],
    [{ limit: 1, kind: 'dns' }, 'options.kind: expected one of "any", "lisp", got "dns".'],
    [{ limit: 1, fromNs: 5 }, 'options.fromNs: expected a bigint'],
    [{ limit: 1, before: '' }, 'options.before: expected a non-empty string, got "".'],
  ])('refuses to list %j', async (options, message) => {
    const refused = { code: 'bad_argument', message: expect.stringContaining(message) as string };
    await expect(store.list(options as never)).rejects.toMatchObject(refused);
    await expect(store.pcap(options as never)).rejects.toMatchObject(refused);
  });

  it('refuses empty ids and directories', async () => {
    await expect(store.detail('')).rejects.toMatchObject({ code: 'bad_argument' });
    await expect(store.pcap([])).rejects.toMatchObject({ code: 'bad_argument' });
    expect(() => new PacketStore('')).toThrow('directory: expected a non-empty string');
  });
});

describe('generated traffic', () => {
  it.each([
    ['', { profile: 'demo' }, 'bad_argument'],
    ['/nowhere/file.pcap', { profile: 'ordinary', packets: 10, flows: 10 }, 'output_unwritable'],
    ['/nowhere/file.pcap', { profile: 'demo', packets: 0 }, 'bad_argument'],
    ['/nowhere/file.pcap', { profile: 'ordinary', tcpPercent: 101 }, 'bad_argument'],
    ['/nowhere/file.pcap', { profile: 'ordinary', sizes: 'huge' }, 'bad_traffic_profile'],
  ])('refuses (%j, %j)', async (path, options, code) => {
    await expect(writeTrafficFile(path, options as never)).rejects.toMatchObject({
      name: 'NativeError',
      code,
    });
  });
});
