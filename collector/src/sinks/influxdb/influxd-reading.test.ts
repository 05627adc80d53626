import { InfluxDbMetricStore } from './store.js';
import { accessOf } from './http/endpoints.js';
import { HttpClient } from './http/http-client.js';
import { MetricReader } from './reading/metric-reader.js';
import { QueryClient } from './reading/query-client.js';
import type { InfluxDbSink } from './sink.js';
import { intervalOf, until } from './testing/intervals.js';
import { describeInfluxd, InfluxdSuite } from './testing/suite.js';

const hourS = 3_600;
const nowS = Math.floor(Date.now() / 1_000);
const ns = (seconds: number): bigint => BigInt(seconds) * 1_000_000_000n;

describeInfluxd('metric samples read back from InfluxDB 1.x', () => {
  const suite = new InfluxdSuite();
  suite.register();
  const clients: HttpClient[] = [];
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });

  function storeOf(sink: InfluxDbSink): { store: InfluxDbMetricStore; asked: string[] } {
    const { settings } = suite;
    const http = new HttpClient({
      url: settings.url,
      timeoutMs: 30_000,
      caFile: '',
      authorization: accessOf(settings).authorization,
    });
    clients.push(http);
    const client = new QueryClient(http, settings.database);
    const asked: string[] = [];
    const ask: QueryClient['ask'] = (statements, signal) => {
      asked.push(...statements);
      return client.ask(statements, signal);
    };
    const reader = new MetricReader(settings, { ask }, () => sink.spanSettings());
    return { store: new InfluxDbMetricStore(sink, reader), asked };
  }
  const series = {
    measurement: 'protocol' as const,
    count: 'packets',
    fromNs: ns(nowS - 100),
    toNs: ns(nowS),
    intervalMs: 10_000,
    groupBy: [] as string[],
    where: {},
  };

  it('gives sums per interval and tag, of corrections and runs, too, and of its own sensor only', async () => {
    const other = await suite.start({ sensor: 'other' });
    other.offer(intervalOf(nowS - 50, { tcp: 1_000_000 }));
    await suite.settled(other);
    const sink = await suite.start();
    const base = Math.floor((nowS - 60) / 10) * 10;
    for (let second = 0; second < 20; second += 1) sink.offer(intervalOf(base + second, { tcp: 1, udp: 10 }));
    sink.offer(intervalOf(base, { tcp: 100 }, { correction: true }));
    sink.offer(intervalOf(base + 10, { tcp: 100 }, { run: 2 }));
    await suite.settled(sink);
    const { store } = storeOf(sink);
    const query = { ...series, fromNs: ns(base), toNs: ns(base + 20) };
    expect(await store.series(query)).toEqual({
      series: [
        {
          tags: {},
          points: [
            { timeNs: ns(base), value: 210 },
            { timeNs: ns(base + 10), value: 210 },
          ],
        },
      ],
      resolutionMs: 1_000,
    });
    expect((await store.series({ ...query, groupBy: ['value'], intervalMs: null })).series).toEqual([
      { tags: { value: 'tcp' }, points: [{ timeNs: ns(base), value: 220 }] },
      { tags: { value: 'udp' }, points: [{ timeNs: ns(base), value: 200 }] },
    ]);
    const tcp = { ...query, where: { value: 'tcp' }, intervalMs: null };
    expect((await store.series(tcp)).series[0]?.points[0]?.value).toBe(220);
    // a range that begins or ends within an interval's first millisecond
    expect((await store.series({ ...tcp, fromNs: ns(base) + 1n })).series[0]?.points[0]?.value).toBe(119);
    expect((await store.series({ ...tcp, toNs: ns(base) + 1n })).series[0]?.points[0]?.value).toBe(101);
    expect(await store.series({ ...query, fromNs: ns(1_000), toNs: ns(2_000) })).toEqual({
      series: [],
      resolutionMs: 0,
    });
    expect(await store.stats()).toMatchObject({
      samplesStored: 42,
      samplesWaiting: 0,
      samplesLost: 0,
      lastError: null,
    });
  });

  it('reads sums per hour and minute over long ranges, equal to the raw samples', async () => {
    const sink = await suite.start();
    const from = (Math.floor(nowS / hourS) - 40) * hourS;
    let total = 0;
    for (let second = from; second < nowS - 60; second += 97) {
      sink.offer(intervalOf(second, { tcp: second % 89, udp: 1 }));
      total += (second % 89) + 1;
    }
    await suite.settled(sink);
    await until(
      () => sink.stats().rollUpHoursWaiting === 0,
      () => JSON.stringify(sink.stats()),
    );
    const { store, asked } = storeOf(sink);
    const query = { ...series, fromNs: ns(from - 1_234), toNs: ns(nowS), intervalMs: null };
    const answer = await store.series(query);
    expect(answer.series[0]?.points[0]?.value).toBe(total);
    expect(answer.resolutionMs).toBe(3_600_000);
    for (const policy of ['raw', 'minute', 'hour'])
      expect(
        asked.some((statement) => statement.includes(`"wireglass_${policy}"."wireglass_protocol"`)),
      ).toBe(true);
    for (const intervalMs of [hourS * 1_000, 300_000, 7_000]) {
      const { series: found } = await store.series({
        ...query,
        fromNs: ns(from),
        intervalMs,
        groupBy: ['value'],
      });
      expect(found.flatMap(({ points }) => points).reduce((sum, { value }) => sum + value, 0)).toBe(total);
      for (const { points } of found)
        expect(points.every(({ timeNs }) => Number(timeNs / 1_000_000n) % intervalMs === 0)).toBe(true);
    }
  });

  it('merges the heaviest lists with their bounds', async () => {
    const sink = await suite.start();
    const list = (second: number, items: [string, number][], othersAtMost: number) => ({
      ...intervalOf(second, {}),
      samples: [
        {
          measurement: 'interface' as const,
          timeNs: ns(second),
          intervalMs: 1_000,
          tags: { interface: 'eth0' },
          counts: { metered_ip_bytes: 1_000 },
        },
      ],
      heaviest: [
        {
          dimension: 'conversation' as const,
          timeNs: ns(second),
          intervalMs: 1_000,
          items: items.map(([value, bytes]) => ({ value, peer: 'p\n"', bytes, packets: 2, error: 1 })),
          othersAtMost,
        },
      ],
    });
    sink.offer(
      list(
        nowS - 50,
        [
          ['a', 500],
          ['b', 400],
        ],
        30,
      ),
    );
    sink.offer(list(nowS - 49, [['a', 100]], 20));
    await suite.settled(sink);
    const { store } = storeOf(sink);
    const query = { dimension: 'conversation' as const, fromNs: ns(nowS - 100), toNs: ns(nowS), limit: 10 };
    expect(await store.heaviest(query)).toEqual({
      items: [
        { value: 'a', peer: 'p\n"', bytes: 600, packets: 4, error: 2 },
        { value: 'b', peer: 'p\n"', bytes: 420, packets: 2, error: 21 },
      ],
      othersAtMost: 50,
      totalBytes: 2_000,
      resolutionMs: 1_000,
    });
    expect(await store.heaviest({ ...query, limit: 1 })).toMatchObject({
      items: [{ value: 'a' }],
      othersAtMost: 420,
    });
    expect(await store.heaviest({ ...query, dimension: 'tenant' })).toMatchObject({
      items: [],
      othersAtMost: 0,
    });
  });

  it('takes every text for a text', async () => {
    const sink = await suite.start();
    const names = [
      "x' OR '1'='1",
      '"; DROP DATABASE "a',
      "\\' --",
      "'; DROP SERIES FROM /.*/; --",
      '\n',
      '%',
      'ok',
    ];
    for (const [place, name] of names.entries()) {
      const interval = intervalOf(nowS - 50, { tcp: 2 ** place });
      const samples = interval.samples.map((sample) => ({
        ...sample,
        tags: { ...sample.tags, interface: name },
      }));
      sink.offer({ ...interval, samples });
    }
    await suite.settled(sink);
    const { store } = storeOf(sink);
    for (const [place, name] of names.entries()) {
      const { series: found } = await store.series({
        ...series,
        intervalMs: null,
        where: { interface: name },
      });
      expect([name, found[0]?.points[0]?.value]).toEqual([name, 2 ** place]);
    }
    const { series: all } = await store.series({ ...series, intervalMs: null, groupBy: ['interface'] });
    expect(all.map(({ tags }) => tags['interface']).sort()).toEqual([...names].sort());
    expect((await store.series({ ...series, where: { interface: "nothing'" } })).series).toEqual([]);
  });

  it.each([
    [{ count: 'flows' }, /protocol has no count flows; expected packets, bytes/],
    [{ groupBy: ['sensor"'] }, /protocol has no tag sensor"; expected interface or value/],
    [{ where: { reason: 'x' } }, /protocol has no tag reason/],
    [{ intervalMs: 0 }, /interval is 0 ms/],
    [{ fromNs: 5n, toNs: 4n }, /from 5 to 4 is none/],
    [{ fromNs: 0n, intervalMs: 1 }, /more than 500000 intervals/],
  ])('refuses %o', async (over, message) => {
    const { store } = storeOf(await suite.start());
    await expect(store.series({ ...series, ...(over as object) })).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringMatching(message) as string,
    });
  });

  it('says when the server is away, and stops asking when nobody waits any more', async () => {
    const sink = await suite.start();
    const { store } = storeOf(sink);
    await suite.server.freeze();
    const nobody = new AbortController();
    const answer = store.series(series, nobody.signal);
    setTimeout(() => nobody.abort(new Error('gone')), 50);
    await expect(answer).rejects.toThrow('gone');
    suite.server.thaw();
    await suite.server.kill();
    await expect(store.series(series)).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringMatching(/^InfluxDB: connect/) as string,
    });
    await suite.server.run();
    await expect(
      store.heaviest({ dimension: 'tenant', fromNs: 0n, toNs: 1n, limit: 0 }),
    ).rejects.toMatchObject({ code: 'bad_request' });
  });
});
