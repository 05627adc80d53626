/** Filter expressions over packets against tcpdump's, on captures by others: which packets pass, in which order. */
import { exportFiles, listFilePackets, type FilePacketRow } from '@wireglass/native';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packetFilter } from '../../collector/src/query/packet-program.js';
import { capturesFolder, describeWithCaptures, truth, type ManifestEntry } from '../helpers/captures.js';
import { Expressions, randomOf } from '../helpers/filter-expressions.js';
import { innermostReason, knownLinkTypes, outermost, outermostReason } from '../helpers/outermost-headers.js';
import { readPcap, writeNumberedPcap, type Pcap } from '../helpers/pcap-records.js';
import { describeWhere, missing } from '../helpers/requirements.js';

/** Expressions per file; WIREGLASS_FILTER_EXPRESSIONS asks for more of them, and for every file. */
const wanted = Number(process.env['WIREGLASS_FILTER_EXPRESSIONS'] ?? 0);
const perFile = wanted > 0 ? wanted : 3;
/** Of the files so many-th is taken when nothing was asked for. */
const everyFile = wanted > 0 ? 1 : 8;
const maxPackets = 2_000;
const seed = 20_261_125;

async function exported(path: string, filter?: string): Promise<Buffer> {
  const reading = exportFiles([path], {
    format: 'pcap',
    ...(filter === undefined ? {} : { filter: packetFilter(filter) }),
  });
  const parts: Buffer[] = [];
  for (let done = false; !done;) {
    const step = await reading.next();
    parts.push(step.data);
    done = step.done;
  }
  return Buffer.concat(parts);
}

/** What tcpdump writes; a string: why it takes no such expression. */
function tcpdump(path: string, expression: string): Buffer | string {
  const run = spawnSync('tcpdump', ['-r', path, '-w', '-', expression], { maxBuffer: 1 << 28 });
  if (run.status === 0) return run.stdout;
  return (
    /syntax error|rejects all|not supported|no support|unknown|illegal|expression|can't parse/.exec(
      run.stderr.toString(),
    )?.[0] ?? `it failed: ${run.stderr.toString()}`
  );
}

interface Entry extends ManifestEntry {
  linktype: number[];
  min_ts_ns: number;
  max_ts_ns: number;
}

interface Sample {
  path: string;
  /** a pcap can hold all its time stamps */
  timesFit: boolean;
  /** the same packets, numbered by their seconds */
  numbered: string;
  pcap: Pcap;
  rows: FilePacketRow[];
}

/** pcap-filter sees a tag only where it is named: the expression for packets without, with one and with two tags. */
function behindTags(expression: string): string {
  const untagged = 'not (ether proto 0x8100 or ether proto 0x88a8 or ether proto 0x9100)';
  const here = `(${untagged} and (${expression}))`;
  return `${here} or (vlan and (${here} or (vlan and ${here})))`;
}

type Reason = (linkType: number, record: Pcap['records'][number], row: FilePacketRow) => string | null;

class Comparison {
  pairs = 0;
  packets = 0;
  passed = 0;
  readonly excluded = new Map<string, number>();
  readonly notTaken = new Map<string, number>();
  readonly differences: string[] = [];

