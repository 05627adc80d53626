import { AppError } from '../../model/errors.js';
import { Serial } from '../../model/serial.js';
import { isFatal, type Connection, type EmbeddedDatabase } from './database.js';
import type { DatabaseHost, DatabaseUser } from './database-host.js';
import { Turns, type TurnLimits } from './turns.js';

/** What a part has while the file is open. */
interface Session<State> {
  database: EmbeddedDatabase;
  write: Connection;
  turns: Turns;
  state: State;
  /** what uses the connection for writing now */
  busy: Promise<unknown> | null;
}

/** A connection is closed when nothing uses it any more: the engine does not bear it earlier. */
function closeSession({ write, turns, busy }: Session<unknown>): void {
  turns.close();
  if (busy === null) write.api.closeSync();
  else void busy.finally(() => write.api.closeSync());
}

/**
 * The connections of a part that writes one thing after the other and reads in turns. `prepare` makes its tables and
 * what it knows of them, each time that the file is opened.
 */
export class SerialWriter<State> implements DatabaseUser {
  private current: Session<State> | null = null;
  private readonly serial = new Serial();

  private constructor(
    private readonly host: DatabaseHost,
    private readonly queries: TurnLimits & { maxRunning: number },
    private readonly prepare: (connection: Connection) => Promise<State>,
  ) {}

  /** Throws `store_incompatible` or `store_failed`. */
  static async open<State>(
    host: DatabaseHost,
    queries: TurnLimits & { maxRunning: number },
    prepare: (connection: Connection) => Promise<State>,
  ): Promise<SerialWriter<State>> {
    const writer = new SerialWriter(host, queries, prepare);
    await host.attach(writer);
    return writer;
  }

  async opened(database: EmbeddedDatabase): Promise<void> {
    const { queries } = this;
    this.current = await database.explain(async () => {
      const write = await database.connect();
      const state = await this.prepare(write);
      const reading = await Promise.all(Array.from({ length: queries.maxRunning }, () => database.connect()));
      const turns = new Turns(
        reading.map(({ api }) => api),
        queries,
      );
      return { database, write, turns, state, busy: null };
    });
  }

  closing(): void {
    if (this.current !== null) closeSession(this.current);
    this.current = null;
  }

  /** Throws `store_not_running` while the file is being opened again. */
  get state(): State {
    if (this.current === null)
      throw new AppError('store_not_running', { reason: 'the database is being opened again' });
    return this.current.state;
  }

  /** Reads; see Turns for what it throws. */
  async read<Answer>(
    use: (connection: Connection['api']) => Promise<Answer>,
    signal: AbortSignal,
  ): Promise<Answer> {
    return (await this.session()).turns.run(use, signal);
  }

  /** Writes, after all that was asked for before; where the engine has given the file up, it is opened again. */
  write<Result>(use: (connection: Connection['api'], state: State) => Promise<Result>): Promise<Result> {
    return this.serial.run(async () => {
      const session = await this.session();
      const running = use(session.write.api, session.state);
      session.busy = running.catch(() => undefined);
      try {
        return await running;
      } catch (error) {
        session.busy = null;
        if (isFatal(error)) await this.host.reopen(session.database);
        throw error;
      } finally {
        session.busy = null;
      }
    });
  }

  /** Returns when what was asked for is written, or has failed. */
  async settled(): Promise<void> {
    await this.serial.settled();
  }

  private async session(): Promise<Session<State>> {
    if (this.current === null) await this.host.reopen(null);
    if (this.current === null) throw new Error('the database was opened without this part');
    return this.current;
  }
}
