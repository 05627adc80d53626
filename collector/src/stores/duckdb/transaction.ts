import type { DuckDBConnection } from '@duckdb/node-api';

/** Runs statements as one transaction: all of them or, where one fails, none. Throws what the engine says. */
export async function transaction(
  connection: DuckDBConnection,
  statements: readonly string[],
): Promise<void> {
  await connection.run('BEGIN');
  try {
    for (const statement of statements) await connection.run(statement);
    await connection.run('COMMIT');
  } catch (error) {
    // after a COMMIT that failed there is none to roll back
    await connection.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
