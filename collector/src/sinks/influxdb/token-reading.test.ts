import { accessOf } from './http/endpoints.js';
import { HttpClient } from './http/http-client.js';
import { MetricReader } from './reading/metric-reader.js';
import { QueryClient } from './reading/query-client.js';
import { InfluxDbMetricStore } from './store.js';
import { influxdbSettings, intervalOf } from './testing/intervals.js';
import { StrictServer } from './testing/strict-server.js';
import { describeInfluxd, InfluxdSuite } from './testing/suite.js';

const nowS = Math.floor(Date.now() / 1_000);
const ns = (seconds: number): bigint => BigInt(seconds) * 1_000_000_000n;

// Their 1.x-compatible /query with their tokens, in front of the real 1.x that answers it.
describeInfluxd('metric samples read back from token servers', () => {
  const suite = new InfluxdSuite();
  suite.register();

  it.each([2, 3] as const)('are those that were sent to %i.x', async (version) => {
    const { database } = suite;
    await suite.say(`CREATE DATABASE "${database}"`);
    const org = version === 2 ? { org: 'o' } : {};
    const server = new StrictServer({ version, token: 't', database, behind: suite.server, ...org });
    await server.start();
    const given = { url: server.url, version, token: 't', username: '', password: '', ...org };
    const sink = await suite.start(given);
    const base = nowS - 40 * 3_600;
    for (let second = 0; second < 4; second += 1)
      sink.offer({
        ...intervalOf(base + second * 36_000, { tcp: second + 1, udp: 10 }),
        heaviest: [
          {
            dimension: 'service',
            timeNs: ns(base + second * 36_000),
            intervalMs: 1_000,
            items: [{ value: 'tcp/443', peer: '', bytes: 5, packets: 1, error: 0 }],
            othersAtMost: 2,
          },
        ],
      });
    await suite.settled(sink);
    const settings = influxdbSettings({ ...given, database });
    const http = new HttpClient({
      url: server.url,
      timeoutMs: 5_000,
      caFile: '',
      authorization: accessOf(settings).authorization,
    });
    const reader = new MetricReader(settings, new QueryClient(http, database), () => sink.spanSettings());
    const store = new InfluxDbMetricStore(sink, reader);
    const range = { fromNs: ns(base), toNs: ns(nowS) };
    const query = { ...range, measurement: 'protocol' as const, count: 'packets', where: {} };
    expect(await store.series({ ...query, intervalMs: null, groupBy: ['value'] })).toEqual({
      series: [
        { tags: { value: 'tcp' }, points: [{ timeNs: ns(base), value: 10 }] },
        { tags: { value: 'udp' }, points: [{ timeNs: ns(base), value: 40 }] },
      ],
      resolutionMs: 1_000,
    });
    const hourly = await store.series({ ...query, intervalMs: 3_600_000, groupBy: [] });
    expect(hourly.series[0]?.points.map(({ value }) => value)).toEqual([11, 12, 13, 14]);
    expect(await store.heaviest({ ...range, dimension: 'service', limit: 5 })).toMatchObject({
      items: [{ value: 'tcp/443', peer: '', bytes: 20, packets: 4, error: 0 }],
      othersAtMost: 8,
    });
    const wrong = new HttpClient({ url: server.url, timeoutMs: 5_000, caFile: '', authorization: 'Token x' });
    const refused = new MetricReader(settings, new QueryClient(wrong, database), () => sink.spanSettings());
    await expect(refused.series({ ...query, intervalMs: null, groupBy: [] })).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining('unauthorized') as string,
    });
    http.close();
    wrong.close();
    expect(server.faults).toEqual([]);
    await suite.stop(sink);
    await server.stop();
  });
});
