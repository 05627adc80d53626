import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseGroupBy } from '../../../query/group-by.js';
import { parseFilter } from '../../../query/parse-filter.js';
import { FlowGroups, type FlowGroup } from './flow-groups.js';
import { ScratchDatabase } from '../scratch.js';
import { batchesOf, makeRecord } from './test-batches.js';

const order = { by: 'flows' as const, descending: true, top: Infinity };
const rounds = 200;
const groupCount = 500;

/** Ports of 500 kinds, those from 250 on with UDP; more packets the higher they are. */
const records = Array.from({ length: 2_048 }, (_, index) => {
  const port = index % groupCount;
  return makeRecord({ dst_port: port, protocol: port < 250 ? 6 : 17, packets: port, rev_packets: 1 });
});

async function collect(groups: FlowGroups): Promise<FlowGroup[]> {
  const found: FlowGroup[] = [];
  for await (const group of groups.groups(order)) found.push(group);
  return found;
}

describe('FlowGroups', () => {
  it('sums up in steps what it would sum up at once, while more is added', async () => {
    const [batch] = batchesOf(records);
    const groups = await FlowGroups.open(
      parseGroupBy('dst_port', () => null),
      parseFilter('udp'),
      40_000,
    );
    for (let round = 0; round < rounds; round++) {
      groups.add(batch!);
      // steps of summing up run between batches, as they do while the engine reads
      if (round % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const found = await collect(groups);
    expect(found).toHaveLength(groupCount - 250);
    for (const { keys, sums } of found) {
      const port = Number(keys?.[0]);
      const flows = rounds * records.filter(({ dst_port }) => dst_port === port).length;
      expect(sums).toMatchObject({ flows, packets: flows * (port + 1) });
    }
    const udp = records.filter(({ protocol }) => protocol === 17);
    expect([...(await groups.totals()).values()].map(({ flows }) => flows)).toEqual([rounds * udp.length]);
    groups.close();
  });
});

describe('ScratchDatabase', () => {
  it('goes on in temporary files where memory is full, and leaves none', async () => {
    const place = mkdtempSync(join(tmpdir(), 'wireglass-tmp-'));
    const scratch = await ScratchDatabase.open(32, place);
    const { api } = await scratch.connect();
    await api.run('CREATE TABLE numbers AS SELECT hash(i) AS a, hash(i + 1) AS b FROM range(4000000) t(i)');
    const [directory = ''] = readdirSync(place);
    expect(readdirSync(join(place, directory)).length).toBeGreaterThan(0);
    const counted = await api.runAndReadAll('SELECT count(*), count(DISTINCT a) FROM numbers');
    expect(counted.getRows()[0]?.map(Number)).toEqual([4_000_000, 4_000_000]);
    scratch.close();
    expect(readdirSync(place)).toEqual([]);
    rmSync(place, { recursive: true });
  }, 120_000);
});
