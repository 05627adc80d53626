import type { DuckDBConnection } from '@duckdb/node-api';
import type { FlowStorage } from './flow-storage.js';
import { records } from './records-sql.js';
import {
  cubeTable,
  rollupSums,
  spreadCounts,
  topDimensions,
  topTable,
  type RollupResolution,
} from './rollup-tables.js';

// For tests: the same sums from everything that a store keeps.

export type Sums = Record<string, bigint>;

const named = (row: readonly unknown[] | undefined): Sums =>
  Object.fromEntries(rollupSums.map((name, at) => [name, BigInt((row?.[at] as bigint | null) ?? 0n)]));

async function sumsOf(connection: DuckDBConnection, sql: string): Promise<Sums> {
  return named((await connection.runAndReadAll(sql)).getRows()[0]);
}

const ofRecords = [
  ...spreadCounts.map((name) => `sum(${name}::HUGEINT)`),
  'count(*) FILTER (record_index = 0)::HUGEINT',
  'count(*)::HUGEINT',
  'sum(tcp_rtt_us)::HUGEINT',
  'count(*) FILTER (tcp_rtt_us > 0)::HUGEINT',
].join(', ');
const ofRollups = rollupSums.map((name) => `sum(${name})::HUGEINT`).join(', ');

export interface StoreSums {
  records: Sums;
  /** of the sealed records' cube, and of every list; they must all be equal */
  minutes: Sums;
  hours: Sums;
  lists: Record<string, Sums>;
}

/**
 * Sums over all records (hot and sealed), and over the roll-ups with the hot records added to them. `connection` is one of
 * the store's own.
 */
export async function storeSums(storage: FlowStorage): Promise<StoreSums> {
  return storage.read({}, async (connection, sources) => {
    const hot = `SELECT ${ofRecords} FROM ${records({ ...sources, parts: [] })}`;
    const hotSums = await sumsOf(connection, hot);
    const plusHot = async (from: string): Promise<Sums> => {
      const sums = await sumsOf(connection, `SELECT ${ofRollups} FROM ${from}`);
      return Object.fromEntries(rollupSums.map((name) => [name, (sums[name] ?? 0n) + (hotSums[name] ?? 0n)]));
    };
    const lists: Record<string, Sums> = {};
    for (const resolution of ['minute', 'hour'] satisfies RollupResolution[]) {
      for (const { name } of topDimensions) {
        lists[`${resolution} ${name}`] = await plusHot(`${topTable(resolution)} WHERE dimension = '${name}'`);
      }
    }
    return {
      records: await sumsOf(connection, `SELECT ${ofRecords} FROM ${records(sources)}`),
      minutes: await plusHot(cubeTable('minute')),
      hours: await plusHot(cubeTable('hour')),
      lists,
    };
  });
}
