import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expandGlob } from './glob.js';
import { expandInputs } from './inputs.js';

let directory: string;
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'wireglass-inputs-'))));
afterAll(() => rmSync(directory, { recursive: true }));

const pcap = Buffer.from('d4c3b2a102000400', 'hex');
const contents: Record<string, Buffer | string> = {
  'a/x1.pcap': pcap,
  'a/x2.pcap': pcap,
  'a/x10.pcap': pcap,
  'a/y.pcapng': Buffer.from('0a0d0d0a1c000000', 'hex'),
  'a/y.pcap.gz': gzipSync(pcap),
  'a/y.pcap.zst': Buffer.from('28b52ffd00000000', 'hex'),
  'a/other.zst': Buffer.from('28b52ffd00000000', 'hex'),
  'a/log.gz': gzipSync('a log'),
  'a/notes.txt': 'no capture',
  'a/empty.pcap': '',
  'a/.hidden.pcap': pcap,
  'a/b/deep.pcap': pcap,
  'a/b/c/deeper.pcap': pcap,
  'a/[odd].pcap': pcap,
  'none/readme': 'nothing',
  'none/below/z.pcap': pcap,
};

beforeAll(() => {
  for (const [name, content] of Object.entries(contents)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  symlinkSync(join(directory, 'a'), join(directory, 'a', 'b', 'circle'));
  symlinkSync(join(directory, 'a', 'x1.pcap'), join(directory, 'a', 'link.pcap'));
});

const at = (name: string): string => join(directory, name);
const names = (paths: string[]): string[] => paths.map((path) => path.slice(directory.length + 1));

describe('expandGlob', () => {
  it.each<[string, string[]]>([
    ['a/x*.pcap', ['a/x1.pcap', 'a/x2.pcap', 'a/x10.pcap']],
    ['a/x?.pcap', ['a/x1.pcap', 'a/x2.pcap']],
    ['a/x[2-9].pcap', ['a/x2.pcap']],
    ['a/x[!1]*.pcap', ['a/x2.pcap']],
    ['a/x{2,10}.pcap', ['a/x2.pcap', 'a/x10.pcap']],
    ['{a,none}/{x1,re{ad,ed}me}*', ['a/x1.pcap', 'a/x10.pcap', 'none/readme']],
    ['a/**/deep*.pcap', ['a/b/c/deeper.pcap', 'a/b/deep.pcap']],
    ['**/z.pcap', ['none/below/z.pcap']],
    ['a/*/deep.pcap', ['a/b/deep.pcap']],
    ['a/.h*', ['a/.hidden.pcap']],
    ['a/*hidden*', []],
    ['a/y.pcap{.gz,.zst}', ['a/y.pcap.gz', 'a/y.pcap.zst']],
    ['a/[z-a]*', []],
    ['a/x1.pcap*', ['a/x1.pcap']],
    ['a/x+.pcap', []],
    ['nowhere/*', []],
  ])('finds %s', (pattern, found) => expect(names(expandGlob(at(pattern)))).toEqual(found));
});

describe('expandInputs', () => {
  const expand = (args: string[], recursive = false) => {
    const { paths, failures, skipped } = expandInputs(args.map(at), recursive);
    return { paths: names(paths), failures: failures.map(({ message }) => message), skipped: names(skipped) };
  };

  it('takes files as they are named, in that order, also what is not there and what looks like a pattern', () => {
    const args = ['a/y.pcapng', 'a/missing.pcap', 'a/notes.txt', 'a/[odd].pcap'];
    expect(expand(args)).toEqual({ paths: args, failures: [], skipped: [] });
    expect(expandInputs(['-'], false).paths).toEqual(['-']);
  });

  it('takes the captures of a directory, naturally sorted, and says what else it holds', () => {
    expect(expand(['a'])).toEqual({
      paths: [
        '.hidden.pcap',
        '[odd].pcap',
        'link.pcap',
        'x1.pcap',
        'x2.pcap',
        'x10.pcap',
        'y.pcap.gz',
        'y.pcap.zst',
        'y.pcapng',
      ].map((name) => `a/${name}`),
      failures: [],
      skipped: ['a/empty.pcap', 'a/log.gz', 'a/notes.txt', 'a/other.zst'],
    });
  });

  it('looks below only when told to, and runs in no circle', () => {
    const deep = expand(['a'], true).paths.filter((path) => path.startsWith('a/b'));
    expect(deep).toEqual(['a/b/c/deeper.pcap', 'a/b/deep.pcap']);
    expect(expand(['none'], true).paths).toEqual(['none/below/z.pcap']);
  });

  it('says of a pattern or a directory that it gives nothing, and takes the rest', () => {
    const { paths, failures } = expand(['a/*.cap', 'none', 'a/x1.pcap', 'a/x1?pcap']);
    expect(paths).toEqual(['a/x1.pcap', 'a/x1.pcap']);
    expect(failures).toEqual([
      `${at('a/*.cap')}: no file matches`,
      `${at('none')}: no capture file in this directory (--recursive looks into directories below it)`,
    ]);
    expect(expandInputs([at('a/*.cap')], false).failures[0]?.code).toBe('input_unreadable');
  });
});
