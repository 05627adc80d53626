import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LifeCounters } from './life-counters.js';
import { noCounters } from '../model/no-counters.js';
import { Metrics } from './metrics.js';
import { breaches, readExposition } from './test-exposition.js';
import { testMetricsDependencies } from './test-metrics.js';

const page = join(__dirname, '../../../docs/METRICS.md');
const havePromtool = spawnSync('promtool', ['--version']).status === 0;
const itWithPromtool = havePromtool ? it : it.skip;

const metrics = () => new Metrics(testMetricsDependencies);
const exposition = async () => readExposition(await metrics().registry.metrics());

describe('Metrics', () => {
  it('are a valid exposition in which each metric keeps to the conventions', async () => {
    const exposed = [...(await exposition()).values()];
    expect(exposed.filter(({ name }) => name.startsWith('wireglass_')).flatMap(breaches)).toEqual([]);
    for (const { name, samples } of exposed)
      if (name.startsWith('wireglass_') && name !== 'wireglass_http_request_duration_seconds')
        expect([name, samples.length > 0]).toEqual([name, true]);
  });

  itWithPromtool('are what promtool finds nothing to say about (needs promtool)', async () => {
    const { registry, requests } = metrics();
    requests.observe({ method: 'GET', route: '/metrics', status: 200 }, 0.01);
    const check = spawnSync('promtool', ['check', 'metrics'], {
      input: await registry.metrics(),
      encoding: 'utf8',
    });
    expect({ status: check.status, said: check.stderr }).toEqual({ status: 0, said: '' });
  });

  it('have counters with labels, of what each part says', async () => {
    const text = await metrics().registry.metrics();
    for (const line of [
      '# TYPE wireglass_capture_offered_packets_total counter',
      'wireglass_capture_offered_packets_total 30',
      'wireglass_captures_started_total 2',
      'wireglass_capture_dropped_packets_total{cause="kernel"} 9',
      'wireglass_meter_refused_packets_total{reason="not_ip"} 2',
      'wireglass_meter_unfollowed_packets_total{reason="encrypted"} 4',
      'wireglass_interface_packets_total{interface="eth\\"0\\n"} 20',
      'wireglass_interface_protocol_ip_bytes_total{interface="eth0",protocol="tcp"} 1700',
      'wireglass_lost_packets_total{interface="eth0",cause="kernel"} 9',
      'wireglass_ledger_difference_packets{equation="metering"} 0',
      'wireglass_flow_store_rows_total 9',
      'wireglass_flow_store_sealing_lag_seconds 0.5',
      'wireglass_metric_store_samples_total 7',
      'wireglass_metric_store_up 0',
      'wireglass_metric_series_limit 10000',
      'wireglass_history_events 9',
      'wireglass_influxdb_up 0',
      'wireglass_influxdb_dropped_points_total{reason="spool_full"} 3',
      'wireglass_packet_store_segments 2',
      'wireglass_audit_chain_intact 1',
      `wireglass_build_info{version="1.2.3",node_version="${process.versions.node}"} 1`,
    ])
      expect(text).toContain(`${line}\n`);
  });

  it('do not add up when they are read twice', async () => {
    const { registry } = metrics();
    await registry.metrics();
    expect(await registry.metrics()).toContain('wireglass_capture_packets_total 20\n');
  });

  it('leave out only the part that cannot be asked, or is not configured', async () => {
    const text = await new Metrics({
      ...testMetricsDependencies,
      flowStore: () => Promise.reject(new Error('closed')),
      metricStore: null,
    }).registry.metrics();
    expect(text).not.toMatch(/^wireglass_flow_store_rows_total \d/m);
    expect(text).not.toContain('wireglass_metric_store_');
    expect(text).toContain('wireglass_capture_packets_total 20\n');
    expect(() => readExposition(text)).not.toThrow();
  });

  it('ask each part once for a reading', async () => {
    let asked = 0;
    const { registry } = new Metrics({
      ...testMetricsDependencies,
      flowStore: () => {
        asked += 1;
        return testMetricsDependencies.flowStore();
      },
    });
    await registry.metrics();
    expect(asked).toBe(1);
    await registry.metrics();
    expect(asked).toBe(2);
  });

  // WIREGLASS_UPDATE_DOCS=1 writes the table anew
  it('stand all in docs/METRICS.md, as they are', () => {
    const [begin, end] = ['<!-- metrics: made by the test of metrics -->\n', '\n<!-- end of metrics -->'];
    const lines = metrics()
      .registry.getMetricsAsArray()
      .map(
        (metric) =>
          metric as unknown as {
            name: string;
            help: string;
            labelNames: string[];
            constructor: { name: string };
          },
      )
      .filter(({ name }) => name.startsWith('wireglass_'))
      .map(({ name, help, labelNames, constructor }) => {
        const labels = labelNames.filter((label) => label !== 'le').map((label) => `\`${label}\``);
        return `| \`${name}\` | ${constructor.name.toLowerCase()} | ${labels.join(', ')} | ${help} |`;
      });
    const table = ['| name | type | labels | meaning |', '| --- | --- | --- | --- |', ...lines].join('\n');
    const text = readFileSync(page, 'utf8');
    const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
    if (process.env['WIREGLASS_UPDATE_DOCS'] === '1')
      writeFileSync(page, text.slice(0, from) + table + text.slice(to));
    expect(readFileSync(page, 'utf8').slice(from, from + table.length)).toBe(table);
    expect(
      readFileSync(page, 'utf8')
        .slice(from + table.length)
        .startsWith(end),
    ).toBe(true);
  });
});

