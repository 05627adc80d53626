/**
 * What the meter notices of TCP against tshark's analysis of the same captures. Timeouts are so long that both follow a
 * connection for as long. A difference must stand in tcp-differences.json with both values and a reason; an entry that
 * no longer differs must go.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Engine, type FlowBatch } from '@wireglass/native';
import { column } from '../../native/testing/batches.js';
import { capturesFolder, describeWithCaptures } from '../helpers/captures.js';
import { describeWhere, missing } from '../helpers/requirements.js';

const MEASURES = {
  tcp_retransmitted: 'tcp.analysis.retransmission',
  tcp_out_of_order: 'tcp.analysis.out_of_order',
  tcp_duplicate_acks: 'tcp.analysis.duplicate_ack',
  tcp_zero_windows: 'tcp.analysis.zero_window',
} as const;
type Measure = keyof typeof MEASURES;
const measures = Object.keys(MEASURES) as Measure[];
type Counts = Record<Measure, number>;

interface TcpDifference {
  capture: string;
  wireglass: Counts;
  tshark: Counts;
  reason: string;
}

const listedFile = join(__dirname, 'tcp-differences.json');
const dayMs = 86_400_000;
const none = (): Counts => ({
  tcp_retransmitted: 0,
  tcp_out_of_order: 0,
  tcp_duplicate_acks: 0,
  tcp_zero_windows: 0,
});

function capturesBelow(folder: string): string[] {
  return readdirSync(join(capturesFolder, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(pcap|pcapng|cap)$/.test(entry.name))
    .map((entry) => relative(capturesFolder, join(entry.parentPath, entry.name)))
    .sort();
}

/** Sums over both directions of all records. */
async function byWireglass(path: string): Promise<Counts> {
  const counts = none();
  const add = (batch: FlowBatch): void => {
    if (batch.kind !== 'records') return;
    for (const measure of measures) {
      const values = [...column(batch, measure), ...column(batch, `rev_${measure}`)];
      counts[measure] += values.reduce((sum, value) => sum + value, 0);
    }
  };
  const engine = Engine.shared();
  const subscription = engine.subscribe(add);
  try {
    await engine.start({
      source: { kind: 'files', paths: [join(capturesFolder, path)] },
      meter: { activeTimeoutMs: dayMs, idleTimeoutMs: dayMs },
    });
    await engine.finished();
  } finally {
    subscription.close();
  }
  return counts;
}

/** Packets that tshark's analysis flags. */
function byTshark(path: string): Counts {
  const fields = measures.flatMap((measure) => ['-e', MEASURES[measure]]);
  const args = ['-n', '-r', join(capturesFolder, path), '-Y', 'tcp', '-T', 'fields', ...fields];
  const text = execFileSync('tshark', [...args, '-E', 'separator=|', '-E', 'occurrence=f'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 28,
  });
  const counts = none();
  for (const line of text.split('\n')) {
    line.split('|').forEach((flag, index) => {
      const measure = measures[index];
      if (flag !== '' && measure !== undefined) counts[measure] += 1;
    });
  }
  return counts;
}

const lack = missing(['tshark']);
const describeWithTshark = lack === null ? describeWithCaptures : describeWhere(lack);

describeWithTshark('TCP of public captures', () => {
  it('is counted as tshark counts it, or the difference is explained', async () => {
    const listed = JSON.parse(readFileSync(listedFile, 'utf8')) as TcpDifference[];
    const found: TcpDifference[] = [];
    let flagged = 0;
    for (const capture of capturesBelow('transport')) {
      const wireglass = await byWireglass(capture);
      const tshark = byTshark(capture);
      flagged += measures.reduce((sum, measure) => sum + tshark[measure], 0);
      if (JSON.stringify(wireglass) === JSON.stringify(tshark)) continue;
      const reason = listed.find((one) => one.capture === capture)?.reason ?? '';
      found.push({ capture, wireglass, tshark, reason });
    }
    if (process.env.WIREGLASS_UPDATE_DIFFERENCES === '1') {
      writeFileSync(listedFile, `${JSON.stringify(found, null, 2)}\n`);
    }
    expect(flagged).toBeGreaterThan(400);
    expect(found).toEqual(listed);
    expect(found.filter(({ reason }) => reason.length < 20)).toEqual([]);
  }, 300_000);
});
