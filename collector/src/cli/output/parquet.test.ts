import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { flowFields, type FlowRecord } from '@wireglass/native';
import { fieldNamed } from '../../model/columns.js';
import { matchesFilter } from '../../query/evaluate.js';
import { parseFilter } from '../../query/parse-filter.js';
import { batchesOf, seededNumbers } from '../../stores/duckdb/flows/test-batches.js';
import { randomFilter, randomRecords } from '../../stores/duckdb/flows/test-records.js';
import { createRecordWriter, type RecordOptions } from './record-writer.js';

let directory: string;
let path: string;
let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'wireglass-parquet-'));
  path = join(directory, "it's flows.parquet");
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
});

afterAll(() => {
  connection.closeSync();
  instance.closeSync();
  rmSync(directory, { recursive: true });
});

async function write(records: readonly FlowRecord[], more: Partial<RecordOptions> = {}): Promise<void> {
  const options = { path, filter: null, fields: null, wide: false, top: Infinity, order: null, ...more };
  const writer = await createRecordWriter({ format: 'parquet', ...options });
  for (const batch of batchesOf(records)) writer.batch(batch);
  await writer.end();
  expect(readdirSync(directory)).toEqual(["it's flows.parquet"]);
}

/** The file's rows with the values that JSON has: times and ids as texts. */
async function read(names = flowFields.map(({ name }) => name)): Promise<Record<string, unknown>[]> {
  const asJson = names.map((name) => {
    const { type, role } = fieldNamed(name)!;
    if (type === 'time') return `epoch_ns(${name})::VARCHAR AS ${name}`;
    if (type === 'u64')
      return role === 'identity' ? `${name}::VARCHAR AS ${name}` : `${name}::DOUBLE AS ${name}`;
    return name;
  });
  const file = path.replaceAll("'", "''");
  const reader = await connection.runAndReadAll(`SELECT ${asJson.join(', ')} FROM '${file}'`);
  return reader.getRowObjects();
}

describe('a Parquet file', () => {
  it('says the same as the JSON records, in their order', async () => {
    const records = randomRecords(21, 5_000);
    await write(records);
    expect(await read()).toEqual(records);
  });

  it('holds what passes the filter, with the fields that were chosen', async () => {
    const number = seededNumbers(8);
    const records = randomRecords(22, 400);
    const fields = ['src_addr', 'bytes', 'src_mac', 'dns_query'].map((name) => fieldNamed(name)!);
    for (let round = 0; round < 25; round++) {
      const filter = parseFilter(randomFilter(number));
      const expected = records
        .filter((record) => matchesFilter(filter, record))
        .map(({ src_addr, bytes, src_mac, dns_query }) => ({ src_addr, bytes, src_mac, dns_query }));
      await write(records, { filter, fields });
      expect(await read(fields.map(({ name }) => name))).toEqual(expected);
    }
  });

  it('holds the first ones in an order', async () => {
    const records = randomRecords(23, 100).map((record, index) => ({
      ...record,
      bytes: index,
      rev_bytes: 0,
    }));
    await write(records, { top: 3 });
    expect(await read()).toEqual([records[99], records[98], records[97]]);
  });

  it('has typed columns and is compressed by ZSTD', async () => {
    await write(randomRecords(24, 10));
    const file = path.replaceAll("'", "''");
    const types = await connection.runAndReadAll(`DESCRIBE SELECT * FROM '${file}'`);
    const byName = Object.fromEntries(types.getRows().map(([name, type]) => [String(name), String(type)]));
    expect(byName).toMatchObject({
      flow_id: 'UBIGINT',
      start_ns: 'TIMESTAMP_NS',
      src_addr: 'VARCHAR',
      src_port: 'USMALLINT',
      protocol: 'UTINYINT',
      overlay: 'VARCHAR',
      src_mac: 'VARCHAR',
      dns_query: 'VARCHAR',
      gap_max_us: 'UINTEGER',
    });
    expect(Object.keys(byName)).toEqual(flowFields.map(({ name }) => name));
    const codecs = await connection.runAndReadAll(
      `SELECT DISTINCT compression FROM parquet_metadata('${file}')`,
    );
    expect(codecs.getRows()).toEqual([['ZSTD']]);
  });

  it('may be empty', async () => {
    await write([]);
    expect(await read()).toEqual([]);
  });
});
