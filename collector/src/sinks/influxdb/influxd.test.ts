import { plainText } from './points/line-protocol.js';
import { intervalOf } from './testing/intervals.js';
import { describeInfluxd, InfluxdSuite, losses } from './testing/suite.js';

// The real server, Debian's 1.6.7, with authentication.

const nowS = Math.floor(Date.now() / 1_000);

describeInfluxd('InfluxDB 1.x', () => {
  const suite = new InfluxdSuite();
  suite.register();

  it('gets what was offered, each point once', async () => {
    const sink = await suite.start();
    for (let second = 0; second < 50; second += 1)
      sink.offer(intervalOf(nowS - 100 + second, { tcp: second, udp: 1 }));
    sink.offer(intervalOf(nowS - 100, { tcp: 1_000 }, { correction: true }));
    sink.offer(intervalOf(nowS - 100, { tcp: 10_000 }, { run: 2 }));
    await suite.settled(sink);
    expect(await suite.number('SELECT sum("packets") FROM "wireglass_protocol"')).toBe(1_225 + 50 + 11_000);
    expect(await suite.number('SELECT sum("bytes") FROM "wireglass_raw"."wireglass_protocol"')).toBe(
      100 * (1_225 + 50 + 11_000),
    );
    expect(sink.stats()).toMatchObject({ state: 'up', detail: null, pointsOffered: 102, pointsStored: 102 });
    expect(losses(sink)).toEqual({});
    expect(sink.trouble()).toBeNull();
  });

  it('reads back hostile names as they were written', async () => {
    const sink = await suite.start();
    let seed = 7;
    const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const letters = [...'ab1%=, "\\\n\r\t\0\u0085\u2028é→😀\'#/*-;|(){}[]$`~'];
    const names = new Set([
      '\\',
      'a\\',
      ' ',
      ',',
      '=',
      '\\ ',
      '"',
      "'",
      '#a',
      'a\nb',
      '\n',
      '%0A',
      'ünïcode',
      '🦈 eth0',
    ]);
    while (names.size < 600)
      names.add(Array.from({ length: 1 + next(10) }, () => letters[next(letters.length)]).join(''));
    const list = [...names];
    for (const [place, name] of list.entries()) {
      const interval = intervalOf(nowS, { tcp: place + 1 });
      sink.offer({
        ...interval,
        samples: interval.samples.map((sample) => ({ ...sample, tags: { ...sample.tags, interface: name } })),
        heaviest: [
          {
            dimension: 'service',
            timeNs: BigInt(place) * 1_000_000_000n + BigInt(nowS - 3_600) * 1_000_000_000n,
            intervalMs: 1_000,
            items: [{ value: name, peer: list.at(-1 - place) ?? '', bytes: place, packets: 1, error: 0 }],
            othersAtMost: 0,
          },
        ],
      });
    }
    await suite.settled(sink);
    expect(losses(sink)).toEqual({});
    const series = await suite.server.query(
      'SELECT sum("packets") FROM "wireglass_protocol" GROUP BY "interface"',
      suite.database,
    );
    const read = new Map(
      series.map(({ tags, values }) => [plainText(tags?.['interface'] ?? ''), values[0]?.[1]]),
    );
    expect([...read.keys()].sort()).toEqual([...list].sort());
    for (const [place, name] of list.entries()) expect([name, read.get(name)]).toEqual([name, place + 1]);
    const [fields] = await suite.server.query(
      'SELECT "value", "peer", "bytes" FROM "wireglass_heaviest"',
      suite.database,
    );
    expect(
      fields?.values.map(([, value, peer]) => [plainText(String(value)), plainText(String(peer))]),
    ).toEqual(list.map((name, place) => [name, list.at(-1 - place)]));
  });
});
