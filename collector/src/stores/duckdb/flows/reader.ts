import type { FlowRecord } from '@wireglass/native';
import { recordColumns, type ColumnValues } from '../../../model/columns.js';
import { AppError, errorMessage } from '../../../model/errors.js';
import { flowRecord } from '../../../model/flow-rows.js';
import type { FlowPage, FlowQuery } from '../../flows/flow-store.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { Connection, EmbeddedDatabase } from '../database.js';
import { pageStatement, sortColumns, type LiveSource, type Statement } from './page-sql.js';
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

  private constructor(connections: Connection[]) {
    this.free = connections;
  }

  static async open(database: EmbeddedDatabase): Promise<FlowReader> {
    return new FlowReader(
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
    const columns = await this.run(pageStatement(query, after, live));
    const rows = columns[0]?.length ?? 0;
    const shown = Math.min(rows, query.limit);
    const flows: FlowRecord[] = [];
    for (let row = 0; row < shown; row++) flows.push(flowRecord(columns, row));
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

  private async run({ sql, parameters }: Statement): Promise<ColumnValues[]> {
    const connection = await this.turn();
    try {
      const { values, types } = bindings(parameters);
      const result = await connection.api.run(sql, values, types);
      return (await result.getColumns()) as unknown as ColumnValues[];
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
