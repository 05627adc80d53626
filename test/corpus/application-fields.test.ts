/**
 * Application fields of public captures against tshark's, conversation by conversation; JA4 against one that is made
 * from the lists tshark shows. Where both have a text it must be the same; where only one has, it must be listed in
 * application-differences.json with a reason that holds for each of its conversations, and an entry that no longer differs
 * must go. WIREGLASS_UPDATE_DIFFERENCES=1 rewrites the list.
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
import { Evidence, reasonOf, type Reason } from './application-reasons.js';

interface Difference {
  capture: string;
  field: ApplicationField;
  wireglass: string;
  tshark: string;
  conversations: number;
  reason: Reason | '';
}

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
): { same: number; differences: Difference[] } {
  let same = 0;
  const evidence = new Evidence(join(capturesFolder, capture));
  const differences = new Map<string, Difference>();
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    for (const field of APPLICATION_FIELDS) {
      const wireglass = ours.get(key)?.[field] ?? '';
      const tshark = theirs.get(key)?.[field] ?? '';
      if (wireglass === tshark) {
        same += wireglass === '' ? 0 : 1;
        continue;
      }
      const reason = reasonOf({ key, field, wireglass, tshark }, evidence);
      const kind = [field, wireglass, tshark, reason].join('\t');
      const conversations = 1 + (differences.get(kind)?.conversations ?? 0);
      differences.set(kind, { capture, field, wireglass, tshark, conversations, reason });
    }
  }
  return { same, differences: [...differences.values()] };
}

const lack = haveCaptures ? missing(['tshark']) : 'no captures beside the repository';

describeWhere(lack)('application fields of public captures', () => {
  it("are tshark's, or the difference is explained", async () => {
    const found: Difference[] = [];
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
    if (process.env.WIREGLASS_UPDATE_DIFFERENCES === '1') {
      writeFileSync(listFile, `${JSON.stringify(found, null, 2)}\n`);
    }
    expect(same).toBeGreaterThan(800);
    expect(found).toEqual(JSON.parse(readFileSync(listFile, 'utf8')));
    expect(found.filter(({ reason }) => reason === '')).toEqual([]);
  }, 300_000);
});
