/**
 * nDPI's labels of flows as Wireglass has them, which shows nDPI the flow's data behind made-up IPv4 headers, against
 * those of ndpiReader, which shows it the capture's packets. Every difference must be listed in label-differences.json
 * with its kind, which is verified for every conversation, and an entry that no longer differs must go.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capturesFolder, haveCaptures } from '../helpers/captures.js';
import { flowsOf } from '../helpers/file-flows.js';
import { keyOfNobody, ndpiLabels, ndpiLabelsOfNobody } from '../helpers/ndpi-reader.js';
import { describeWhere, missing } from '../helpers/requirements.js';
import { conversationKey } from '../helpers/tshark-applications.js';

interface Difference {
  capture: string;
  wireglass: string;
  ndpi: string;
  conversations: number;
  kind: keyof typeof kinds;
}

interface Conversation {
  key: string;
  wireglass: string;
  ndpi: string;
}

type Labels = Map<string, string>;

const isIpv4 = (key: string): boolean => !key.includes(':');

/** In the order in which they are tried. */
const kinds = {
  /** nDPI goes by an address, also by one that the message repeats: with nobody's addresses it has our label. */
  address: ({ key, wireglass }: Conversation, moved: Labels) =>
    isIpv4(key) && (moved.get(keyOfNobody(key)) ?? '') === wireglass,
  /** nDPI goes by an address, and else misses what it names when it sees, as from us, no packets without data. */
  data_only: ({ key, wireglass }: Conversation, _: Labels, movedData: Labels) =>
    isIpv4(key) && movedData.get(keyOfNobody(key)) === wireglass,
  /** nDPI looks for DHCPv6 in IPv6 packets only. */
  ip_version: ({ key, wireglass, ndpi }: Conversation) =>
    key.startsWith('17 fe80:') && wireglass === '' && ndpi === 'DHCPV6',
};

const listFile = join(__dirname, 'label-differences.json');
const folders = ['dns', 'http', 'other', 'quic', 'tls'].map((name) => `apps/${name}`);
const captures = haveCaptures
  ? [
      ...folders.flatMap((folder) =>
        readdirSync(join(capturesFolder, folder)).map((name) => `${folder}/${name}`),
      ),
      ...['ipfixprobe-mixed', 'joy-firefox58', 'pcpp-example', 'pcpp-many-protocols'].map(
        (name) => `mixed/${name}.pcap`,
      ),
    ].sort()
  : [];

async function wireglassLabels(path: string): Promise<Labels> {
  const labels: Labels = new Map();
  for (const flow of await flowsOf(path, { applications: true, classifiedFlows: 65_536 })) {
    if (flow.protocol !== 6 && flow.protocol !== 17) continue;
    const key = conversationKey(flow.protocol, [
      [flow.src_addr, flow.src_port],
      [flow.dst_addr, flow.dst_port],
    ]);
    if (!labels.get(key)) labels.set(key, flow.application);
  }
  return labels;
}

/** Labels that are the same, and the conversations whose are not. */
async function compare(capture: string): Promise<{ same: number; differing: Conversation[] }> {
  const path = join(capturesFolder, capture);
  const ours = await wireglassLabels(path);
  const theirs = ndpiLabels(path);
  const all = [...new Set([...ours.keys(), ...theirs.keys()])].map((key) => ({
    key,
    wireglass: ours.get(key) ?? '',
    ndpi: theirs.get(key) ?? '',
  }));
  return {
    same: all.filter(({ wireglass, ndpi }) => wireglass === ndpi && ndpi !== '').length,
    differing: all.filter(({ wireglass, ndpi }) => wireglass !== ndpi),
  };
}

/** Of one capture, by label, each with the first kind that holds for all its conversations ('' where none does). */
function explained(
  capture: string,
  differing: Conversation[],
): (Difference | (Omit<Difference, 'kind'> & { kind: '' }))[] {
  if (differing.length === 0) return [];
  const [moved, movedData] = [false, true].map((onlyData) =>
    ndpiLabelsOfNobody(join(capturesFolder, capture), onlyData),
  ) as [Labels, Labels];
  const labels = new Map<string, Conversation[]>();
  for (const one of differing) {
    const name = `${one.wireglass}\t${one.ndpi}`;
    labels.set(name, [...(labels.get(name) ?? []), one]);
  }
  return [...labels.values()].map((conversations) => {
    const names = Object.keys(kinds) as (keyof typeof kinds)[];
    const kind = names.find((name) => conversations.every((one) => kinds[name](one, moved, movedData))) ?? '';
    const { wireglass = '', ndpi = '' } = conversations[0] ?? {};
    return { capture, wireglass, ndpi, conversations: conversations.length, kind };
  });
}

const lack = haveCaptures
  ? missing(['ndpiReader', 'tcprewrite', 'tshark'])
  : 'no captures beside the repository';

describeWhere(lack)('labels by nDPI of public captures', () => {
  it("are ndpiReader's, or the difference is explained", async () => {
    const found: object[] = [];
    let same = 0;
    for (const capture of captures) {
      const result = await compare(capture);
      same += result.same;
      found.push(...explained(capture, result.differing));
    }
    if (process.env.WIREGLASS_UPDATE_DIFFERENCES === '1') {
      writeFileSync(listFile, `${JSON.stringify(found, null, 2)}\n`);
    }
    expect(same).toBeGreaterThan(1_000);
    const listed = JSON.parse(readFileSync(listFile, 'utf8')) as Difference[];
    expect(found).toEqual(listed);
    expect(listed.filter(({ kind }) => !(kind in kinds))).toEqual([]);
  }, 300_000);
});
