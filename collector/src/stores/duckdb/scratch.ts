import { DuckDBConnection, type DuckDBType, type DuckDBValue } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SqlParameter } from '../../query/sql.js';
import type { Connection } from './database.js';
import { duckDbTypes } from './tables.js';

/** Memory that a scratch database takes; what does not fit lies in a directory for temporary files. */
export const scratchMemoryMb = 1_024;

/** A database for one evaluation: in memory, spilling to disk, gone at its end. */
export class ScratchDatabase {
  private readonly connections: Connection[] = [];

  private constructor(
    private readonly database: duckdb.Database,
    private readonly directory: string,
  ) {}

  static async open(memoryMb = scratchMemoryMb, place = tmpdir()): Promise<ScratchDatabase> {
    const directory = mkdtempSync(join(place, 'wireglass-scratch-'));
    const config = duckdb.create_config();
    const options: Record<string, string> = {
      memory_limit: `${memoryMb}MiB`,
      threads: String(availableParallelism()),
      temp_directory: directory,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    };
    for (const [name, value] of Object.entries(options)) duckdb.set_config(config, name, value);
    return new ScratchDatabase(await duckdb.open(':memory:', config), directory);
  }

  async connect(): Promise<Connection> {
    const raw = await duckdb.connect(this.database);
    const connection = { raw, api: new DuckDBConnection(raw) };
    this.connections.push(connection);
    return connection;
  }

  close(): void {
    for (const { api } of this.connections.splice(0)) api.closeSync();
    duckdb.close_sync(this.database);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The values of parameters as the engine takes them. */
export function bindings(parameters: readonly SqlParameter[]): {
  values: DuckDBValue[];
  types: DuckDBType[];
} {
  return {
    values: parameters.map(({ value, column }) =>
      typeof value === 'string' || column.place.width === 8 ? value : Number(value),
    ),
    types: parameters.map(({ column }) => duckDbTypes[column.type]),
  };
}
