import type { FlowRecord } from '@wireglass/native';
import { recordColumns, type ColumnValues } from '../../../model/columns.js';
import { AppError, errorMessage } from '../../../model/errors.js';
import { flowRecord } from '../../../model/flow-rows.js';
import type { FlowPage, FlowQuery } from '../../flows/flow-store.js';
import { decodeCursor, encodeCursor, type CursorKey } from './cursor.js';
import type { Connection, EmbeddedDatabase } from '../database.js';
import { partsInOrder } from './page-parts.js';
import { pageStatement, sortColumns, type LiveSource, type Statement } from './page-sql.js';
import type { FlowSources, SourceSet } from './sources.js';
import { bindings } from '../scratch.js';

/** Queries that run at the same time, */
export const maxRunningQueries = 2;
/** and those that wait for their turn; more are refused. */
export const maxWaitingQueries = 64;

export const maxPageRows = 1_000;

/** Answers queries on connections of its own. */
export class FlowReader {
  private readonly free: Connection[] = [];
  private readonly turns: ((connection: Connection | null) => void)[] = [];

  private constructor(
    private readonly sources: FlowSources,
    connections: Connection[],
  ) {
    this.free = connections;
  }

  static async open(database: EmbeddedDatabase, sources: FlowSources): Promise<FlowReader> {
    return new FlowReader(
      sources,
      await Promise.all(Array.from({ length: maxRunningQueries }, () => database.connect())),
    );
  }

  /** Throws `bad_cursor`, `bad_request` (limit) or `store_failed`. */
  async page(query: FlowQuery, live: LiveSource | null): Promise<FlowPage> {
    if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > maxPageRows) {
      throw new AppError('bad_request', { reason: `limit is ${query.limit}; expected 1 to ${maxPageRows}` });
    }
    const keyColumns = sortColumns(query.sort.field);
    const after = query.cursor === undefined ? null : decodeCursor(query, query.cursor, keyColumns);
    const columns = await this.run(query, after, live);
    const rows = columns[0]?.length ?? 0;
    const shown = Math.min(rows, query.limit);
    const flows: FlowRecord[] = [];
    const liveRows = columns[recordColumns.length];
    for (let row = 0; row < shown; row++) {
      const liveRow = Number(liveRows?.[row] ?? -1);
      flows.push(live !== null && liveRow >= 0 ? live.recordAt(liveRow) : flowRecord(columns, row));
    }
    if (rows <= query.limit) return { flows, nextCursor: null };
    const key = keyColumns.map((column) => {
      const value = columns[recordColumns.indexOf(column)]?.[shown - 1] ?? 0;
      return typeof value === 'string' ? value : BigInt(value);
    });
    return { flows, nextCursor: encodeCursor(query, key) };
  }

  close(): void {
    for (const waiting of this.turns.splice(0)) waiting(null);
    for (const connection of this.free.splice(0)) connection.api.closeSync();
  }

  private async run(
    query: FlowQuery,
    after: CursorKey | null,
    live: LiveSource | null,
  ): Promise<ColumnValues[]> {
    const connection = await this.turn();
    try {
      return await this.sources.lease(connection.api, query, (sources) =>
        pageOf(connection, query, after, sources, live),
      );
    } catch (error) {
      const memory = /out of memory/i.test(errorMessage(error))
        ? '; flows.memory_limit_mb may be raised'
        : '';
      throw new AppError('store_failed', { reason: `${errorMessage(error)}${memory}` }, { cause: error });
    } finally {
      const next = this.turns.shift();
      if (next === undefined) this.free.push(connection);
      else next(connection);
    }
  }

  private async turn(): Promise<Connection> {
    const free = this.free.pop();
    if (free !== undefined) return free;
    if (this.turns.length >= maxWaitingQueries) {
      throw new AppError('store_failed', {
        reason: `${maxWaitingQueries} queries wait already; try again later`,
      });
    }
    const connection = await new Promise<Connection | null>((resolve) => this.turns.push(resolve));
    if (connection === null)
      throw new AppError('store_not_running', { reason: 'the flow store is being closed' });
    return connection;
  }
}

/**
 * Finds the keys of the page's rows, then reads those rows. It reads as few parts as the order allows: more of them as long
 * as their rows could come before the page's last.
 */
async function pageOf(
  connection: Connection,
  query: FlowQuery,
  after: CursorKey | null,
  sources: SourceSet,
  live: LiveSource | null,
): Promise<ColumnValues[]> {
  const { parts, mayPrecede } = partsInOrder(query, after, sources.parts);
  let read = mayPrecede === null ? parts.length : Math.min(2, parts.length);
  for (;;) {
    const from = { sources: { ...sources, parts: parts.slice(0, read) }, all: sources, live };
    const [keys] = await rowsOf(connection, pageStatement(query, after, from, 'keys'));
    const last = keys?.[query.limit];
    const next = parts[read];
    const more = next !== undefined && (last === undefined || mayPrecede?.(next, BigInt(last)) !== false);
    if (!more) {
      const end = last ?? keys?.[(keys.length || 1) - 1];
      if (end === undefined) return recordColumns.map(() => []);
      const upTo = typeof end === 'string' ? end : BigInt(end);
      return rowsOf(connection, pageStatement(query, after, from, { upTo }));
    }
    read = Math.min(4 * read, parts.length);
  }
}

async function rowsOf(connection: Connection, { sql, parameters }: Statement): Promise<ColumnValues[]> {
  const { values, types } = bindings(parameters);
  const result = await connection.api.run(sql, values, types);
  return (await result.getColumns()) as unknown as ColumnValues[];
}