describe('readExposition', () => {
  const head = '# HELP a_total Things.\n# TYPE a_total counter\n';
  it.each([
    ['a sample without TYPE', 'a_total 1\n'],
    ['TYPE without HELP', '# TYPE a_total counter\na_total 1\n'],
    ['a metric twice', `${head}a_total 1\n${head}a_total{b="c"} 1\n`],
    ['a series twice', `${head}a_total{b="c"} 1\na_total{b="c"} 2\n`],
    ['a foreign sample', `${head}b_total 1\n`],
    ['a label without quotes', `${head}a_total{b=c} 1\n`],
    ['a label with a bare quote', `${head}a_total{b="c"d"} 1\n`],
    ['no number', `${head}a_total 0x1\n`],
    ['a line that does not end', `${head}a_total 1`],
    ['a bad name', `# HELP 1a x\n# TYPE 1a gauge\n`],
  ])('refuses %s', (_, text) => {
    expect(() => readExposition(text)).toThrow();
  });

  it.each([
    ['wireglass_flows', 'counter'],
    ['wireglass_flows_total', 'gauge'],
    ['wireglass_delay_ms', 'gauge'],
    ['wireglass_bytes_sent', 'gauge'],
  ])('finds that %s is no name of a %s', (name, type) => {
    expect(breaches({ name, type, help: 'Things.', samples: [] })).toHaveLength(1);
  });
});

describe('LifeCounters', () => {
  it('go on where a capture begins at zero', () => {
    let engine = {
      ...noCounters,
      captured_packets: 5,
      refused_packets: { not_ip: 1 } as Record<string, number>,
    };
    const life = new LifeCounters(() => engine);
    life.started();
    expect(life.read()).toMatchObject({ captured_packets: 5, refused_packets: { not_ip: 1 } });
    engine = { ...engine, captured_packets: 8 };
    life.ended(engine);
    expect(life.read().captured_packets).toBe(8);
    engine = { ...noCounters };
    // the engine has begun anew, the start is not told yet: nothing goes back
    expect(life.read().captured_packets).toBe(8);
    life.started();
    engine = {
      ...noCounters,
      captured_packets: 2,
      refused_packets: { not_ip: 3, malformed: 1 },
      disk_trouble: 'full',
    };
    expect(life.read()).toMatchObject({
      captured_packets: 10,
      refused_packets: { not_ip: 4, malformed: 1 },
      disk_trouble: 'full',
    });
    expect(life.captures).toBe(2);
  });
});
