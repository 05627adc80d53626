/**
 * The innermost packet of every frame in the captures of tunnels and IPv6, field by field, against what tshark reads.
 * A difference must be listed with an example and a reason in inner-differences.json, and an entry that no longer
 * differs must go. WIREGLASS_UPDATE_DIFFERENCES=1 rewrites the list and keeps known reasons.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listFilePackets, type FilePacketRow } from '@wireglass/native';
import { capturesFolder, haveCaptures, truth, type ManifestEntry } from '../helpers/captures.js';
import { describeWhere, missing } from '../helpers/requirements.js';
import { tsharkInner, type InnerFields } from '../helpers/tshark-inner.js';

const maxPackets = 100_000;
const list = join(__dirname, 'inner-differences.json');

interface InnerDifference {
  capture: string;
  field: string;
  packets: number;
  first_frame: number;
  wireglass: string | number | null;
  tshark: string | number | null;
  reason: string;
}
type Found = Omit<InnerDifference, 'reason'>;

const names: readonly (keyof InnerFields)[] = [
  'src_addr',
  'dst_addr',
  'src_port',
  'dst_port',
  'ip_protocol',
  'tenant_id',
];

/** A packet that makes no flow has nothing to compare. */
function ours(row: FilePacketRow | undefined, name: keyof InnerFields): string | number | null {
  return row?.decode_status === 'ok' ? row[name] : null;
}

/** What tshark does not tell by a field is not compared. */
function comparable(name: keyof InnerFields, theirs: InnerFields): boolean {
  if (theirs.src_addr === null) return name === 'src_addr';
  return theirs[name] !== null || (name !== 'tenant_id' && name !== 'ip_protocol');
}

function differences(capture: string, rows: FilePacketRow[], frames: InnerFields[]): Found[] {
  const found = new Map<string, Found>();
  frames.forEach((theirs, index) => {
    const name = names.find((one) => comparable(one, theirs) && ours(rows[index], one) !== theirs[one]);
    if (name === undefined) return;
    const known = found.get(name);
    if (known !== undefined) known.packets += 1;
    else {
      const values = { wireglass: ours(rows[index], name), tshark: theirs[name] };
      found.set(name, { capture, field: name, packets: 1, first_frame: index + 1, ...values });
    }
  });
  return [...found.values()];
}

const listed = (): InnerDifference[] => JSON.parse(readFileSync(list, 'utf8')) as InnerDifference[];

function update(found: Found[]): void {
  const known = listed();
  const rows = found.map((one) => {
    const same = known.find(({ capture, field }) => capture === one.capture && field === one.field);
    const cells = Object.entries({ ...one, reason: same?.reason ?? '' });
    return `  {${cells.map(([name, value]) => `"${name}": ${JSON.stringify(value)}`).join(', ')}}`;
  });
  writeFileSync(list, `[\n${rows.join(',\n')}\n]\n`);
}

const lack = haveCaptures ? missing(['tshark']) : 'no captures beside the repository';

describeWhere(lack)('innermost packets of tunnels', () => {
  it('are what tshark reads, or the difference is explained', async () => {
    const found: Found[] = [];
    let packets = 0;
    const entries = truth<ManifestEntry>('manifest.jsonl').filter(({ path }) =>
      /^(tunnels|ipv6)\//.test(path),
    );
    for (const { path } of entries) {
      const file = join(capturesFolder, path);
      const frames = tsharkInner(file);
      packets += frames.length;
      found.push(...differences(path, await listFilePackets(file, maxPackets), frames));
    }
    expect(entries.length).toBeGreaterThan(100);
    expect(packets).toBeGreaterThan(1_000);
    if (process.env.WIREGLASS_UPDATE_DIFFERENCES === '1') update(found);
    expect(listed().map(({ reason: _, ...rest }) => rest)).toEqual(found);
    expect(listed().filter(({ reason }) => reason.length < 20)).toEqual([]);
  }, 600_000);
});
