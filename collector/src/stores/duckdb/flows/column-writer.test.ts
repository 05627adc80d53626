import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flowHeapOffset } from '@wireglass/native';
import { batchColumns, columnNamed, recordColumns, type ColumnValues } from '../../../model/columns.js';
import { flowRecord } from '../../../model/flow-rows.js';
import { ColumnWriter } from '../column-writer.js';
import { batchesOf, makeRecord } from './test-batches.js';
import { wantedColumns } from './schema.js';
import { openFlowDatabase } from './test-storage.js';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'wireglass-store-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const settings = () => ({
  path: join(directory, 'flows.duckdb'),
  memoryLimitMb: 256,
  threads: 2,
  checkpointBytes: 1 << 28,
});

const extremes = [
  makeRecord(),
  makeRecord({
    flow_id: '18446744073709551615',
    record_index: 4_294_967_295,
    start_ns: '-1',
    end_ns: '9223372036854775807',
    src_addr: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    dst_addr: '::1',
    src_port: 65_535,
    dst_port: 0,
    protocol: 255,
    overlay: 'teredo',
    tenant_id: 4_294_967_295,
    outer_src_addr: '192.0.2.1',
    bytes: Number.MAX_SAFE_INTEGER,
    tcp_flags: 255,
    icmp_type_code: 65_535,
    end_reason: 'lack_of_resources',
    src_mac: 'ff:ff:ff:ff:ff:ff',
    dns_query: 'ä'.repeat(127),
    tls_sni: 'twelve bytes',
    http_host: 'thirteen byte',
    application: '\u0000',
  }),
];

describe('ColumnWriter', () => {
  it('stores batches so that every field comes back', async () => {
    const { database, table } = await openFlowDatabase(settings());
    const connection = await database.connect();
    const records = Array.from({ length: 5_000 }, (_, index) =>
      makeRecord({ ...extremes[index % 2], record_index: index }),
    );
    new ColumnWriter(connection.raw, wantedColumns, table).write(batchesOf(records), 1_234);
    const result = await connection.api.run(
      `SELECT ${recordColumns.map(({ name }) => name).join(', ')} FROM ${table} ORDER BY record_index`,
    );
    const read = (await result.getColumns()) as unknown as ColumnValues[];
    expect(records.map((_, row) => flowRecord(read, row))).toEqual(records);
    const stored = await connection.api.runAndReadAll(`SELECT DISTINCT stored_at_s FROM ${table}`);
    expect(stored.getRows()).toEqual([[1_234]]);
    connection.api.closeSync();
    database.close();
  });

  it('reads batches the same way', () => {
    const [batch] = batchesOf(extremes);
    expect(extremes.map((_, row) => flowRecord(batchColumns(batch!), row))).toEqual(extremes);
  });

  it('stores bytes that are no UTF-8 with a mark in their place, and nothing of a row before', async () => {
    const { database, table } = await openFlowDatabase(settings());
    const connection = await database.connect();
    const writer = new ColumnWriter(connection.raw, wantedColumns, table);
    const [broken] = batchesOf([makeRecord({ dns_query: 'long enough to lie outside' })]);
    new Uint8Array(broken!.columns)[flowHeapOffset + 1] = 0xff;
    writer.write([...batchesOf([makeRecord({ dns_query: 'another that lies outside' })]), broken!], 1);
    writer.write(batchesOf([makeRecord()]), 1);
    const stored = await connection.api.runAndReadAll(`SELECT dns_query FROM ${table} ORDER BY rowid`);
    const marked = 'l\ufffdng enough to lie outside';
    expect(stored.getRows()).toEqual([['another that lies outside'], [marked], ['']]);
    expect(batchColumns(broken!)[recordColumns.indexOf(columnNamed('dns_query'))]?.[0]).toBe(marked);
    connection.api.closeSync();
    database.close();
  });

  it('takes no more rows at once than one transaction holds', async () => {
    const { database, table } = await openFlowDatabase(settings());
    const connection = await database.connect();
    const [batch] = batchesOf(Array.from({ length: 2_048 }, () => makeRecord()));
    const writer = new ColumnWriter(connection.raw, wantedColumns, table);
    expect(() =>
      writer.write(
        Array.from({ length: 65 }, () => batch!),
        1,
      ),
    ).toThrow(RangeError);
    connection.api.closeSync();
    database.close();
  });
});
