import type { IntervalReport, TrafficCount } from '@wireglass/native';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IntervalWriter, type IntervalFormat } from './interval-writer.js';
import { TextOutput } from './text-output.js';

const none: Record<string, TrafficCount> = {};
const nothing = { items: [], others_at_most: 0 };
const report: IntervalReport = {
  start_ns: '1700000000000000000',
  interval_ms: 1_000,
  correction: false,
  interfaces: [
    {
      interface: 0,
      captured_packets: 3,
      captured_bytes: 300,
      metered_packets: 2,
      metered_ip_bytes: 250,
      flows_started: 1,
      flows_ended: 0,
      refused_packets: { not_ip: 1 },
      protocol: { tcp: { packets: 2, bytes: 250 } },
      overlay: none,
      ip_version: none,
      dscp: none,
      size: none,
      tcp_flags: none,
    },
  ],
  top: {
    src_addr: { items: [{ value: '10.0.0.1', bytes: 250, error: 10, packets: 2 }], others_at_most: 10 },
    dst_addr: nothing,
    conversation: {
      items: [{ value: '10.0.0.1', peer: '10.0.0.2', bytes: 250, error: 0, packets: 2 }],
      others_at_most: 0,
    },
    service: nothing,
    tenant: nothing,
  },
};

describe('IntervalWriter', () => {
  const directory = mkdtempSync(join(tmpdir(), 'wg-intervals-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  async function written(format: IntervalFormat): Promise<string[]> {
    const path = join(directory, `out.${format}`);
    const writer = new IntervalWriter(TextOutput.open(path), format);
    writer.report(report);
    writer.report({ ...report, correction: true });
    await writer.end();
    return readFileSync(path, 'utf8').trimEnd().split(/\r?\n/);
  }

  it('writes one object per report and line', async () => {
    const lines = await written('json');
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([report, { ...report, correction: true }]);
  });

  it('writes a CSV line for every count and every talker', async () => {
    const [header, ...lines] = await written('csv');
    expect(header).toBe('start_ns,interval_ms,correction,interface,dimension,value,packets,bytes,error');
    const begin = '1700000000000000000,1000,false';
    expect(lines.slice(0, lines.length / 2)).toEqual([
      `${begin},0,captured,,3,300,`,
      `${begin},0,metered,,2,250,`,
      `${begin},0,flows_started,1,,,`,
      `${begin},0,flows_ended,0,,,`,
      `${begin},0,refused,not_ip,1,,`,
      `${begin},0,protocol,tcp,2,250,`,
      `${begin},,top_src_addr,10.0.0.1,2,250,10`,
      `${begin},,top_conversation,10.0.0.1 10.0.0.2,2,250,0`,
    ]);
  });

  it('writes a table with a line per report, marking what came late and what is not exact', async () => {
    const lines = await written('table');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain('2023-11-14T22:13:20.000000Z');
    expect(lines[1]).toMatch(/ 2 +250B +2\.00k +1 +0 +1 +10\.0\.0\.1 ~250B/);
    expect(lines[2]).toContain('+late');
  });
});
