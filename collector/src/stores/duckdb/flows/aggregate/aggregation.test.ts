import { recordColumns } from '../../../../model/columns.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseMeasure } from '../../../../query/measures.js';
import { parseFilter } from '../../../../query/parse-filter.js';
import type { AggregateAnswer, AggregateQuery } from '../../../flows/flow-aggregate.js';
import type { Connection } from '../../database.js';
import { ScratchDatabase } from '../../scratch.js';
import { seededNumbers } from '../test-batches.js';
import { randomFilter } from '../test-records.js';
import { bruteForce, originNs, spreadRecords, storeRecords } from './aggregate-records.js';
import { Aggregation } from './aggregation.js';
import { recordCells, type RecordSources } from './cells-sql.js';

const second = 1_000_000_000n;
const directory = mkdtempSync(join(tmpdir(), 'wireglass-aggregate-'));
const parquet = join(directory, 'sealed.parquet');
const hot = [spreadRecords(1, 300, 1_000), spreadRecords(2, 200, 2_000)] as const;
const sealed = spreadRecords(3, 300, 100);
const living = spreadRecords(4, 90, 3_000);
// closed since the snapshot: they stand in a hot table, too
const closed = living.slice(0, 30);
const records = [...hot[0], ...hot[1], ...sealed, ...living];

let scratch: ScratchDatabase;
let connection: Connection;
const sources: RecordSources = {
  stored: ['hot_1', 'hot_2', `read_parquet('${parquet}')`],
  live: {
    table: 'alive_1',
    columns: new Set(recordColumns.map(({ name }) => name)),
    recordAt: (row) => living[row]!,
    minFlowId: 3_000n,
    fromSequence: 0,
  },
  closedInto: ['hot_1', 'hot_2'],
};

beforeAll(async () => {
  scratch = await ScratchDatabase.open();
  connection = await scratch.connect();
  await storeRecords(connection, 'hot_1', hot[0]);
  await storeRecords(connection, 'hot_2', [...hot[1], ...closed]);
  await storeRecords(connection, 'sealed', sealed);
  await connection.api.run(`COPY sealed TO '${parquet}' (FORMAT parquet)`);
  await storeRecords(connection, 'alive_1', living);
});
afterAll(() => {
  scratch.close();
  rmSync(directory, { recursive: true });
});

const query = (change: Partial<AggregateQuery>): AggregateQuery => ({
  fromNs: originNs,
  toNs: originNs + 3_600n * second,
  intervalNs: 60n * second,
  measures: [parseMeasure('total_bytes')],
  groupBy: '',
  top: 5,
  exact: true,
  ...change,
});

const ask = (asked: AggregateQuery): Promise<AggregateAnswer> =>
  new Aggregation(connection.api, asked, {
    pieces: [{ resolution: 'record', cells: (plan) => recordCells(sources, plan) }],
    bounded: false,
    expired: [],
  }).answer();

const seriesOf = (answer: AggregateAnswer, group: number, measure = 0): (number | null)[] =>
  Array.from(answer.groups[group]?.series[measure] ?? [], (value) => (Number.isNaN(value) ? null : value));

const sumsOf = (values: readonly (number | null)[]): number =>
  values.reduce<number>((sum, value) => sum + (value ?? 0), 0);

const additive = ['total_bytes', 'packets', 'rev_bytes', 'flows', 'records', 'estimated_bytes'];
const groupings = [
  '',
  'protocol',
  'src_addr',
  'dst_addr,dst_port',
  'tls_sni',
  'overlay,tenant_id',
  'ip_version',
  'src_mac',
];

