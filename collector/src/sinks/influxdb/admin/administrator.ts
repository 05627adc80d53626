import { InfluxDB } from 'influx';
import type { Config } from '../../../config/schema.js';
import { errorMessage } from '../../../model/errors.js';
import type { Access } from '../http/endpoints.js';
import { identifier } from '../influxql.js';
import {
  continuousQueries,
  createDatabase,
  hoursOf,
  policies,
  sameStatement,
  setPolicy,
} from './statements.js';

type Settings = Config['influxdb'];
type Row = Record<string, unknown>;

export interface AdministratorDependencies {
  access: Access;
  /** series that there can be */
  seriesBound: number;
  /** continuous queries were made or changed: what was stored before is not summed yet */
  rollUpsChanged: () => void;
  say: (level: 'info' | 'warn', message: string) => void;
}

const againAfterMs = 60_000;

/** The user may not do this. */
class NotAllowed extends Error {}

/**
 * Makes the database of a 1.x server what the sink needs: the database, a retention policy per resolution, the
 * continuous queries that fill them. What is there already as it should be is left alone.
 */
export class Administrator {
  private nextMs = 0;
  private isDone = false;
  private lastRemark: string | null = null;
  private sumsNothing = false;

  constructor(
    private readonly settings: Settings,
    private readonly dependencies: AdministratorDependencies,
  ) {}

  /** What somebody with more rights must do; null: nothing. */
  get remark(): string | null {
    return this.lastRemark;
  }

  /** The server says that something is missing. */
  invalidate(): void {
    this.isDone = false;
  }

  /** Does what is to be done, at most once a minute while it cannot be. Never rejects. */
  async ensure(signal: AbortSignal): Promise<void> {
    if (this.isDone || Date.now() < this.nextMs) return;
    this.nextMs = Date.now() + againAfterMs;
    try {
      const needed = await this.setUp(signal);
      this.isDone = needed.length === 0;
      const remarks = needed.length === 0 ? [] : [this.advice(needed)];
      remarks.push(...(await this.serverRemarks(signal)));
      this.remarkOn(remarks.length === 0 ? null : remarks.join('; '));
    } catch (error) {
      // A server that cannot be reached will be found out by the write that follows.
      this.nextMs = 0;
      if (!isConnectionError(error)) {
        this.nextMs = Date.now() + againAfterMs;
        this.remarkOn(`setting up the database: ${errorMessage(error)}`);
      }
    }
  }

  /** Whether the server sums per minute and hour, as far as is known. */
  get sums(): boolean {
    return !this.sumsNothing;
  }

  /** What the server's own configuration stands in the way of; an admin may ask. */
  private async serverRemarks(signal: AbortSignal): Promise<string[]> {
    const client = this.client();
    const settingsOf = async (section: string): Promise<Row> =>
      (await this.run(client, `SHOW DIAGNOSTICS FOR '${section}'`, signal, ''))[0] ?? {};
    const remarks: string[] = [];
    try {
      this.sumsNothing = (await settingsOf('config-cqs'))['enabled'] === false;
      if (this.sumsNothing)
        remarks.push(
          'continuous queries are off in the configuration of the server: nothing is summed per minute and hour',
        );
      const cap = Number((await settingsOf('config-data'))['max-series-per-database'] ?? 0);
      const { seriesBound } = this.dependencies;
      if (cap > 0 && cap < seriesBound)
        remarks.push(
          `max-series-per-database of the server is ${cap}, and there can be ${seriesBound} series; where its index is inmem, lower metrics.max_series or raise it`,
        );
    } catch (error) {
      if (!(error instanceof NotAllowed)) throw error;
    }
    return remarks;
  }

  private remarkOn(remark: string | null): void {
    if (remark !== null && remark !== this.lastRemark) this.dependencies.say('warn', remark);
    this.lastRemark = remark;
  }

  private advice(statements: string[]): string {
    const { username } = this.settings;
    const who = username === '' ? 'without a user' : `the user ${username}`;
    return `${who} may not set up the database; an admin must run: ${statements.join('; ')}`;
  }

