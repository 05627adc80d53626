import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import {
  severities,
  type CaptureEnding,
  type CaptureStart,
  type EventChange,
  type HistoryEvent,
} from '../../history/history-store.js';
import type { HistoryChange, HistorySettings } from './calls.js';

type Statement = [sql: string, values: DuckDBValue[]];

function startStatement(capture: CaptureStart): Statement {
  const { run, startNs, startedBy, source, backend, interfaces, settings } = capture;
  return [
    `INSERT OR REPLACE INTO captures
     VALUES ($1, $2, $2, 'running', $3, NULL, $4, $5, $6, $7, NULL, NULL, '[]')`,
    [BigInt(run), startNs, startedBy, source, backend, JSON.stringify(interfaces), JSON.stringify(settings)],
  ];
}

function endStatement(run: number, ending: CaptureEnding): Statement {
  const { endNs, endedBy, state, interfaces, counters, ledger, failures } = ending;
  const texts = [interfaces, counters, ledger, failures].map((value) => JSON.stringify(value));
  return [
    `UPDATE captures SET end_ns = $2, ended_by = $3, state = $4, interfaces = $5, counters = $6, ledger = $7,
       failures = $8 WHERE run = $1`,
    [BigInt(run), endNs, endedBy, state, ...texts],
  ];
}

function eventStatement({ id, timeNs, endNs, kind, severity, title, text, tags }: HistoryEvent): Statement {
  return [
    'INSERT OR REPLACE INTO events VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
    [id, timeNs, endNs, kind, severities.indexOf(severity), title, text, JSON.stringify(tags)],
  ];
}

function changeStatement(id: string, { endNs, text, tags }: EventChange): Statement | null {
  const values: DuckDBValue[] = [id];
  const assign = (column: string, value: DuckDBValue): string => `${column} = $${values.push(value)}`;
  const assignments = [
    ...(endNs === undefined ? [] : [assign('end_ns', endNs)]),
    ...(text === undefined ? [] : [assign('text', text)]),
    ...(tags === undefined ? [] : [assign('tags', JSON.stringify(tags))]),
  ];
  return assignments.length === 0
    ? null
    : [`UPDATE events SET ${assignments.join(', ')} WHERE id = $1`, values];
}

function statementOf(change: HistoryChange): Statement | null {
  switch (change.kind) {
    case 'capture_started':
      return startStatement(change.capture);
    case 'capture_alive':
      return [
        `UPDATE captures SET end_ns = $2 WHERE run = $1 AND state = 'running'`,
        [BigInt(change.run), change.timeNs],
      ];
    case 'capture_ended':
      return endStatement(change.run, change.ending);
    case 'event':
      return eventStatement(change.event);
    case 'event_changed':
      return changeStatement(change.id, change.change);
  }
}

async function transaction(connection: DuckDBConnection, statements: Statement[]): Promise<void> {
  await connection.run('BEGIN');
  try {
    for (const [sql, values] of statements) await connection.run(sql, values);
    await connection.run('COMMIT');
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

export const applyChanges = (
  connection: DuckDBConnection,
  changes: readonly HistoryChange[],
): Promise<void> =>
  transaction(
    connection,
    changes.map(statementOf).filter((statement) => statement !== null),
  );

/** What the service before left open: its captures were interrupted, what went on has ended with it at the latest. */
export const closeOpen = (connection: DuckDBConnection, nowNs: bigint): Promise<void> =>
  transaction(connection, [
    [`UPDATE captures SET state = 'interrupted' WHERE state = 'running'`, []],
    ['UPDATE events SET end_ns = greatest(time_ns, $1) WHERE end_ns IS NULL', [nowNs]],
  ]);

/** Removes what ended too long ago, and the oldest beyond the limits; what goes on stays. */
export const removeOld = (
  connection: DuckDBConnection,
  { retentionMs, maxCaptures, maxEvents }: HistorySettings,
  nowNs: bigint,
): Promise<void> => {
  const before = nowNs - BigInt(retentionMs) * 1_000_000n;
  return transaction(connection, [
    [`DELETE FROM captures WHERE end_ns < $1 AND state <> 'running'`, [before]],
    ['DELETE FROM events WHERE end_ns < $1', [before]],
    [
      `DELETE FROM captures WHERE state <> 'running' AND run NOT IN
         (SELECT run FROM captures ORDER BY start_ns DESC, run DESC LIMIT ${maxCaptures})`,
      [],
    ],
    [
      `DELETE FROM events WHERE end_ns IS NOT NULL AND id NOT IN
         (SELECT id FROM events ORDER BY time_ns DESC, id DESC LIMIT ${maxEvents})`,
      [],
    ],
  ]);
};
