import { DuckDBConnection } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError, errorMessage } from '../../model/errors.js';
import { checkVersion } from './schema-version.js';

export interface DatabaseSettings {
  path: string;
  memoryLimitMb: number;
  threads: number;
  checkpointBytes: number;
}

/** A connection as the query interface has it, and as the column copy needs it. */
export interface Connection {
  readonly raw: duckdb.Connection;
  readonly api: DuckDBConnection;
}

/** The database or its connections are unusable from then on: it must be opened again. */
export const isFatal = (error: unknown): boolean =>
  /FATAL Error|database has been invalidated|create checkpoint because of error|disconnected/i.test(
    errorMessage(error),
  );

function openError(error: unknown, path: string): AppError {
  const reason = errorMessage(error);
  if (/lock/i.test(reason)) {
    const holder = /PID (\d+)/.exec(reason)?.[1];
    const who = holder === undefined ? 'another process' : `process ${holder}`;
    return new AppError('store_locked', {
      reason: `${path} is in use by ${who}: one service owns it; stop that one, or choose another data_dir`,
      path,
    });
  }
  if (/not a valid DuckDB|version number|storage version|newer version|corrupt|checksum/i.test(reason)) {
    return new AppError('store_incompatible', {
      reason: `${path} cannot be read (${reason}); move it away to begin a new one`,
      path,
    });
  }
  return new AppError('store_failed', { reason: `${path} cannot be opened: ${reason}`, path });
}

/** The DuckDB file, which one process owns. Parts of the store prepare their tables in it. */
export class EmbeddedDatabase {
  private constructor(
    private readonly database: duckdb.Database,
    readonly path: string,
  ) {}

  /** Throws `store_locked`, `store_incompatible` or `store_failed`, naming the file. */
  static async open(settings: DatabaseSettings): Promise<EmbeddedDatabase> {
    const config = duckdb.create_config();
    const options: Record<string, string> = {
      memory_limit: `${settings.memoryLimitMb}MiB`,
      threads: String(settings.threads),
      checkpoint_threshold: `${settings.checkpointBytes} bytes`,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    };
    for (const [name, value] of Object.entries(options)) duckdb.set_config(config, name, value);
    let database: duckdb.Database | null = null;
    try {
      mkdirSync(dirname(settings.path), { recursive: true, mode: 0o700 });
      database = await duckdb.open(settings.path, config);
      const connection = new DuckDBConnection(await duckdb.connect(database));
      await checkVersion(connection, settings.path);
      // what lives in memory only (live flows) stands there, where every connection sees it
      await connection.run("ATTACH ':memory:' AS live");
      connection.closeSync();
      return new EmbeddedDatabase(database, settings.path);
    } catch (error) {
      if (database !== null) duckdb.close_sync(database);
      throw error instanceof AppError ? error : openError(error, settings.path);
    }
  }

  async connect(): Promise<Connection> {
    const raw = await duckdb.connect(this.database);
    return { raw, api: new DuckDBConnection(raw) };
  }

  /** Runs what prepares tables; what the engine says of it gets the file's name and a code. */
  async explain<Result>(prepare: () => Promise<Result>): Promise<Result> {
    try {
      return await prepare();
    } catch (error) {
      throw error instanceof AppError ? error : openError(error, this.path);
    }
  }

  /** Connections must have been closed before. */
  close(): void {
    duckdb.close_sync(this.database);
  }
}
