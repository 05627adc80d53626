import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppError } from '../model/errors.js';
import { configKeys, expectation } from './keys.js';
import { loadConfig, type ConfigSources } from './load.js';
import { defaultsAsYaml, settingsInForce } from './print.js';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'wireglass-config-'))));
afterEach(() => rmSync(directory, { recursive: true }));

function yaml(text: string): string {
  const path = join(directory, 'wireglass.yaml');
  writeFileSync(path, text);
  return path;
}

const load = (sources: ConfigSources) => loadConfig({ environment: {}, ...sources });

function problems(sources: ConfigSources): string[] {
  try {
    load(sources);
  } catch (error) {
    expect((error as AppError).code).toBe('bad_config');
    return (error as AppError).details['problems'] as string[];
  }
  throw new Error('was not refused');
}

describe('loadConfig', () => {
  it('has a default, a meaning and an expectation for every key', () => {
    const { config, origins } = load({});
    expect(config.api).toEqual({ host: '127.0.0.1', port: 8000 });
    expect(config.meter.max_flows).toBe(262_144);
    for (const key of configKeys) {
      expect(key.description.length).toBeGreaterThan(10);
      expect(expectation(key)).not.toContain('undefined');
      expect(origins.get(key.path)).toBe('default');
    }
  });

  it('takes the command line over the environment over the file over the defaults', () => {
    const file = yaml('api:\n  port: 1001\n  host: 127.0.0.2\nmeter:\n  max_flows: 5000\n');
    const { config, origins } = load({
      file,
      environment: { WIREGLASS_API_PORT: '1002', WIREGLASS_METER_MAX_FLOWS: '6000', PATH: '/bin' },
      flags: { 'api.port': '1003', data_dir: undefined },
    });
    expect(config.api).toEqual({ host: '127.0.0.2', port: 1003 });
    expect(config.meter.max_flows).toBe(6000);
    expect(origins.get('api.port')).toBe('command line');
    expect(origins.get('meter.max_flows')).toBe('WIREGLASS_METER_MAX_FLOWS');
    expect(origins.get('api.host')).toBe(`${file}:3:3`);
    expect(origins.get('data_dir')).toBe('default');
  });

  it.each([
    ['true', true],
    ['off', false],
    ['1', true],
    ['NO', false],
  ])('reads %s from the environment as %s', (text, value) => {
    expect(load({ environment: { WIREGLASS_PACKETS_RECORD: text } }).config.packets.record).toBe(value);
  });

  it('reads lists of ports from file, environment and command line', () => {
    const { config, origins } = load({
      file: yaml('decode:\n  ports:\n    geneve: [6081, 16081]\n    gtp_u: []\n    lisp:\n      - 5\n'),
      environment: { WIREGLASS_DECODE_PORTS_VXLAN: '4789, 14789', WIREGLASS_DECODE_PORTS_VXLAN_GPE: 'none' },
      flags: { 'decode.ports.lisp_control': '7' },
    });
    expect(config.decode.ports).toMatchObject({
      geneve: [6_081, 16_081],
      gtp_u: [],
      lisp: [5],
      lisp_control: [7],
      vxlan: [4_789, 14_789],
      vxlan_gpe: [],
    });
    expect(origins.get('decode.ports.vxlan')).toBe('WIREGLASS_DECODE_PORTS_VXLAN');
    expect(() => config.decode.ports.geneve.push(1)).toThrow(TypeError);
  });

  it('takes an empty variable and an empty section for absent', () => {
    const { config } = load({
      file: yaml('api:\nmeter:\n  # nothing\n'),
      environment: { WIREGLASS_API_PORT: '' },
    });
    expect(config.api.port).toBe(8000);
  });

  it.each(['', '# only a comment\n', '---\n'])('takes the file %j for empty', (text) => {
    expect(load({ file: yaml(text) }).config.api.port).toBe(8000);
  });

  it('freezes what it returns', () => {
    const { config } = load({});
    expect(() => ((config.api as { port: number }).port = 1)).toThrow(TypeError);
    expect(() => ((config as { data_dir: string }).data_dir = 'x')).toThrow(TypeError);
  });

  it.each<[string, RegExp]>([
    ['api:\n  prot: 1\n', /:2:3: unknown key api\.prot; did you mean port\?/],
    ['apy:\n  port: 1\n', /:1:1: unknown key apy; did you mean api\?/],
    ['port: 1\n', /:1:1: unknown key port; did you mean api\.port\?/],
    ['flows:\n  max_flows: 5000\n', /unknown key flows\.max_flows; did you mean meter\.max_flows\?/],
    ['api:\n  zzz: 1\n', /unknown key api\.zzz; api has host, port/],
    ['api:\n  port: 70000\n', /:2:3: api\.port is 70000; expected a whole number from 0 to 65535/],
    ['api:\n  port: "80"\n', /api\.port is "80"; expected a whole number/],
    ['api:\n  port: 1.5\n', /api\.port is 1\.5; expected/],
    ['api:\n  port:\n', /api\.port is nothing; expected/],
    ['api:\n  port: [1]\n', /api\.port is "\(several values\)"; expected/],
    ['packets:\n  record: maybe\n', /packets\.record is "maybe"; expected true or false/],
    ['capture:\n  backend: dpdk\n', /capture\.backend is "dpdk"; expected one of auto, af_packet, libpcap/],
    ['data_dir: ""\n', /data_dir is ""; expected a text that is not empty/],
    ['api: 5\n', /:1:6: api is a section/],
    ['- 1\n', /:1:1: expected keys/],
    ['api:\n  port: 1\n  port: 2\n', /:3:3: Map keys must be unique/],
    ['api: {port: 1\n', /:\d+:\d+: /],
    ['packets:\n  max_segment_bytes: 2000000\n  max_total_bytes: 1500000\n', /must not be above/],
    [
      'decode:\n  ports:\n    vxlan: [5]\n    geneve: [6, 5]\n',
      /decode\.ports\.vxlan and decode\.ports\.geneve must not both have 5/,
    ],
    [
      'decode:\n  ports:\n    vxlan: [4790]\n',
      /ports\.vxlan and decode\.ports\.vxlan_gpe must not both have 4790/,
    ],
    ['decode:\n  ports:\n    vxlam: [5]\n', /:3:5: unknown key decode\.ports\.vxlam; did you mean vxlan\?/],
    ['decode:\n  vxlan: [5]\n', /unknown key decode\.vxlan; did you mean decode\.ports\.vxlan\?/],
    ['decode:\n  zzz: [5]\n', /unknown key decode\.zzz; decode has ports, max_ip_layers, max_headers/],
    ['decode:\n  ports: 5\n', /decode\.ports is a section: expected keys below it/],
    ['decode:\n  ports:\n    vxlan: 5\n', /decode\.ports\.vxlan is 5; expected at most 16 different numbers/],
    [
      'decode:\n  ports:\n    vxlan: [5, 5]\n',
      /vxlan is \[5,5\]; expected at most 16 different numbers from 1 to/,
    ],
    ['decode:\n  ports:\n    vxlan: [0]\n', /vxlan is \[0\]; expected/],
    ['decode:\n  ports:\n    vxlan: [[5]]\n', /vxlan is \[\[5\]\]; expected/],
  ])('refuses %j', (text, problem) => {
    expect(problems({ file: yaml(text) }).join('\n')).toMatch(problem);
  });

  it.each<[Record<string, string>, RegExp]>([
    [
      { WIREGLASS_API_PROT: '1' },
      /unknown environment variable WIREGLASS_API_PROT; did you mean WIREGLASS_API_PORT\?/,
    ],
    [{ WIREGLASS_API_PORT: 'x' }, /WIREGLASS_API_PORT: api\.port is "x"; expected/],
    [{ WIREGLASS_API_PORT: '99999999999999999999' }, /expected a whole number/],
    [{ WIREGLASS_PACKETS_RECORD: '2' }, /expected true or false/],
    [{ WIREGLASS_DECODE_PORTS_VXLAN: '4789;8472' }, /vxlan is "4789;8472"; expected at most 16 different/],
  ])('refuses the environment %j', (environment, problem) => {
    expect(problems({ environment }).join('\n')).toMatch(problem);
  });

  it('leaves variables that others read alone', () => {
    const environment = {
      WIREGLASS_TOKEN: 'x',
      WIREGLASS_ADDON: 'x',
      WIREGLASS_CONFIG: 'x',
      WIREGLASS_STRICT: '1',
    };
    expect(load({ environment }).config.api.port).toBe(8000);
  });

  it('names every problem at once, and a file that is not there', () => {
    expect(problems({ file: yaml('api:\n  prt: 1\nx: 2\n'), flags: { 'api.port': -1 } })).toHaveLength(3);
    expect(problems({ file: join(directory, 'none.yaml') })[0]).toMatch(/none\.yaml: .*no such file/);
    expect(problems({ file: directory })[0]).toMatch(/EISDIR/);
  });

  it('prints defaults that are themselves a valid file and change nothing', () => {
    const loaded = load({ file: yaml(defaultsAsYaml()) });
    expect(loaded.config).toEqual(load({}).config);
    for (const key of configKeys) expect(loaded.origins.get(key.path)).toMatch(/wireglass\.yaml:\d+/);
  });

  it('shows each setting in force with its origin', () => {
    const text = settingsInForce(load({ flags: { 'api.port': 9 } }));
    expect(text).toMatch(/^api\.port = 9 +\(command line\)$/m);
    expect(text).toMatch(/^decode\.ports\.vxlan = \[4789, 8472\] +\(default\)$/m);
    expect(text.trimEnd().split('\n')).toHaveLength(configKeys.length);
  });
});
