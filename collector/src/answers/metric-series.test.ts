import type { MetricSeriesQuery } from '../stores/metrics/metric-store.js';
import { fromMetrics, metricPlan } from './metric-series.js';
import type { AnswerContext } from './query-type.js';
import { parseMeasure } from '../query/measures.js';
import { seriesFrames } from './timeseries.js';

const second = 1_000_000_000n;
const startNs = 1_700_000_000n * second;
const query = (change: object = {}) => ({
  measure: 'bits_per_second',
  group_by: [],
  top: 10,
  other: true,
  ...change,
});

/** A store with 125 octets (1 000 bits) of each protocol in every second before `untilS`. */
function contextWith(untilS: number, asked: MetricSeriesQuery[]): AnswerContext {
  const points = Array.from({ length: untilS }, (_, step) => ({
    timeNs: startNs + BigInt(step) * second,
    value: 125,
  }));
  return {
    fromNs: startNs,
    toNs: startNs + 10n * second,
    nowNs: startNs + 8n * second + 700_000_000n,
    suggestedIntervalMs: null,
    maxDataPoints: null,
    limits: { maxRows: 10, maxSeries: 10, maxPoints: 100, timeoutMs: 1_000, samplesAfterMs: 2_000 },
    sources: {
      metrics: {
        series: async (given: MetricSeriesQuery) => {
          asked.push(given);
          const within = points.filter(({ timeNs }) => timeNs < given.toNs);
          const values = given.groupBy.length === 0 ? [''] : ['tcp', 'icmpv6', 'udp'];
          return {
            resolutionMs: 1_000,
            series: values.map((value, place) => ({ tags: { value }, points: within.slice(place) })),
          };
        },
      },
    } as unknown as AnswerContext['sources'],
    mayReadPackets: false,
    signal: new AbortController().signal,
  };
}

describe('series of metric samples', () => {
  it('end where samples are there, and do not fall to zero in the second that goes on', async () => {
    const asked: MetricSeriesQuery[] = [];
    const plan = metricPlan(query())!;
    const answer = await fromMetrics(plan, query(), 1_000, contextWith(8, asked));
    expect(asked[0]).toMatchObject({
      measurement: 'interface',
      count: 'metered_ip_bytes',
      toNs: startNs + 6n * second,
    });
    const [frame] = seriesFrames(parseMeasure('bits_per_second'), answer);
    expect(Array.from(frame!.fields[1]!.values)).toEqual([
      ...new Array<number>(6).fill(1_000),
      null,
      null,
      null,
      null,
    ]);
  });

  it('show the heaviest and the sum of the rest, protocols by number as records have them', async () => {
    const by = query({ group_by: ['protocol'], top: 1 });
    const answer = await fromMetrics(metricPlan(by)!, by, 1_000, contextWith(6, []));
    expect(answer.series.map(({ labels }) => labels)).toEqual([{ protocol: '6' }, { protocol: 'other' }]);
    expect(answer.series[1]?.values[2]).toBe(250);
    expect(answer.custom).toMatchObject({ source: 'metrics', other_groups: 2 });
  });

  it.each([
    [{}, 1_000, true],
    [{}, 60_000, false],
    [{ group_by: ['src_addr'] }, 1_000, false],
    [{ filter: 'tcp' }, 1_000, false],
    [{ filter: "interface = 'eth0'" }, 1_000, true],
    [{ measure: 'flows' }, 1_000, false],
    [{ group_by: ['interface', 'overlay'] }, 1_000, true],
  ])('are what auto takes for %p by %d ms: %p', (change, ms, taken) => {
    expect(metricPlan(query(change), ms) !== null).toBe(taken);
  });

  it.each([
    [{ measure: 'flows' }, /they have no flows/],
    [{ group_by: ['protocol', 'overlay'] }, /grouped by interface and one of protocol/],
    [{ filter: 'tcp' }, /they know no filter but interface = NAME/],
  ])('say why they cannot answer %p', (change, reason) => {
    expect(() => metricPlan(query(change))).toThrow(reason);
  });
});
