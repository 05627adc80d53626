import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlowRecord } from '@wireglass/native';
import { cubeFields, listedGroupings } from '../../../../query/rolled-up.js';
import { parseMeasure } from '../../../../query/measures.js';
import { parseFilter } from '../../../../query/parse-filter.js';
import type { AggregateAnswer, AggregateQuery } from '../../../flows/flow-aggregate.js';
import type { FlowStorage } from '../flow-storage.js';
import { cubeColumns, topDimensions } from '../rollup-tables.js';
import { batchesOf, seededNumbers } from '../test-batches.js';
import { FakeSnapshots, openFlowStorage, testSettings } from '../test-storage.js';
import { bruteForce, originNs, spreadRecords, type ExpectedGroup } from './aggregate-records.js';

const second = 1_000_000_000n;
const interfaces = ['eth0', 'eth1', 'a b, "c"'];

/** Few addresses with much, many with little, so that lists are cut. */
function skewed(seed: number, count: number, firstFlow: number): FlowRecord[] {
  const number = seededNumbers(seed);
  return spreadRecords(seed, count, firstFlow).map((record) => ({
    ...record,
    interface: interfaces[number(interfaces.length)]!,
    src_addr: number(2) === 0 ? `10.0.0.${number(4)}` : `10.1.${number(8)}.${number(20)}`,
  }));
}

const sealedFirst = skewed(1, 700, 100);
const sealedSecond = skewed(2, 500, 2_000);
const hot = skewed(3, 300, 4_000);
const living = skewed(4, 60, 6_000);
const records = [...sealedFirst, ...sealedSecond, ...hot, ...living];

interface Opened {
  storage: FlowStorage;
  close: () => Promise<void>;
}

/** Two sealed parts, a hot table and live flows, some of which were stored since. */
async function openStore(limits: { topValues: number; cubeRows: number }): Promise<Opened> {
  const directory = mkdtempSync(join(tmpdir(), 'wireglass-rollups-'));
  let storage: FlowStorage | null = null;
  const engine = new FakeSnapshots(() => storage);
  const opened = await openFlowStorage({ ...testSettings(directory), ...limits }, engine, () => undefined);
  storage = opened.storage;
  const store = async (some: readonly FlowRecord[]): Promise<void> => {
    for (const batch of batchesOf(some)) void opened.storage.offer(batch);
    await opened.storage.flush();
  };
  await store(sealedFirst);
  await storage.upkeep.sealNow();
  await store(sealedSecond);
  await storage.upkeep.sealNow();
  await store([...hot, ...living.slice(0, 20)]);
  engine.alive = living;
  return {
    storage,
    close: async () => {
      await opened.close();
      rmSync(directory, { recursive: true });
    },
  };
}

const signal = new AbortController().signal;
const sumsOf = (values: readonly (number | null)[]): number =>
  values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
const finite = (values: Float64Array | undefined): number[] =>
  Array.from(values ?? [], (value) => (Number.isNaN(value) ? 0 : value));

function randomQuery(number: (limit: number) => number, change: Partial<AggregateQuery>): AggregateQuery {
  const fromNs =
    originNs + BigInt(number(7_200)) * second + BigInt(number(3)) * BigInt(number(1_000_000_000));
  return {
    fromNs: number(3) === 0 ? (fromNs / (3_600n * second)) * 3_600n * second : fromNs,
    toNs: fromNs + BigInt(60 + number(9_000)) * second + BigInt(number(3)) * BigInt(number(1_000_000_000)),
    intervalNs: [null, 60n * second, 3_600n * second, 300n * second, 45n * second][number(5)]!,
    measures: [
      'total_bytes',
      ['packets', 'flows', 'records', 'rev_bytes', 'tcp_retransmitted'][number(5)]!,
    ].map(parseMeasure),
    groupBy: '',
    top: 1 + number(8),
    exact: false,
    ...change,
  };
}

/** What holds of every answer, whatever lists were cut: sums are kept, bounds are true. */
function expectBounded(answer: AggregateAnswer, expected: readonly ExpectedGroup[], filtered: boolean): void {
  for (const index of [0, 1]) {
    const all = sumsOf(expected.map(({ totals }) => totals[index]!));
    const found = sumsOf(answer.groups.map(({ totals }) => totals[index]!));
    const lacking = Math.max(
      0,
      ...answer.groups.map(({ errors }) => errors[index]!),
      answer.othersAtMost[index]!,
    );
    if (!filtered) expect(found).toBe(all);
    expect(found).toBeLessThanOrEqual(all);
    expect(found + lacking).toBeGreaterThanOrEqual(all);
  }
  for (const { keys, totals, errors, series } of answer.groups) {
    if (keys === null) continue;
    const same = expected.find((group) => group.keys === JSON.stringify(keys));
    [0, 1].forEach((index) => {
      const truth = same?.totals[index] ?? 0;
      expect(totals[index]!).toBeLessThanOrEqual(truth);
      expect(totals[index]! + errors[index]!).toBeGreaterThanOrEqual(truth);
      if (series.length > 0) expect(sumsOf(finite(series[index]))).toBe(totals[index]);
    });
  }
}