describe('aggregates of records', () => {
  it('equal a loop over the records: filters, groups, intervals, ranges, the rest', async () => {
    const number = seededNumbers(99);
    let compared = 0;
    for (let round = 0; round < 120; round++) {
      const text = randomFilter(number, 2);
      const fromNs = originNs + BigInt(number(1_800)) * second + BigInt(number(1_000_000_000));
      const asked = query({
        fromNs,
        toNs: fromNs + BigInt(1 + number(3_000)) * second + BigInt(number(1_000_000_000)),
        intervalNs: [null, 7n * second, 60n * second, 3_600n * second][number(4)]!,
        measures: [additive[number(additive.length)]!, additive[number(additive.length)]!].map(parseMeasure),
        groupBy: groupings[number(groupings.length)]!,
        top: 1 + number(6),
        ...(number(3) === 0 || /flow_layer/.test(text) ? {} : { filter: parseFilter(text) }),
      });
      const expected = bruteForce(records, asked);
      const answer = await ask(asked);
      const shown = answer.groups.filter(({ keys }) => keys !== null);
      expect(shown.map(({ totals }) => totals[0])).toEqual(
        expected.slice(0, asked.top).map(({ totals }) => totals[0]),
      );
      const all = [0, 1].map((index) => sumsOf(expected.map(({ totals }) => totals[index]!)));
      expect([0, 1].map((index) => sumsOf(answer.groups.map(({ totals }) => totals[index]!)))).toEqual(all);
      expect(answer.otherGroups).toBe(Math.max(0, expected.length - asked.top));
      shown.forEach((group, place) => {
        const same = expected.find(({ keys }) => keys === JSON.stringify(group.keys));
        expect(group.totals).toEqual(same?.totals);
        if (asked.intervalNs === null) return;
        expect(seriesOf(answer, place)).toEqual(same?.series[0]);
        compared++;
      });
      const others = answer.groups.findIndex(({ keys }) => keys === null);
      if (others >= 0 && asked.intervalNs !== null) {
        expect(sumsOf(seriesOf(answer, others))).toBe(answer.groups[others]!.totals[0]);
      }
    }
    expect(compared).toBeGreaterThan(100);
  });

  it.each(['mean', 'min', 'max', 'p50', 'p95'])(
    '%s of a time counts records where they end, and 0 not',
    async (name) => {
      for (const intervalNs of [null, 300n * second]) {
        const asked = query({
          intervalNs,
          measures: [parseMeasure(`${name}(tcp_rtt_us)`)],
          groupBy: 'protocol',
          top: 10,
        });
        const expected = bruteForce(records, asked);
        const answer = await ask(asked);
        expect(answer.groups.length).toBe(expected.length);
        answer.groups.forEach((group, place) => {
          const same = expected.find(({ keys }) => keys === JSON.stringify(group.keys))!;
          expect(group.totals[0]).toBeCloseTo(same.totals[0]!, 6);
          if (intervalNs === null) return;
          seriesOf(answer, place).forEach((value, interval) => {
            const wanted = same.series[0]![interval]!;
            if (wanted === null) expect(value).toBeNull();
            else expect(value).toBeCloseTo(wanted, 6);
          });
        });
      }
    },
  );

  it('gives the rest of a statistic its own value', async () => {
    const answer = await ask(
      query({ intervalNs: null, measures: [parseMeasure('max(tcp_rtt_us)')], groupBy: 'protocol', top: 2 }),
    );
    const all = bruteForce(
      records,
      query({ intervalNs: null, measures: [parseMeasure('max(tcp_rtt_us)')], groupBy: 'protocol' }),
    );
    const rest = answer.groups.find(({ keys }) => keys === null)!;
    expect(rest.totals[0]).toBe(Math.max(...all.slice(2).map(({ totals }) => totals[0]!)));
  });

  it('gives the same total at every interval', async () => {
    const totals = new Set<number>();
    for (const seconds of [1n, 13n, 60n, 3_600n, 86_400n]) {
      totals.add((await ask(query({ intervalNs: seconds * second }))).groups[0]!.totals[0]!);
    }
    expect(totals.size).toBe(1);
  });

  it('cuts addresses to prefixes', async () => {
    const answer = await ask(query({ intervalNs: null, groupBy: 'src_net/16,dst_addr', top: 100 }));
    expect(answer.groups.map(({ keys }) => keys?.[0])).toContain('10.1.0.0/16');
    expect(sumsOf(answer.groups.map(({ totals }) => totals[0]!))).toBe(
      sumsOf(bruteForce(records, query({ intervalNs: null })).map(({ totals }) => totals[0]!)),
    );
  });

  it("leaves tunnels' own flows out unless they are asked for", async () => {
    const asked = query({
      intervalNs: null,
      filter: parseFilter('flow_layer = outer'),
      measures: [parseMeasure('records')],
    });
    const outer = records.filter(
      ({ flow_layer, start_ns }) =>
        flow_layer === 'outer' && BigInt(start_ns) >= asked.fromNs && BigInt(start_ns) < asked.toNs,
    );
    expect((await ask(asked)).groups[0]?.totals[0]).toBe(outer.length);
  });

  it('answers nothing of a range without records', async () => {
    const answer = await ask(query({ fromNs: 1n, toNs: 2n, groupBy: 'protocol' }));
    expect(answer.groups).toEqual([]);
  });

  it.each([
    [{ toNs: originNs }, 'the range is empty'],
    [{ intervalNs: 1_000n }, 'are more than 2000000 values'],
    [{ top: 0 }, 'expected 1 to 10000'],
    [{ groupBy: 'nonsense' }, 'no field of a flow record'],
  ])('refuses %p', async (change, reason) => {
    await expect(async () => ask(query(change))).rejects.toThrow(reason);
  });
});
