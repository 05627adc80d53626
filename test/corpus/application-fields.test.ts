/**
 * Application fields of public captures against tshark's, conversation by conversation; JA4 against one that is made
 * from the lists tshark shows. Where both have a text it must be the same; where only one has, it must be listed in
 * application-differences.json with the reason, and an entry that no longer differs must go.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capturesFolder, haveCaptures } from '../helpers/captures.js';
import { flowsOf } from '../helpers/file-flows.js';
import { describeWhere, missing } from '../helpers/requirements.js';
import {
  APPLICATION_FIELDS,
  conversationKey,
  tsharkApplications,
  type ApplicationField,
  type ApplicationTexts,
} from '../helpers/tshark-applications.js';

interface Difference {
  capture: string;
  field: ApplicationField;
  wireglass: string;
  tshark: string;
  conversations: number;
  reason: string;
}
type Found = Omit<Difference, 'reason'>;

const listFile = join(__dirname, 'application-differences.json');
const folders = ['dns', 'http', 'other', 'quic', 'tls'].map((name) => `apps/${name}`);

/** The first text of each field in each conversation. */
async function wireglassApplications(path: string): Promise<Map<string, ApplicationTexts>> {
  const found = new Map<string, ApplicationTexts>();
  for (const flow of await flowsOf(path, { applications: true })) {
    const key = conversationKey(flow.protocol, [
      [flow.src_addr, flow.src_port],
      [flow.dst_addr, flow.dst_port],
    ]);
    const texts: ApplicationTexts = {};
    for (const field of APPLICATION_FIELDS) {
      if (flow[field] !== '' && flow[field] !== 0) texts[field] = String(flow[field]);
    }
    found.set(key, { ...texts, ...found.get(key) });
  }
  return found;
}

function compare(
  capture: string,
  ours: Map<string, ApplicationTexts>,
  theirs: Map<string, ApplicationTexts>,
): { same: number; differences: Found[] } {
  let same = 0;
  const differences = new Map<string, Found>();
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    for (const field of APPLICATION_FIELDS) {
      const wireglass = ours.get(key)?.[field] ?? '';
      const tshark = theirs.get(key)?.[field] ?? '';
      if (wireglass === tshark) {
        same += wireglass === '' ? 0 : 1;
        continue;
      }
      const kind = `${field}\t${wireglass}\t${tshark}`;
      const one = differences.get(kind) ?? { capture, field, wireglass, tshark, conversations: 0 };
      differences.set(kind, { ...one, conversations: one.conversations + 1 });
    }
  }
  return { same, differences: [...differences.values()] };
}

function listed(): Difference[] {
  return JSON.parse(readFileSync(listFile, 'utf8')) as Difference[];
}

/** With WIREGLASS_UPDATE_DIFFERENCES=1: rewrites the list, keeping known reasons; new ones need a person's. */
function update(found: Found[]): void {
  const known = listed();
  const same = (a: Found, b: Found): boolean =>
    a.capture === b.capture && a.field === b.field && a.wireglass === b.wireglass && a.tshark === b.tshark;
  const rows = found.map((one) => ({ ...one, reason: known.find((k) => same(k, one))?.reason ?? '' }));
  writeFileSync(listFile, `${JSON.stringify(rows, null, 2)}\n`);
}

const lack = haveCaptures ? missing(['tshark']) : 'no captures beside the repository';

describeWhere(lack)('application fields of public captures', () => {
  it("are tshark's, or the difference is explained", async () => {
    const found: Found[] = [];
    let same = 0;
    for (const folder of folders) {
      for (const name of readdirSync(join(capturesFolder, folder)).sort()) {
        const path = join(capturesFolder, folder, name);
        const result = compare(
          `${folder}/${name}`,
          await wireglassApplications(path),
          tsharkApplications(path),
        );
        same += result.same;
        found.push(...result.differences);
      }
    }
    if (process.env.WIREGLASS_UPDATE_DIFFERENCES === '1') update(found);
    expect(same).toBeGreaterThan(800);
    expect(listed().map(({ reason: _, ...rest }) => rest)).toEqual(found);
    expect(listed().filter(({ reason }) => reason.length < 20)).toEqual([]);
  }, 300_000);
});