  /** Returns the statements that the user may not run. */
  private async setUp(signal: AbortSignal): Promise<string[]> {
    const needed: string[] = [];
    const { database } = this.settings;
    const client = this.client();
    // Which right SHOW CONTINUOUS QUERIES asks for depends on the database that a request names.
    const rows = (statement: string): Promise<Row[]> =>
      this.run(client, statement, signal, statement.startsWith('SHOW CONT') ? database : '');
    const attempt = async (statement: string): Promise<boolean> => {
      try {
        await rows(statement);
        this.dependencies.say('info', statement);
        return true;
      } catch (error) {
        if (!(error instanceof NotAllowed)) throw error;
        needed.push(statement);
        return false;
      }
    };
    const isThere = (await rows('SHOW DATABASES')).some((row) => row['name'] === database);
    const isNew = !isThere && (await attempt(createDatabase(this.settings)));
    if (!isThere && !isNew) {
      needed.push(
        ...policies(this.settings).map((policy) => setPolicy(this.settings, policy, 'CREATE', false)),
      );
      needed.push(...continuousQueries(this.settings).map(({ create }) => create));
      if (this.settings.username !== '') needed.push(this.grant());
      return needed;
    }
    try {
      await this.setPolicies(rows, attempt, isNew);
      await this.setContinuousQueries(rows, attempt);
    } catch (error) {
      if (!(error instanceof NotAllowed)) throw error;
      // Without the right to read, what is there cannot be seen.
      needed.push(this.grant());
    }
    return needed;
  }

  private grant(): string {
    return `GRANT ALL ON ${identifier(this.settings.database)} TO ${identifier(this.settings.username)}`;
  }

  private async setPolicies(
    rows: (statement: string) => Promise<Row[]>,
    attempt: (statement: string) => Promise<boolean>,
    isNew: boolean,
  ): Promise<void> {
    const found = await rows(`SHOW RETENTION POLICIES ON ${identifier(this.settings.database)}`);
    for (const policy of policies(this.settings)) {
      const known = found.find((row) => row['name'] === policy.name);
      if (known === undefined)
        // A dashboard that names no policy means the raw one, but only where nobody else's default is changed.
        await attempt(setPolicy(this.settings, policy, 'CREATE', isNew && policy.name.endsWith('raw')));
      else if (hoursOf(String(known['duration'])) !== policy.hours)
        await attempt(setPolicy(this.settings, policy, 'ALTER', false));
    }
  }

  private async setContinuousQueries(
    rows: (statement: string) => Promise<Row[]>,
    attempt: (statement: string) => Promise<boolean>,
  ): Promise<void> {
    const found = await rows('SHOW CONTINUOUS QUERIES');
    let changed = false;
    for (const { name, create, drop } of continuousQueries(this.settings)) {
      const known = found.find((row) => row['name'] === name && row['database'] === this.settings.database);
      if (known !== undefined && sameStatement(String(known['query']), create)) continue;
      if (known !== undefined && !(await attempt(drop))) continue;
      if (await attempt(create)) changed = true;
    }
    if (changed) this.dependencies.rollUpsChanged();
  }

  private client(): InfluxDB {
    const { hostname, port, protocol, pathname } = new URL(this.settings.url);
    const { username, password } = this.dependencies.access;
    const host = {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || (protocol === 'https:' ? 443 : 80)),
      protocol: protocol === 'https:' ? ('https' as const) : ('http' as const),
      ...(pathname === '/' ? {} : { path: pathname.replace(/\/$/, '') }),
    };
    // The client sends root:root where it is given no user.
    return new InfluxDB({
      hosts: [host],
      username,
      password,
      pool: { maxRetries: 0, requestTimeout: this.settings.request_timeout_ms },
    });
  }

  private async run(
    client: InfluxDB,
    statement: string,
    signal: AbortSignal,
    database: string,
  ): Promise<Row[]> {
    let raw: {
      results?: { error?: string; series?: { name?: string; columns: string[]; values?: unknown[][] }[] }[];
    };
    try {
      raw = (await client.queryRaw(statement, { method: 'POST', database, signal })) as typeof raw;
    } catch (error) {
      if (/not authorized/i.test(errorMessage(error))) throw new NotAllowed(errorMessage(error));
      throw error;
    }
    const rows: Row[] = [];
    for (const { error, series } of raw.results ?? []) {
      if (error !== undefined) {
        if (/not authorized/i.test(error)) throw new NotAllowed(error);
        throw new Error(`${statement}: ${error}`);
      }
      for (const { name, columns, values } of series ?? [])
        for (const value of values ?? [])
          rows.push({
            ...Object.fromEntries(columns.map((column, place) => [column, value[place]])),
            database: name,
          });
    }
    return rows;
  }
}

const isConnectionError = (error: unknown): boolean => {
  const { code } = error as NodeJS.ErrnoException;
  return (
    typeof code === 'string' || /No host available|timed? ?out|socket hang up/i.test(errorMessage(error))
  );
};
