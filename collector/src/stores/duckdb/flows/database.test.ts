import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { ColumnWriter } from '../column-writer.js';
import { FlowReader } from './reader.js';
import { batchesOf, makeRecord } from './test-batches.js';
import { wantedColumns } from './schema.js';
import { FlowSources } from './sources.js';
import { openFlowDatabase } from './test-storage.js';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wireglass-database-'));
  path = join(directory, 'flows', 'flows.duckdb');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = () => openFlowDatabase({ path, memoryLimitMb: 256, threads: 2, checkpointBytes: 1 << 28 });

/** The table of flows as 0.1.0 made it. */
const versionBefore = (
  'flow_id UBIGINT, record_index UINTEGER, observation_domain UINTEGER, ingress_interface UINTEGER, ' +
  'start_ns BIGINT, end_ns BIGINT, src_addr_hi UBIGINT, src_addr_lo UBIGINT, dst_addr_hi UBIGINT, ' +
  'dst_addr_lo UBIGINT, src_port USMALLINT, dst_port USMALLINT, protocol UTINYINT, vlan_id USMALLINT, ' +
  'customer_vlan_id USMALLINT, overlay UTINYINT, tenant_id UINTEGER, outer_src_addr_hi UBIGINT, ' +
  'outer_src_addr_lo UBIGINT, outer_dst_addr_hi UBIGINT, outer_dst_addr_lo UBIGINT, packets UBIGINT, ' +
  'bytes UBIGINT, rev_packets UBIGINT, rev_bytes UBIGINT, tcp_flags UTINYINT, rev_tcp_flags UTINYINT, ' +
  'icmp_type_code USMALLINT, end_reason UTINYINT, biflow_direction UTINYINT, recording UTINYINT, ' +
  'first_segment UBIGINT, last_segment UBIGINT, stored_at_s UINTEGER'
)
  .split(', ')
  .map((column) => column.split(' '));

async function alter(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

async function store(count: number): Promise<void> {
  const { database, table } = await open();
  const { raw, api } = await database.connect();
  const records = Array.from({ length: count }, (_, index) => makeRecord({ record_index: index }));
  new ColumnWriter(raw, wantedColumns, table).write(batchesOf(records), 1);
  api.closeSync();
  database.close();
}

async function stored(): Promise<number> {
  const { database } = await open();
  const reader = await FlowReader.open(database, new FlowSources(directory));
  const { flows } = await reader.page(
    { scope: 'stored', sort: { field: 'flow_id', descending: false }, limit: 1_000 },
    null,
  );
  reader.close();
  database.close();
  return flows.length;
}

describe('the database of flow records', () => {
  it('makes its directory and file, and finds its rows again', async () => {
    await store(10);
    expect(await stored()).toBe(10);
    await store(5);
    expect(await stored()).toBe(15);
  });

  it('refuses a file of a newer schema, and says what to do', async () => {
    await store(1);
    await alter('INSERT INTO wireglass_schema VALUES (3)');
    await expect(open()).rejects.toMatchObject({
      code: 'store_incompatible',
      message: expect.stringMatching(/flows\.duckdb has schema version 3, .* knows up to 2/) as string,
    });
  });

  it('refuses a column that it does not know, or of another type', async () => {
    await store(1);
    await alter('ALTER TABLE flows_1 ADD COLUMN mood VARCHAR');
    await expect(open()).rejects.toMatchObject({
      code: 'store_incompatible',
      message: expect.stringMatching(/mood/) as string,
    });
    await alter('ALTER TABLE flows_1 DROP COLUMN mood; ALTER TABLE flows_1 ALTER COLUMN bytes TYPE DOUBLE');
    await expect(open()).rejects.toMatchObject({
      message: expect.stringMatching(/bytes is DOUBLE, expected UBIGINT/) as string,
    });
  });

  it('adds columns that an older table lacks, and goes on in a table that has them in order', async () => {
    await store(2);
    await alter('ALTER TABLE flows_1 DROP COLUMN rev_bytes; ALTER TABLE flows_1 DROP COLUMN overlay');
    await store(1);
    const { database } = await open();
    const reader = await FlowReader.open(database, new FlowSources(directory));
    const page = await reader.page(
      { scope: 'stored', sort: { field: 'rev_bytes', descending: true }, limit: 10 },
      null,
    );
    expect(page.flows.map((flow) => [flow.rev_bytes, flow.overlay, flow.src_addr])).toEqual([
      [9_000, 'none', '10.0.0.1'],
      [0, 'none', '10.0.0.1'],
      [0, 'none', '10.0.0.1'],
    ]);
    reader.close();
    database.close();
  });

  it('opens a file of the version before, whose records had fewer fields', async () => {
    mkdirSync(join(directory, 'flows'));
    const columns = versionBefore.map(([name, type]) => `${name} ${type} NOT NULL`);
    await alter(
      `CREATE TABLE flows (${columns.join(', ')}); CREATE TABLE wireglass_schema (version UINTEGER NOT NULL);
       INSERT INTO wireglass_schema VALUES (1); INSERT INTO flows SELECT ${[...versionBefore.keys()].join(', ')}`,
    );
    await store(1);
    const { database } = await open();
    const reader = await FlowReader.open(database, new FlowSources(directory));
    const { flows } = await reader.page(
      { scope: 'stored', sort: { field: 'sampling_rate', descending: true }, limit: 10 },
      null,
    );
    expect(flows.map(({ record_index }) => record_index)).toEqual([0, 1]);
    expect(flows[0]).toEqual(makeRecord());
    expect(flows[1]).toMatchObject({ src_port: 10, bytes: 22, last_segment: 32 });
    const added = { dns_query: '', src_mac: '00:00:00:00:00:00', sampling_rate: 1, flow_layer: 'innermost' };
    expect(flows[1]).toMatchObject({ ...added, initiator_by: 'first_packet', rev_ttl_max: 0 });
    reader.close();
    database.close();
  });

  it('refuses a file that is no database, or that cannot be made', async () => {
    mkdirSync(join(directory, 'flows'));
    writeFileSync(path, 'this is no database'.repeat(1_000));
    await expect(open()).rejects.toMatchObject({
      code: 'store_incompatible',
      message: expect.stringMatching(/flows\.duckdb/) as string,
    });
    rmSync(join(directory, 'flows'), { recursive: true });
    writeFileSync(join(directory, 'flows'), 'a file where the directory should be');
    await expect(open()).rejects.toMatchObject({ code: 'store_failed' });
  });

  it('names the process that holds the file', async () => {
    await store(1);
    const script = `
      require('@duckdb/node-api').DuckDBInstance.create(process.argv[1])
        .then((db) => db.connect()).then(() => { console.log('open'); setInterval(() => {}, 1000); })`;
    const holder = spawn(process.execPath, ['-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await new Promise((resolve) => holder.stdout.once('data', resolve));
      await expect(open()).rejects.toMatchObject({
        code: 'store_locked',
        message: expect.stringMatching(
          new RegExp(`flows\\.duckdb is in use by process ${holder.pid}: .*data_dir`),
        ) as string,
      });
    } finally {
      holder.kill('SIGKILL');
      await new Promise((resolve) => holder.once('exit', resolve));
    }
    await expect(stored()).resolves.toBe(1);
  });
});