describe('aggregates with roll-ups', () => {
  let wide: Opened;
  let narrow: Opened;
  beforeAll(async () => {
    wide = await openStore({ topValues: 1_000, cubeRows: 5_000 });
    narrow = await openStore({ topValues: 3, cubeRows: 6 });
  });
  afterAll(async () => {
    await wide.close();
    await narrow.close();
  });

  const cubeGroupings = [
    '',
    'protocol',
    'interface',
    'overlay,protocol',
    'observation_domain',
    'dscp_max,interface',
    'ip_version',
    'ip_version,protocol',
  ];
  const cubeFilters = [
    undefined,
    'tcp',
    'ip',
    'ip6 and not udp',
    "interface = 'eth0'",
    'overlay != none or proto 17',
    'not ip',
  ];
  const listGroupings = [
    'src_addr',
    'dst_addr',
    'src_addr,dst_addr',
    'protocol,dst_port',
    'tls_sni',
    'tenant_id',
    'interface,dst_addr',
    'dst_port,protocol',
  ];
  const listFilters = [undefined, "interface = 'eth1'", "not interface = 'eth0'"];
  const withFilter = (text: string | undefined) => (text === undefined ? {} : { filter: parseFilter(text) });

  it('equal a loop over the records where nothing was cut, at every interval and for any range', async () => {
    const number = seededNumbers(5);
    const seen = new Set<string>();
    for (let round = 0; round < 100; round++) {
      const cube = number(2) === 0;
      const groupings = cube ? cubeGroupings : listGroupings;
      const filters = cube ? cubeFilters : listFilters;
      const asked = randomQuery(number, {
        groupBy: groupings[number(groupings.length)]!,
        ...withFilter(filters[number(filters.length)]),
      });
      const expected = bruteForce(records, asked);
      const answer = await wide.storage.aggregate(asked, signal);
      answer.facts.resolutions.forEach((resolution) => seen.add(resolution));
      const shown = answer.groups.filter(({ keys }) => keys !== null);
      expect(shown.map(({ totals }) => totals[0])).toEqual(
        expected.slice(0, asked.groupBy === '' ? 1 : asked.top).map(({ totals }) => totals[0]),
      );
      expectBounded(answer, expected, false);
      expect(Math.max(...answer.othersAtMost)).toBe(0);
      for (const group of shown) {
        const same = expected.find(({ keys }) => keys === JSON.stringify(group.keys))!;
        expect(group.totals).toEqual(same.totals);
        if (asked.intervalNs !== null) {
          expect(finite(group.series[0])).toEqual(same.series[0]!.map((value) => value ?? 0));
        }
      }
    }
    expect([...seen].sort()).toEqual(['hour', 'minute', 'record']);
  });

  it('keep every sum and give true bounds where lists were cut', async () => {
    const number = seededNumbers(6);
    let cut = 0;
    for (let round = 0; round < 120; round++) {
      const cube = number(2) === 0;
      const groupings = cube ? cubeGroupings : listGroupings;
      const filters = cube ? cubeFilters : listFilters;
      const filter = filters[number(filters.length)];
      const asked = randomQuery(number, {
        groupBy: groupings[number(groupings.length)]!,
        ...withFilter(filter),
      });
      const answer = await narrow.storage.aggregate(asked, signal);
      expectBounded(answer, bruteForce(records, asked), cube && filter !== undefined);
      if (answer.othersAtMost[0]! > 0) cut++;
    }
    expect(cut).toBeGreaterThan(20);
  });

  it('read records where they are asked to, and where roll-ups do not know', async () => {
    const number = seededNumbers(7);
    for (const change of [
      { groupBy: 'src_addr', exact: true },
      { groupBy: 'src_addr', ...withFilter('dst port 443') },
      { groupBy: 'src_port' },
      { groupBy: 'src_net/24' },
      { groupBy: 'protocol', measures: ['estimated_bytes', 'max(tcp_rtt_us)'].map(parseMeasure) },
    ]) {
      const asked = randomQuery(number, change);
      const answer = await narrow.storage.aggregate(asked, signal);
      expect(answer.facts.resolutions).toEqual(['record']);
      expect(answer.othersAtMost).toEqual([0, 0]);
      if (change.groupBy === 'src_net/24') continue;
      const expected = bruteForce(records, asked);
      expect(answer.groups[0]?.totals[0]).toBe(expected[0]?.totals[0]);
    }
  });

  it('are what GET /query/fields says', () => {
    expect([...cubeFields].sort()).toEqual(
      ['interface', ...cubeColumns.map(({ name }) => name).filter((name) => name !== 'ip_version')].sort(),
    );
    const lists = topDimensions.map(({ keys, text }) =>
      [...new Set([...keys, ...(text === null ? [] : [text])].map(({ field }) => field))].join(),
    );
    expect(listedGroupings.map((fields) => fields.join()).sort()).toEqual(lists.sort());
  });
});
