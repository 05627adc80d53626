import { Administrator } from './admin/administrator.js';
import { continuousQueries } from './admin/statements.js';
import { accessOf } from './http/endpoints.js';
import { Influxd } from './testing/influxd.js';
import { influxdbSettings, intervalOf, until } from './testing/intervals.js';
import { describeInfluxd, InfluxdSuite, losses } from './testing/suite.js';
import { measurementShapes, measurements, type Measurement } from '../../model/metric-sample.js';

const nowS = Math.floor(Date.now() / 1_000);
const hourS = 3_600;

describeInfluxd('administration of InfluxDB 1.x', () => {
  const suite = new InfluxdSuite();
  suite.register();

  const policies = async () =>
    Object.fromEntries(
      (await suite.server.query(`SHOW RETENTION POLICIES ON "${suite.database}"`))[0]?.values.map(
        ([name, duration, shard, , isDefault]) => [name, [duration, shard, isDefault]],
      ) ?? [],
    ) as Record<string, unknown>;
  const queries = async (): Promise<unknown[][]> =>
    (await suite.server.query('SHOW CONTINUOUS QUERIES')).find(({ name }) => name === suite.database)
      ?.values ?? [];
  /** Sets up by statements; resolves with those that changed something. */
  async function setUp(given: Parameters<typeof influxdbSettings>[0]) {
    const said: string[] = [];
    const settings = influxdbSettings({
      url: suite.server.url,
      username: 'admin',
      password: Influxd.password,
      database: suite.database,
      ...given,
    });
    const administrator = new Administrator(settings, {
      access: accessOf(settings),
      seriesBound: 100,
      rollUpsChanged: () => said.push('changed'),
      say: (_, message) => said.push(message),
    });
    await administrator.ensure(AbortSignal.timeout(20_000));
    return { said, remark: administrator.remark };
  }

  it('makes what is missing, once, and follows the settings', async () => {
    const { said, remark } = await setUp({});
    expect(remark).toBeNull();
    expect(said).toHaveLength(1 + 3 + 20 + 1);
    expect(await policies()).toMatchObject({
      wireglass_raw: ['168h0m0s', '24h0m0s', true],
      wireglass_minute: ['2160h0m0s', '24h0m0s', false],
      wireglass_hour: ['43800h0m0s', '168h0m0s', false],
    });
    expect((await queries()).map(([name]) => name)).toEqual(
      continuousQueries(influxdbSettings({ database: suite.database })).map(({ name }) => name),
    );
    expect(await setUp({})).toEqual({ said: [], remark: null });

    const changed = await setUp({ raw_retention_h: 24, hour_retention_h: 87_600 });
    expect(changed.said).toEqual([
      expect.stringMatching(
        /^ALTER RETENTION POLICY "wireglass_raw" .* DURATION 24h REPLICATION 1 SHARD DURATION 1h$/,
      ),
      expect.stringMatching(/^ALTER RETENTION POLICY "wireglass_hour" .* DURATION 87600h/),
    ]);
    expect(await policies()).toMatchObject({ wireglass_raw: ['24h0m0s', '1h0m0s', true] });

    await suite.say(`DROP CONTINUOUS QUERY "wireglass_minute_loss" ON "${suite.database}"`);
    await suite.say(
      `CREATE CONTINUOUS QUERY "wireglass_minute_loss" ON "${suite.database}" BEGIN SELECT sum(x) INTO y FROM z GROUP BY time(1m) END`,
    );
    const repaired = await setUp({ raw_retention_h: 24, hour_retention_h: 87_600 });
    expect(repaired.said.map((statement) => statement.slice(0, 24))).toEqual([
      'DROP CONTINUOUS QUERY "w',
      'CREATE CONTINUOUS QUERY ',
      'changed',
    ]);
  });

  it("leaves a foreign database's default policy alone", async () => {
    await suite.say(`CREATE DATABASE "${suite.database}"`);
    await setUp({});
    expect(await policies()).toMatchObject({
      autogen: ['0s', '168h0m0s', true],
      wireglass_raw: ['168h0m0s', '24h0m0s', false],
    });
  });

  it('copes with names that need quoting', async () => {
    suite.database = `it's "a" db, ${suite.database}`;
    const sink = await suite.start();
    sink.offer(intervalOf(nowS, { tcp: 7 }));
    await suite.settled(sink);
    expect(await suite.number('SELECT sum(packets) FROM wireglass_protocol')).toBe(7);
    expect(sink.stats()).toMatchObject({ state: 'up', detail: null });
  });

  it('says what an admin must run where the user has no right, and goes on when that was done', async () => {
    const user = { username: `u-${suite.database}`, password: 'p' };
    await suite.say(`CREATE USER "${user.username}" WITH PASSWORD 'p'`);
    const { remark } = await setUp(user);
    const statements = (remark ?? '').split('an admin must run: ')[1]?.split('; ') ?? [];
    expect(statements[0]).toBe(`CREATE DATABASE "${suite.database}"`);
    expect(statements.at(-1)).toBe(`GRANT ALL ON "${suite.database}" TO "${user.username}"`);

    const sink = await suite.start(user);
    sink.offer(intervalOf(nowS, { tcp: 7 }));
    await until(
      () => sink.stats().state === 'missing',
      () => JSON.stringify(sink.stats()),
    );
    expect(sink.stats().detail).toContain('an admin must run: CREATE DATABASE');
    for (const statement of statements) await suite.say(statement);
    await suite.settled(sink);
    expect(await suite.number('SELECT sum(packets) FROM wireglass_raw.wireglass_protocol')).toBe(7);
    expect(losses(sink)).toEqual({});
    expect(await setUp(user)).toEqual({ said: [], remark: null });
  });

  it('says what to check when the password is wrong, and keeps the points', async () => {
    const sink = await suite.start({ password: 'wrong' });
    sink.offer(intervalOf(nowS, { tcp: 7 }));
    await until(
      () => sink.stats().state === 'denied',
      () => JSON.stringify(sink.stats()),
    );
    expect(sink.stats().detail).toMatch(
      /HTTP 401: authorization failed; check influxdb.username and influxdb.password_file/,
    );
    expect(JSON.stringify(sink.stats())).not.toContain('wrong');
    await suite.stop(sink);
    const again = await suite.start();
    await suite.settled(again);
    expect(await suite.number('SELECT sum(packets) FROM wireglass_protocol')).toBe(7);
  });

  it('sums late points per minute and hour as the raw ones', async () => {
    const sink = await suite.start();
    const interval = (second: number) => {
      const timeNs = BigInt(second) * 1_000_000_000n;
      return {
        run: 1,
        correction: false,
        heaviest: [],
        samples: measurements.map((measurement: Measurement, place) => ({
          measurement,
          timeNs,
          intervalMs: 1_000,
          tags: Object.fromEntries(
            measurementShapes[measurement].tags.map((tag) => [tag, `${tag} ${second % 3}`]),
          ),
          counts: Object.fromEntries(
            measurementShapes[measurement].counts.map((name, at) => [name, (second % 97) + place + at]),
          ),
        })),
      };
    };
    const from = (Math.floor(nowS / hourS) - 30) * hourS;
    for (let second = from; second < nowS; second += 61) sink.offer(interval(second));
    await suite.settled(sink);
    await until(
      () => sink.stats().rollUpHoursWaiting === 0,
      () => JSON.stringify(sink.stats()),
    );
    const settled = `time >= ${from}s AND time < ${Math.floor(nowS / hourS - 1) * hourS}s`;
    for (const measurement of measurements)
      for (const count of measurementShapes[measurement].counts) {
        const sums = await Promise.all(
          ['raw', 'minute', 'hour'].map((policy) =>
            suite.number(
              `SELECT sum("${count}") FROM "wireglass_${policy}"."wireglass_${measurement}" WHERE ${settled}`,
            ),
          ),
        );
        expect([measurement, count, ...sums]).toEqual([measurement, count, sums[0], sums[0], sums[0]]);
        expect(sums[0]).toBeGreaterThan(1_000);
      }
    expect(
      await suite.number('SELECT count(packets) FROM wireglass_minute.wireglass_protocol'),
    ).toBeGreaterThan(1_500);
  });

  it("has the server's continuous queries sum what comes in time", async () => {
    // They look at a minute when it is over: the current one is, in the server's eyes, once it ran for the next.
    const sink = await suite.start();
    sink.offer(intervalOf(nowS, { udp: 1 }));
    await suite.settled(sink);
    await until(
      () => sink.stats().rollUpHoursWaiting === 0,
      () => JSON.stringify(sink.stats()),
    );
    const minute = Math.floor(Date.now() / 60_000) * 60 - 120;
    for (let second = minute; second < minute + 60; second += 1) sink.offer(intervalOf(second, { tcp: 2 }));
    await suite.settled(sink);
    expect(sink.stats().rollUpHoursWaiting).toBe(0);
    await until(
      async () =>
        (await suite.number(
          `SELECT sum(packets) FROM wireglass_minute.wireglass_protocol WHERE time = ${minute}s`,
        )) === 120,
      () => 'the continuous query did not sum the minute',
      90,
    );
  }, 120_000);
});

describeInfluxd('an InfluxDB 1.x whose configuration is in the way', () => {
  const suite = new InfluxdSuite({
    continuous_queries: 'enabled = false',
    data: 'max-series-per-database = 50 # inmem',
  });
  suite.register();

  it('is told of, and is not asked for sums that it has not', async () => {
    const sink = await suite.start();
    sink.offer(
      intervalOf(nowS, Object.fromEntries(Array.from({ length: 60 }, (_, place) => [`p${place}`, 1]))),
    );
    await suite.settled(sink);
    expect(sink.stats().detail).toMatch(
      /continuous queries are off .*; max-series-per-database of the server is 50, and there can be 100 series/,
    );
    expect(sink.trouble()).toBeNull();
    expect(sink.spanSettings().hasRollUps).toBe(false);
    // 1.6.7 leaves out all of a batch that would exceed it.
    expect(losses(sink)).toEqual({ series_limit: 60 });
  });
});
