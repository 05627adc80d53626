/** LISP packets of public captures, field by field, against what tshark read in them (RFC 9300, RFC 9301). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PacketStore, type DissectedHeader, type PacketDetail, type PacketRow } from '@wireglass/native';
import { capturesFolder, describeWithCaptures, truth } from './helpers/captures.js';
import { meterFiles } from './helpers/meter-files.js';

interface LispTruth {
  path: string;
  frame: number;
  kind: 'data' | 'control' | 'reliable-transport';
  outer: { src: string; dst: string };
  inner: { src: string; dst: string }[];
  malformed: boolean;
  fields: Record<string, string[]>;
}

/** tshark's name of a data field → ours. */
const DATA_FIELDS: Record<string, string> = {
  'lisp-data.flags.nonce': 'flag_nonce',
  'lisp-data.flags.lsb': 'flag_lsb',
  'lisp-data.flags.enr': 'flag_echo_nonce',
  'lisp-data.flags.mv': 'flag_map_version',
  'lisp-data.flags.iid': 'flag_instance_id',
  'lisp-data.nonce': 'nonce',
  'lisp-data.srcmapver': 'source_map_version',
  'lisp-data.dstmapver': 'dest_map_version',
  'lisp-data.iid': 'instance_id',
  'lisp-data.lsb': 'locator_status_bits',
  'lisp-data.lsb8': 'locator_status_bits',
};

const header = (packet: PacketDetail, protocol: string): DissectedHeader | undefined =>
  packet.headers.find((one) => one.protocol === protocol);
const value = (of: DissectedHeader | undefined, name: string): string | undefined =>
  of?.fields.find((field) => field.name === name)?.value;
const asNumber = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

describeWithCaptures('LISP', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'wireglass-lisp-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const rows = truth<LispTruth>('lisp.jsonl');

  for (const path of new Set(rows.map((row) => row.path))) {
    it(`of ${path} reads as tshark reads it`, async () => {
      const { failures } = await meterFiles([join(capturesFolder, path)], directory);
      expect(failures).toEqual([]);
      const store = new PacketStore(directory);
      const ids = (await store.list({ limit: 1000 })).map((row: PacketRow) => row.id).reverse();
      for (const row of rows.filter((one) => one.path === path)) {
        const packet = await store.detail(ids[row.frame - 1] ?? 'none');
        if (row.kind === 'data') expectData(packet, row);
        else expectControl(packet, row);
      }
    });
  }

  function expectData(packet: PacketDetail, row: LispTruth) {
    const lisp = header(packet, 'lisp');
    const read = Object.keys(row.fields)
      .filter((name) => name in DATA_FIELDS)
      .map((name) => [name, asNumber(value(lisp, DATA_FIELDS[name] ?? ''))]);
    expect(read).toEqual(read.map(([name]) => [name, asNumber(row.fields[name as string]?.[0])]));
    expect(read.length).toBeGreaterThan(0);
    expect([packet.outer_src_addr, packet.outer_dst_addr]).toEqual([row.outer.src, row.outer.dst]);
    expect([packet.src_addr, packet.dst_addr]).toEqual([row.inner[0]?.src, row.inner[0]?.dst]);
    expect(packet.overlay).toBe('lisp');
  }

  function expectControl(packet: PacketDetail, row: LispTruth) {
    const messages = packet.headers.filter(({ protocol }) => protocol === 'lisp_control');
    expect(messages.map((message) => value(message, 'type')?.match(/\d+/)?.[0])).toEqual(
      row.fields['lisp.type'],
    );
    const last = messages.at(-1);
    const nonce = row.fields['lisp.nonce']?.[0];
    if (nonce !== undefined) expect(value(last, 'nonce')).toBe(nonce);
    expect(value(last, 'record_count')).toBe(row.fields['lisp.records']?.[0]);
  }
});
