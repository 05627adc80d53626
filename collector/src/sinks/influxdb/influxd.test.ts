import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/schema.js';
import { silentLog } from '../../model/log.js';
import { plainText } from './points/line-protocol.js';
import { InfluxDbSink } from './sink.js';
import { Influxd, influxdMissing } from './testing/influxd.js';
import { EventList, influxdbSettings, intervalOf, until } from './testing/intervals.js';

// The real server, Debian's 1.6.7, with authentication.

const lack = influxdMissing();
const withServer = lack === null ? describe : describe.skip;

withServer(`InfluxDB 1.x${lack === null ? '' : ` (skipped: ${lack})`}`, () => {
  let server: Influxd;
  let directory: string;
  let sink: InfluxDbSink | null;
  let events: EventList;
  beforeAll(async () => (server = await Influxd.start()));
  afterAll(() => server.end());
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'wg-influxdb-'));
    events = new EventList();
  });
  afterEach(async () => {
    await sink?.stop();
    sink = null;
    rmSync(directory, { recursive: true });
  });

  let number = 0;
  let database: string;
  async function start(given: Partial<Config['influxdb']> = {}, same = false): Promise<InfluxDbSink> {
    if (!same) database = `d${(number += 1)}`;
    const settings = influxdbSettings({
      url: server.url,
      username: 'admin',
      password: Influxd.password,
      database,
      ...given,
    });
    sink = new InfluxDbSink(settings, join(directory, 'spool'), { log: silentLog, events });
    await sink.start();
    return sink;
  }
  const allStored = async (of: InfluxDbSink): Promise<void> => {
    await of.flush();
    await until(
      () => of.stats().spooledPoints + of.stats().pointsWaiting === 0,
      () => JSON.stringify(of.stats()),
    );
  };
  const nowS = Math.floor(Date.now() / 1_000);
  const sum = (field: string, from: string) => server.number(`SELECT sum("${field}") FROM ${from}`, database);

  it('gets what was offered, each point once', async () => {
    const it = await start();
    for (let second = 0; second < 50; second += 1)
      it.offer(intervalOf(nowS - 100 + second, { tcp: second, udp: 1 }));
    it.offer(intervalOf(nowS - 100, { tcp: 1_000 }, { correction: true }));
    it.offer(intervalOf(nowS - 100, { tcp: 10_000 }, { run: 2 }));
    await allStored(it);
    expect(await sum('packets', 'wireglass_protocol')).toBe(1_225 + 50 + 11_000);
    expect(await sum('bytes', `"wireglass_raw"."wireglass_protocol"`)).toBe(100 * (1_225 + 50 + 11_000));
    expect(it.stats()).toMatchObject({ state: 'up', detail: null, pointsOffered: 102, pointsStored: 102 });
    expect(Object.values(it.stats().pointsDropped)).toEqual([0, 0, 0, 0]);
    expect(events.kinds).toEqual([]);
  });

  it('reads back hostile names as they were written', async () => {
    const it = await start();
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
      it.offer({
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
    await allStored(it);
    expect(it.stats().pointsDropped).toEqual({
      not_encodable: 0,
      memory_limit: 0,
      spool_limit: 0,
      spool_damaged: 0,
    });
    const series = await server.query(
      'SELECT sum("packets") FROM "wireglass_protocol" GROUP BY "interface"',
      database,
    );
    const read = new Map(
      series.map(({ tags, values }) => [plainText(tags?.['interface'] ?? ''), values[0]?.[1]]),
    );
    expect([...read.keys()].sort()).toEqual([...list].sort());
    for (const [place, name] of list.entries()) expect([name, read.get(name)]).toEqual([name, place + 1]);
    const [fields] = await server.query(
      'SELECT "value", "peer", "bytes" FROM "wireglass_heaviest"',
      database,
    );
    expect(
      fields?.values.map(([, value, peer]) => [plainText(String(value)), plainText(String(peer))]),
    ).toEqual(list.map((name, place) => [name, list.at(-1 - place)]));
  });
});
