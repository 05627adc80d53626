/** The core's matcher over packets and the plain evaluation over records say the same where a packet is like a record. */
import {
  exportFiles,
  listFilePackets,
  writeTrafficFile,
  type FilePacketRow,
  type FlowRecord,
} from '@wireglass/native';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomOf } from '../../../test/helpers/filter-expressions.js';
import { loadAddon } from '../../../native/addon.js';
import { packetFields } from '../model/packet-fields.js';
import { matchesFilter } from './evaluate.js';
import { packetFilter } from './packet-program.js';
import { parseFilter } from './parse-filter.js';

const packets = 4_000;
let directory: string;
let file: string;
let rows: FilePacketRow[];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'wireglass-twin-'));
  file = join(directory, 'tunnels.pcap');
  await writeTrafficFile(file, { profile: 'tunnels', packets, flows: 500, ipv6Percent: 40 });
  rows = await listFilePackets(file, packets);
});
afterAll(() => rmSync(directory, { recursive: true }));

/** A packet as the fields of a record that both know. */
const recordOf = (row: FilePacketRow): FlowRecord =>
  ({
    src_addr: row.src_addr ?? '::',
    dst_addr: row.dst_addr ?? '::',
    src_port: row.src_port ?? 0,
    dst_port: row.dst_port ?? 0,
    protocol: row.ip_protocol ?? 0,
    vlan_id: row.vlan_id ?? 0,
    overlay: row.overlay ?? 'none',
    tenant_id: row.tenant_id ?? 0,
    outer_src_addr: row.outer_src_addr ?? '::',
    outer_dst_addr: row.outer_dst_addr ?? '::',
  }) as unknown as FlowRecord;

async function placesThatPass(filter: string): Promise<number[]> {
  const passing = exportFiles([file], { format: 'json', filter: packetFilter(filter) });
  const everything = exportFiles([file], { format: 'json' });
  const lines = async (reading: typeof passing): Promise<string[]> => {
    let text = '';
    for (let done = false; !done;) {
      const step = await reading.next();
      text += step.data.toString();
      done = step.done;
    }
    return text.split('\n').filter(Boolean);
  };
  const [passed, all] = [await lines(passing), await lines(everything)];
  let next = 0;
  return passed.map((line) => {
    next = all.indexOf(line, next) + 1;
    return next - 1;
  });
}

/** Expressions over what both know, tunnels and tenants among it. */
function expression(random: () => number, depth = 0): string {
  const pick = <Value>(values: readonly Value[]): Value =>
    values[Math.floor(random() * values.length)] as Value;
  const row = pick(rows.filter(({ src_addr }) => src_addr !== null));
  if (depth < 3 && random() < 0.6) {
    if (random() < 0.3) return `not (${expression(random, depth + 1)})`;
    return `(${expression(random, depth + 1)} ${pick(['and', 'or'])} ${expression(random, depth + 1)})`;
  }
  const comparison = pick(['=', '!=', '<', '<=', '>', '>=']);
  return pick([
    `${pick(['', 'src ', 'dst '])}host ${pick([row.src_addr, row.dst_addr])}`,
    `net ${row.src_addr}/${pick([8, 16, 24, 32])}`,
    `src_addr ${comparison} ${row.dst_addr}`,
    `outer_dst_addr ${pick(['=', '!='])} ${row.outer_dst_addr ?? '::'}`,
    `port ${row.dst_port ?? 0}`,
    `src port ${Math.max(0, (row.src_port ?? 0) - 5)}-65000`,
    `dst_port ${comparison} ${row.dst_port ?? 0}`,
    `tenant_id ${comparison} ${row.tenant_id ?? 0}`,
    `tenant ${row.tenant_id ?? 0}`,
    `vlan ${row.vlan_id ?? 0}`,
    `overlay ${row.overlay ?? 'none'}`,
    `protocol ${comparison} ${pick([6, 17, 132])}`,
    pick(['tcp', 'udp', 'ip', 'ip6', 'icmp', 'udp port 53']),
  ]);
}

it('pass the same packets', async () => {
  const random = randomOf(7);
  const likeRecords = new Set(rows.flatMap(({ src_addr }, place) => (src_addr === null ? [] : [place])));
  expect(likeRecords.size).toBeGreaterThan(packets / 2);
  for (let turn = 0; turn < 60; ++turn) {
    const text = expression(random);
    const filter = parseFilter(text);
    const theirs = [...likeRecords].filter((place) =>
      matchesFilter(filter, recordOf(rows[place] as FilePacketRow)),
    );
    const ours = (await placesThatPass(text)).filter((place) => likeRecords.has(place));
    expect([text, ours]).toEqual([text, theirs]);
  }
});

it('know the same fields as the core', () => {
  const kinds: Readonly<Record<string, string>> = { ip: 'address', string: 'text' };
  const ours = packetFields.map(({ name, type, place }) => ({ name, kind: kinds[type] ?? 'number', place }));
  expect(loadAddon().packetFields()).toEqual(ours);
  const status = packetFields.find(({ name }) => name === 'decode_status');
  expect(status?.values).toEqual(loadAddon().decodeStatuses());
});
