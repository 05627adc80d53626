import { writeTrafficFile } from '@wireglass/native';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectedSums, runCapture, type Sums } from './metrics/test-run.js';
import { measurements, measurementShapes } from './model/metric-sample.js';
import { until } from './sinks/influxdb/testing/intervals.js';
import { describeInfluxd, InfluxdSuite, losses } from './sinks/influxdb/testing/suite.js';

// The real engine, the sampler, the sink and a real server together. The full size: WG_TEST_TUPLES=10000000.

const tuples = Number(process.env['WG_TEST_TUPLES'] ?? 100_000);
const seriesCap = 1_000;

describeInfluxd('what InfluxDB 1.x has of the real engine', () => {
  const suite = new InfluxdSuite({ data: `max-series-per-database = ${seriesCap} # inmem` });
  suite.register();

  const sumsIn = async (policy: string): Promise<Sums> => {
    const sums: Sums = {};
    for (const measurement of measurements)
      for (const count of measurementShapes[measurement].counts) {
        const sum = await suite.number(`SELECT sum("${count}") FROM "${policy}"."wireglass_${measurement}"`);
        if (sum !== 0) sums[`${measurement} ${count}`] = sum;
      }
    return sums;
  };

  it(`is the ledger's sums, with ${tuples} 5-tuples in fewer than ${seriesCap} series`, async () => {
    const sink = await suite.start();
    const folder = mkdtempSync(join(tmpdir(), 'wg-tuples-'));
    const perFile = Math.min(tuples, 500_000);
    const truth: Sums = {};
    let biflows = 0;
    try {
      for (let file = 0; file * perFile < tuples; file += 1) {
        const path = join(folder, 'traffic.pcap');
        const ledger = await writeTrafficFile(path, {
          profile: 'ordinary',
          seed: file + 1,
          packets: 2 * perFile,
          flows: 2 * perFile,
          zipf: 0,
          sizes: 'small',
          packetsPerSecond: 100_000,
          startNs: BigInt(Math.floor(Date.now() / 1_000) - 7_200 + 30 * file) * 1_000_000_000n,
        });
        biflows += ledger['biflows'] ?? NaN;
        const { counters } = await runCapture(
          { source: { kind: 'files', paths: [path] }, workers: 2, run: file + 1 },
          [sink],
        );
        for (const [key, value] of Object.entries(expectedSums(counters, 'as a whole')))
          truth[key] = (truth[key] ?? 0) + value;
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    await suite.settled(sink);
    await until(
      () => sink.stats().rollUpHoursWaiting === 0,
      () => JSON.stringify(sink.stats()),
      120,
    );
    expect(biflows).toBe(tuples);
    expect(losses(sink)).toEqual({});
    expect(await sumsIn('wireglass_raw')).toEqual(truth);
    expect(await sumsIn('wireglass_minute')).toEqual(truth);
    expect(await sumsIn('wireglass_hour')).toEqual(truth);
    const [series] = await suite.server.query('SHOW SERIES', suite.database);
    const estimate = await suite.number('SHOW SERIES CARDINALITY');
    process.stdout.write(`${biflows} 5-tuples: ${series?.values.length} series (${estimate} as estimated)\n`);
    expect(series?.values.length).toBeLessThan(seriesCap);
  }, 1_800_000);
});
