import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../config/schema.js';
import { silentLog } from '../../../model/log.js';
import { InfluxDbSink } from '../sink.js';
import { Influxd, influxdMissing } from './influxd.js';
import { influxdbSettings, until } from './intervals.js';

/** What tests with a real server share: each test has a database and a spool of its own. */
export class InfluxdSuite {
  server!: Influxd;
  directory = '';
  database = '';
  settings = influxdbSettings({});
  private sinks: InfluxDbSink[] = [];
  private databases = 0;

  constructor(private readonly more: Readonly<Record<string, string>> = {}) {}

  /** Registers what runs before and after tests. */
  register(): void {
    beforeAll(async () => {
      this.server = await Influxd.start(this.more);
    });
    afterAll(() => this.server.end());
    beforeEach(() => {
      this.directory = mkdtempSync(join(tmpdir(), 'wg-influxdb-'));
      this.database = `d${(this.databases += 1)}`;
    });
    afterEach(async () => {
      for (const sink of this.sinks.splice(0)) await sink.stop();
      rmSync(this.directory, { recursive: true });
    });
  }

  async start(given: Partial<Config['influxdb']> = {}): Promise<InfluxDbSink> {
    const access = { username: 'admin', password: Influxd.password };
    this.settings = influxdbSettings({ url: this.server.url, ...access, database: this.database, ...given });
    const sink = new InfluxDbSink(this.settings, join(this.directory, 'spool'), silentLog, 100);
    await sink.start();
    this.sinks.push(sink);
    return sink;
  }

  async stop(sink: InfluxDbSink): Promise<void> {
    this.sinks = this.sinks.filter((other) => other !== sink);
    await sink.stop();
  }

  /** What the sink was given is in the server, or was refused by it. */
  async settled(sink: InfluxDbSink): Promise<void> {
    await sink.flush();
    await until(
      () => sink.stats().spooledPoints + sink.stats().pointsWaiting === 0,
      () => JSON.stringify(sink.stats()),
    );
  }

  number(statement: string): Promise<number> {
    return this.server.number(statement, this.database);
  }

  async say(statement: string): Promise<void> {
    await this.server.query(statement, this.database);
  }
}

/** `describe`, or a skipped one that says why. */
export function describeInfluxd(name: string, body: () => void): void {
  const lack = influxdMissing();
  if (lack === null) describe(name, body);
  else describe.skip(`${name} (skipped: ${lack})`, body);
}

/** Sums of what the sink lost, by reason, without those that are zero. */
export const losses = (sink: InfluxDbSink): Record<string, number> =>
  Object.fromEntries(Object.entries(sink.stats().pointsDropped).filter(([, points]) => points > 0));