  async compare(sample: Sample, ours: string, theirs: string, reason: Reason): Promise<void> {
    const kept = tcpdump(sample.numbered, theirs);
    if (typeof kept === 'string') return count(this.notTaken, kept);
    const { linkType, records } = sample.pcap;
    const mine = readPcap(await exported(sample.numbered, ours)).seconds;
    const other = readPcap(kept).seconds;
    this.pairs += 1;
    const excluded = new Set<number>();
    records.forEach((record, place) => {
      const why = reason(linkType, record, sample.rows[place] as FilePacketRow);
      if (why === null) return;
      excluded.add(place);
      count(this.excluded, why);
    });
    this.packets += records.length - excluded.size;
    const [left, right] = [mine, other].map((places) => places.filter((place) => !excluded.has(place)));
    this.passed += left?.length ?? 0;
    if (JSON.stringify(left) === JSON.stringify(right)) return;
    const first = records.findIndex((_, place) => left?.includes(place) !== right?.includes(place));
    this.differences.push(
      `${sample.path}: ours ${JSON.stringify(ours)}, tcpdump ${JSON.stringify(theirs)}: packet ${first + 1} passes ${left?.includes(first) ? 'ours' : "tcpdump's"} only`,
    );
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

const samples: Sample[] = [];
let directory: string;

/** Files that tcpdump reads to their end, of one link type. */
async function takeSamples(): Promise<void> {
  const entries = truth<Entry>('manifest.jsonl').filter(
    ({ packets, linktype }) =>
      packets > 0 && packets <= maxPackets && linktype.length === 1 && knownLinkTypes.has(linktype[0] ?? -1),
  );
  for (const [place, { path, min_ts_ns, max_ts_ns }] of entries.entries()) {
    if (place % everyFile !== 0) continue;
    const file = join(capturesFolder, path);
    const kept = tcpdump(file, 'greater 0');
    const bytes = await exported(file).catch(() => null);
    if (typeof kept === 'string' || bytes === null) continue;
    const pcap = readPcap(bytes);
    const numbered = join(directory, `${place}.pcap`);
    writeNumberedPcap(numbered, pcap);
    const timesFit = min_ts_ns >= 0 && max_ts_ns < 2 ** 32 * 1e9;
    samples.push({ path, timesFit, numbered, pcap, rows: await listFilePackets(numbered, maxPackets) });
  }
}

describeWithCaptures('filters of packets and tcpdump', () => {
  describeWhere(missing(['tcpdump']))('on captures', () => {
    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'wireglass-filters-'));
      await takeSamples();
    }, 300_000);
    afterAll(() => rmSync(directory, { recursive: true }));

    it('write the same packets without a filter, byte for byte', async () => {
      let compared = 0;
      for (const { path, timesFit, pcap } of samples) {
        if (!timesFit) continue;
        const file = join(capturesFolder, path);
        const theirs = execFileSync('tcpdump', ['-r', file, '-w', '-'], {
          maxBuffer: 1 << 28,
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        // libpcap cuts what a damaged file claims to be longer than its snapshot length
        const snaplen = theirs.readUInt32LE(16);
        if (pcap.records.some(({ data }) => data.length > snaplen)) continue;
        compared += 1;
        const mine = await exported(file);
        expect([path, mine.subarray(24).equals(theirs.subarray(24))]).toEqual([path, true]);
      }
      expect(compared).toBeGreaterThan(50);
    }, 600_000);

    it('pass the same packets, written the same', async () => {
      const comparison = new Comparison();
      for (const [place, sample] of samples.entries()) {
        const expressions = new Expressions(sample.pcap, sample.rows, randomOf(seed + place));
        for (let turn = 0; turn < perFile; ++turn) {
          const expression = expressions.next();
          await comparison.compare(sample, expression, expression, innermostReason);
        }
      }
      report(comparison, 'innermost headers');
    }, 3_600_000);

    it('pass the same packets by their outermost headers, behind tags and in front of tunnels', async () => {
      const comparison = new Comparison();
      for (const [place, sample] of samples.entries()) {
        const expressions = new Expressions(sample.pcap, sample.rows, randomOf(seed * 2 + place));
        for (let turn = 0; turn < perFile; ++turn) {
          const expression = expressions.next();
          const theirs = sample.pcap.linkType === 1 ? behindTags(expression) : expression;
          await comparison.compare(sample, `outer (${expression})`, theirs, (linkType, record, row) =>
            (outermost(linkType, record)?.vlans.length ?? 0) > 2
              ? 'more than two VLAN tags'
              : outermostReason(linkType, record, row),
          );
        }
      }
      report(comparison, 'outermost headers');
    }, 3_600_000);

    it('know VLANs by their outermost identifier, and pass what is behind one tag', async () => {
      const comparison = new Comparison();
      for (const [place, sample] of samples.entries()) {
        const tags = [
          ...new Set(
            sample.pcap.records.flatMap((record) => outermost(sample.pcap.linkType, record)?.vlans ?? []),
          ),
        ];
        if (tags.length === 0) continue;
        const expressions = new Expressions(sample.pcap, sample.rows, randomOf(seed * 3 + place));
        for (let turn = 0; turn < perFile; ++turn) {
          const vlan = `vlan ${tags[turn % tags.length]}`;
          await comparison.compare(sample, vlan, vlan, () => null);
          const expression = expressions.next();
          await comparison.compare(
            sample,
            `${vlan} and outer (${expression})`,
            `${vlan} and (${expression})`,
            (linkType, record, row) =>
              (outermost(linkType, record)?.vlans.length ?? 0) > 1
                ? 'more than one VLAN tag'
                : outermostReason(linkType, record, row),
          );
        }
      }
      report(comparison, 'VLANs', 0);
    }, 3_600_000);
  });
});

/** Says what was compared and what was not, and why; fails where packets differ. */
function report(comparison: Comparison, name: string, leastPassed = 1): void {
  const { pairs, packets, passed, excluded, notTaken, differences } = comparison;
  const lines = (counts: Map<string, number>): string =>
    [...counts].map(([why, times]) => `\n    ${why}: ${times}`).join('');
  process.stdout.write(
    `  ${name}: ${pairs} expressions on ${samples.length} files, ${packets} decisions compared, ${passed} packets passed, ${differences.length} expressions differ` +
      `\n   packets left out:${lines(excluded)}\n   expressions that tcpdump refuses:${lines(notTaken)}\n`,
  );
  expect(differences.slice(0, 20)).toEqual([]);
  expect(passed).toBeGreaterThanOrEqual(leastPassed);
}
