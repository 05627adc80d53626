// Runs the compiled commands with the real engine, as a shell would: `npm run build` first.
import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { writePcap } from '../../../native/testing/batches.js';

const built = resolve(__dirname.replace(`${sep}src${sep}`, `${sep}dist${sep}`));
const program = resolve(built, '../../bin/wireglass.js');

let directory: string;
let traffic: string;
let ledger: Record<string, number>;

function wireglass(
  argv: string[],
  options: { input?: Buffer; env?: NodeJS.ProcessEnv } = {},
): SpawnSyncReturns<string> {
  const { WIREGLASS_STRICT: _, ...environment } = process.env;
  return spawnSync(process.execPath, [program, ...argv], {
    cwd: resolve(built, '../../..'),
    encoding: 'utf8',
    input: options.input,
    env: { ...environment, ...options.env },
    maxBuffer: 1 << 28,
    timeout: 60_000,
  });
}

type Row = Record<string, string | number | null>;

/** The JSON lines that a command prints. */
function lines(...argv: string[]): Row[] {
  const { stdout, stderr, status } = wireglass(argv);
  expect([status, stderr]).toEqual([0, '']);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

beforeAll(() => {
  if (!existsSync(built)) throw new Error('not built: npm run build');
  directory = mkdtempSync(join(tmpdir(), 'wireglass-cli-'));
  traffic = join(directory, 'traffic.pcap');
  const made = wireglass(['traffic', traffic, '--packets', '20000', '--seed', '7']);
  expect([made.stderr, made.status]).toEqual(['', 0]);
  ledger = JSON.parse(made.stdout) as Record<string, number>;
});

afterAll(() => rmSync(directory, { recursive: true }));

describe('wireglass meter', () => {
  it('agrees with the ledger of what was made', () => {
    const { stdout, status } = wireglass(['meter', '--summary', '--format', 'json', traffic]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      packets: ledger['packets'],
      bytes: ledger['bytes'],
      conversations: {
        outer: { tcp: ledger['outer_tcp'], udp: ledger['outer_udp'], sctp: 0 },
        inner: { tcp: ledger['inner_tcp'], udp: ledger['inner_udp'], sctp: 0 },
      },
      refused: {},
      failures: [],
    });
  });

  it('gives records whose bytes and packets sum to the ledger, the same each time', () => {
    const { stdout } = wireglass(['meter', traffic]);
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number>);
    const sum = (name: string): number => records.reduce((total, record) => total + (record[name] ?? 0), 0);
    expect(sum('packets') + sum('rev_packets')).toBe(ledger['packets']);
    expect(sum('bytes') + sum('rev_bytes')).toBe(ledger['ip_bytes']);
    expect(wireglass(['meter', traffic]).stdout).toBe(stdout);
  });

  it('reads standard input, and several files as one', () => {
    const once = wireglass(['meter', '--summary', traffic]).stdout;
    expect(wireglass(['meter', '--summary', '-'], { input: readFileSync(traffic) }).stdout).toBe(once);
    const twice = wireglass(['meter', '-s', '-f', 'json', traffic, traffic]).stdout;
    expect(JSON.parse(twice)).toMatchObject({ packets: 2 * (ledger['packets'] ?? 0) });
  });

  it('meters the rest when an input cannot be read, names it and exits 1', () => {
    const damaged = join(directory, 'damaged.pcap');
    writeFileSync(damaged, readFileSync(traffic).subarray(0, 5_001));
    const missing = join(directory, 'missing.pcap');
    const { stdout, stderr, status } = wireglass(['meter', '-s', '-f', 'json', missing, damaged, traffic]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/missing\.pcap: .*No such file/);
    expect(stderr).toMatch(/damaged\.pcap: .*\d/);
    const summary = JSON.parse(stdout) as { packets: number; failures: object[] };
    expect(summary.packets).toBeGreaterThan(ledger['packets'] ?? 0);
    expect(summary.failures).toHaveLength(2);
  });

  it('prints a summary even when nothing could be read', () => {
    const { stdout, status } = wireglass(['meter', '--summary', '--format', 'json', __filename]);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ packets: 0, failures: [{ code: 'not_a_capture_file' }] });
  });

  it('leaves quietly when its reader goes away', () => {
    const command = `"$0" "$1" meter --format csv "$2" | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', command, process.execPath, program, traffic], {
      cwd: resolve(built, '../../..'),
      encoding: 'utf8',
    });
    expect(stdout).toMatch(/^flow_id,.*\n0\n$/s);
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(stderr).toBe('');
  });

  it('writes to a file, and says when it cannot', () => {
    const path = join(directory, 'flows.csv');
    expect(wireglass(['meter', '-f', 'csv', '-o', path, traffic]).stdout).toBe('');
    expect(readFileSync(path, 'utf8')).toMatch(/^flow_id,/);
    const failed = wireglass(['meter', '-o', join(directory, 'no', 'such'), traffic]);
    expect(failed.status).toBe(2);
    expect(failed.stderr).toMatch(/cannot write .*such/);
  });

  it('writes the format that the name of the output tells, and leaves nothing else beside it', () => {
    const place = join(directory, 'by-name');
    mkdirSync(place);
    for (const name of ['flows.csv', 'flows.json', 'flows.parquet']) {
      expect(wireglass(['meter', '-o', join(place, name), traffic]).status).toBe(0);
    }
    const starts = { 'flows.csv': 'flow_id,', 'flows.json': '{"flow_', 'flows.parquet': 'PAR1' };
    expect(readdirSync(place).sort()).toEqual(Object.keys(starts));
    for (const [name, start] of Object.entries(starts)) {
      expect(readFileSync(join(place, name), 'latin1').startsWith(start)).toBe(true);
    }
    expect(wireglass(['meter', '-o', '/dev/null', '-f', 'csv', traffic]).status).toBe(0);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it('expands patterns and directories, skips what is no capture and says so', () => {
    const place = join(directory, 'captures');
    mkdirSync(join(place, 'below'), { recursive: true });
    for (const name of ['t1.pcap', 't2.pcap', 'below/t3.pcap']) copyFileSync(traffic, join(place, name));
    writeFileSync(join(place, 'notes.txt'), 'no capture');
    const packets = (...argv: string[]): [number, string, number | null] => {
      const { stdout, stderr, status } = wireglass(['meter', '-s', '-f', 'json', ...argv]);
      return [(JSON.parse(stdout) as { packets: number }).packets / (ledger['packets'] ?? 0), stderr, status];
    };
    const note = `wireglass meter: skipped, as it is no capture: ${join(place, 'notes.txt')}\n`;
    expect(packets(join(place, 't*.pcap'))).toEqual([2, '', 0]);
    expect(packets(join(place, '**', '*.pcap'))).toEqual([3, '', 0]);
    expect(packets(place)).toEqual([2, note, 0]);
    expect(packets('--recursive', '--quiet', place)).toEqual([3, '', 0]);
    expect(packets(join(place, 'x*.pcap'), join(place, 't1.pcap'))).toEqual([
      1,
      `wireglass meter: ${join(place, 'x*.pcap')}: no file matches\n`,
      1,
    ]);
    expect(packets(join(place, 'x*.pcap'))[2]).toBe(1);
  });

  it('sums up over groups what the records say', () => {
    const records = lines('meter', traffic);
    const groups = lines('meter', '--by', 'protocol,dst_port', traffic);
    const sum = (rows: Row[], ...names: string[]): number =>
      rows.reduce((total, row) => total + names.reduce((all, name) => all + Number(row[name]), 0), 0);
    expect(sum(groups, 'packets')).toBe(ledger['packets']);
    expect(sum(groups, 'bytes')).toBe(ledger['ip_bytes']);
    expect(sum(groups, 'flows')).toBe(records.length);
    for (const group of groups) {
      const members = records.filter(
        (it) => it['protocol'] === group['protocol'] && it['dst_port'] === group['dst_port'],
      );
      expect(group).toMatchObject({
        flows: members.length,
        packets: sum(members, 'packets', 'rev_packets'),
        bytes: sum(members, 'bytes', 'rev_bytes'),
      });
    }
    const top = lines('meter', '--by', 'protocol,dst_port', '--top', '2', traffic);
    expect(top.slice(0, 2).map((row) => row['bytes'])).toEqual(groups.slice(0, 2).map((row) => row['bytes']));
    expect(top[2]).toMatchObject({ protocol: null, other_groups: groups.length - 2 });
    expect(sum(top, 'bytes')).toBe(ledger['ip_bytes']);
    const filtered = lines('meter', '--by', 'protocol', '--filter', 'udp', traffic);
    expect(filtered.map((row) => row['protocol'])).toEqual([17]);
  });

  it('ends at Ctrl-C with what was read so far and status 130', async () => {
    const endless = spawn(process.execPath, [program, 'meter', '--format', 'csv', '-'], {
      cwd: resolve(built, '../../..'),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let text = '';
    let errors = '';
    endless.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    endless.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    endless.stdin.on('error', () => undefined);
    endless.stdin.write(readFileSync(traffic));
    // the input stays open: nothing but the signal ends the run
    setTimeout(() => endless.kill('SIGINT'), 2_000);
    const status = await new Promise((done) => endless.once('exit', done));
    endless.stdin.destroy();
    expect([status, errors]).toEqual([130, '']);
    expect(text.split('\r\n').length).toBeGreaterThan(100);
  });

  it('gives the same records whatever the number of workers', () => {
    const sorted = (...argv: string[]): string[] =>
      lines('meter', ...argv, traffic)
        .map(({ flow_id: _, ...record }) => JSON.stringify(record))
        .sort();
    const one = sorted('--workers', '1');
    for (const workers of ['2', '4', 'auto']) expect(sorted('--workers', workers)).toEqual(one);
  });

  it('samples packets or flows, and shows estimates beside what was counted', () => {
    const [all] = lines('meter', '--by', 'observation_domain', '--sampling', 'systematic:1', traffic);
    expect(all).toMatchObject({ packets: ledger['packets'] });
    expect(all).not.toHaveProperty('estimated_packets');
    const [every] = lines('meter', '--by', 'observation_domain', '--sampling', 'systematic:10', traffic);
    expect(every).toMatchObject({
      packets: (ledger['packets'] ?? 0) / 10,
      estimated_packets: ledger['packets'],
    });
    for (const mode of ['random', 'flow']) {
      const [sampled] = lines('meter', '--by', 'observation_domain', '--sampling', `${mode}:4`, traffic);
      const packets = Number(sampled?.['packets']);
      expect(packets).toBeGreaterThan(0);
      expect(packets).toBeLessThan(ledger['packets'] ?? 0);
      expect(sampled).toMatchObject({ estimated_packets: 4 * packets });
    }
  });

  it('meters tunnels themselves where it is told to, and sums them apart', () => {
    const [plain, ...none] = lines('meter', '--by', 'observation_domain', traffic);
    expect(none).toEqual([]);
    const [inner, outer] = lines('meter', '--by', 'observation_domain', '--outer-flows', traffic);
    expect(inner).toEqual({ flow_layer: 'innermost', ...plain });
    expect(outer).toMatchObject({ flow_layer: 'outer', packets: ledger['lisp_packets'] });
  });

  it('reads application fields where it is told to', () => {
    const question = Buffer.from('00010100000100000000000003777777076578616d706c6503636f6d0000010001', 'hex');
    const header = Buffer.from('4500000000000000401100000a0000010a000002', 'hex');
    header.writeUInt16BE(28 + question.length, 2);
    const transport = Buffer.from('9c40003500000000', 'hex');
    transport.writeUInt16BE(8 + question.length, 4);
    const dns = join(directory, 'dns.pcap');
    writePcap(dns, 101, Buffer.concat([header, transport, question]));
    expect(lines('meter', '--applications', dns)).toMatchObject([
      { dst_port: 53, dns_query: 'www.example.com' },
    ]);
    expect(lines('meter', dns)).toMatchObject([{ dst_port: 53, dns_query: '' }]);
  });

  it('lets timeouts and table size be set', () => {
    const slow = join(directory, 'slow.pcap');
    expect(wireglass(['traffic', slow, '-n', '20000', '--rate', '200']).status).toBe(0);
    const summary = (...argv: string[]): { flows: number; flows_evicted: number } =>
      JSON.parse(wireglass(['meter', '-s', '-f', 'json', ...argv, slow]).stdout) as never;
    const standard = summary();
    expect(summary('--idle-timeout', '0.1').flows).toBeGreaterThan(standard.flows);
    expect(summary('--idle-timeout', 'tcp=100ms').flows).toBeGreaterThan(standard.flows);
    expect(summary('--idle-timeout', 'tcp=100ms').flows).toBeLessThan(summary('--idle-timeout', '0.1').flows);
    expect(summary('--idle-timeout', '100ms,tcp=15s,udp=15s,icmp=15s').flows).toBe(standard.flows);
    expect(summary('--active-timeout', '1').flows).toBeGreaterThan(standard.flows);
    const many = join(directory, 'many.pcap');
    const made = [
      'traffic',
      many,
      '-p',
      'ordinary',
      '-n',
      '30000',
      '--flows',
      '30000',
      '--rate',
      '100000000',
    ];
    expect(wireglass(made).status).toBe(0);
    const small = wireglass(['meter', '-s', '-f', 'json', '--max-flows', '4096', many]).stdout;
    expect((JSON.parse(small) as { flows_evicted: number }).flows_evicted).toBeGreaterThan(0);
    expect(wireglass(['meter', '-s', '--max-flows', '4096', many]).stdout).toMatch(
      /closed early +[\d,]+ flows/,
    );
  });

  it.each<[string[], RegExp]>([
    [['meter'], /missing required argument 'file'/],
    [['meter', '--format', 'xml', 'a'], /Allowed choices are table, json, csv, parquet/],
    [['meter', '--idle-timeout', '0', 'a'], /Expected a duration from 100ms to 24h/],
    [['meter', '--active-timeout', 'long', 'a'], /Expected a duration from 1s to 24h/],
    [['meter', '--idle-timeout', 'sctp=1s', 'a'], /"sctp" is no protocol with a timeout/],
    [['meter', '--format', 'parquet', 'a'], /--format parquet needs a file: --output FILE/],
    [['meter', '--by', 'src_adr', 'a'], /did you mean src_addr\?/],
    [['meter', '--by', 'time', 'a'], /expected a duration, such as time:10s/],
    [
      ['meter', '--by', 'src_addr', '--sort', 'dst_port', 'a'],
      /groups are ordered by flows, packets, bytes, src_addr/,
    ],
    [['meter', '--by', 'src_addr', '--columns', 'bytes', 'a'], /--by names the columns/],
    [['meter', '--by', 'src_addr', '--summary', 'a'], /--summary counts packets/],
    [['meter', '--columns', 'bytes,bytez', 'a'], /"bytez" is no field .* did you mean bytes\?/],
    [['meter', '--columns', 'bytes,bytes', 'a'], /bytes is named twice/],
    [['meter', '--sort', 'src_addr', 'a'], /src_addr has no order/],
    [['meter', '--sort', 'size', 'a'], /"size" is no field/],
    [['meter', '--top', '0', 'a'], /Expected a whole number from 1 to/],
    [['meter', '--top', '5', '--all', 'a'], /--all and --top exclude each other/],
    [['meter', '--wide', '--format', 'csv', 'a'], /--wide is for the table/],
    [['meter', '--summary', '--top', '5', 'a'], /--summary has no records/],
    [['meter', '--workers', '0', 'a'], /Expected a whole number from 1 to 64/],
    [['meter', '--sampling', 'every:5', 'a'], /expected systematic:N/],
    [['meter', '--sampling', 'flow:0', 'a'], /expected systematic:N/],
    [['meter', '-', '-'], /standard input \(-\) can be read only once/],
    [['meter', '--max-flows', '4095', 'a'], /Expected a whole number from 4096 to 16777216/],
    [['meter', '--max-flows', '5000.5', 'a'], /Expected a whole number/],
    [['meter', '--filter', 'bites > 1', 'a'], /column 1: .* did you mean bytes\?/],
    [['meter', '--filter', 'tcp', '--summary', 'a'], /--summary counts packets/],
    [['meter', '--summary', '--format', 'csv', 'a'], /--format json/],
    [['meter', '--nonsense', 'a'], /unknown option '--nonsense'/],
    [['traffic', '--profile', 'x', 'a'], /Allowed choices/],
    [['traffic', '--profile', 'ordinary', '--sizes', 'enormous', '/dev/null'], /enormous/],
    [['traffic', '--sizes', 'small', '/dev/null'], /--sizes belongs to --profile ordinary/],
    [['backends', '--xml'], /unknown option/],
    [['check-config', '--nonsense'], /unknown option/],
  ])('refuses %j with status 2', (argv, message) => {
    const { status, stderr, stdout } = wireglass(argv);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it.each(['meter', 'backends', 'traffic', 'check-config', 'completion'])(
    'explains %s with status 0',
    (name) => {
      const { status, stdout } = wireglass([name, '--help']);
      expect(status).toBe(0);
      expect(stdout).toMatch(/^Usage: wireglass /);
    },
  );
});

describe('wireglass backends', () => {
  it('tells of each backend whether it is available, or why not', () => {
    const { stdout, status } = wireglass(['backends', '--json']);
    expect(status).toBe(0);
    const backends = JSON.parse(stdout) as { name: string; available: boolean; reason: string }[];
    expect(backends.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['af_packet', 'libpcap', 'file']),
    );
    for (const { available, reason } of backends) expect(available || reason !== '').toBe(true);
    const table = wireglass(['backends']).stdout;
    for (const { name } of backends) expect(table).toMatch(new RegExp(`^${name} +(yes|no)`, 'm'));
  });
});

describe('wireglass completion', () => {
  const complete = (...words: string[]): string => {
    const script = `source <("$1" "$2" completion bash); shift 2
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _wireglass; echo "\${COMPREPLY[*]}"`;
    const argv = ['-c', script, 'bash', process.execPath, program, ...words];
    const { stdout, stderr } = spawnSync('bash', argv, { cwd: resolve(built, '../../..'), encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout.trimEnd();
  };

  it.each<[string[], string]>([
    [['wireglass', 'me'], 'meter'],
    [['wireglass', 'token', 'n'], 'new'],
    [['wireglass', 'meter', '--fo'], '--format'],
    [['wireglass', 'meter', '--format', 'p'], 'parquet'],
    [['wireglass', 'meter', '--format', '=', 'c'], 'csv'],
    [['wireglass', 'meter', '--by', 'src_addr,dst_po'], 'src_addr,dst_port'],
    [['wireglass', 'meter', '--columns', 'a'], 'all application'],
    [['wireglass', 'run', '--backend', 'lib'], 'libpcap'],
  ])('completes %j', (words, reply) => expect(complete(...words)).toBe(reply));

  it('writes scripts for other shells from the same options', () => {
    const fish = wireglass(['completion', 'fish']).stdout;
    expect(fish).toMatch(/__fish_seen_subcommand_from meter' -s f -l format -x -a 'table json csv parquet'/);
    expect(wireglass(['completion', 'zsh']).stdout).toMatch(
      /^#compdef wireglass\n[^]*complete -F _wireglass/,
    );
    expect(wireglass(['completion', 'tcsh']).status).toBe(2);
  });
});

describe('wireglass check-config', () => {
  it('prints the settings in force and where each came from', () => {
    const path = join(directory, 'wireglass.yaml');
    writeFileSync(path, 'api:\n  port: 8001\n');
    const { stdout, status } = wireglass(['check-config', path], { env: { WIREGLASS_LOG_LEVEL: 'debug' } });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ok\n/);
    expect(stdout).toMatch(/^api\.port = 8001 +\(.*wireglass\.yaml:2:3\)$/m);
    expect(stdout).toMatch(/^log\.level = debug +\(WIREGLASS_LOG_LEVEL\)$/m);
  });

  it('exits 2 and names every problem', () => {
    const path = join(directory, 'wrong.yaml');
    writeFileSync(path, 'api:\n  prot: 1\n  host: 5\n');
    const { stdout, stderr, status } = wireglass(['check-config', path]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
    expect(stderr).toMatch(/wrong\.yaml:2:3: unknown key api\.prot; did you mean port\?/);
  });

  it('prints defaults that it accepts itself', () => {
    const path = join(directory, 'defaults.yaml');
    writeFileSync(path, wireglass(['check-config', '--print-defaults']).stdout);
    expect(wireglass(['check-config', path]).status).toBe(0);
  });
});
