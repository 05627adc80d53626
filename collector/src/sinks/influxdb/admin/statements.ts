import type { Config } from '../../../config/schema.js';
import { measurements, measurementShapes, type Measurement } from '../../../model/metric-sample.js';
import { policyOf, type Resolution } from '../http/endpoints.js';
import { identifier, timeLiteral } from '../influxql.js';

type Settings = Config['influxdb'];
export type RollUp = Exclude<Resolution, 'raw'>;

export const rollUps: readonly RollUp[] = ['minute', 'hour'];

/**
 * Continuous queries sum the last whole intervals again with every run, so that points that come late count. What comes
 * later than that the sink sums itself (roll-up-backfill.ts).
 */
export const rollUpTimes: Readonly<
  Record<RollUp, { everyMs: number; interval: string; resample: string; forMs: number }>
> = {
  minute: { everyMs: 60_000, interval: '1m', resample: 'RESAMPLE EVERY 1m FOR 15m', forMs: 900_000 },
  hour: { everyMs: 3_600_000, interval: '1h', resample: 'RESAMPLE EVERY 15m FOR 3h', forMs: 10_800_000 },
};

export interface Policy {
  name: string;
  hours: number;
  /** of its files: what the server would choose, said because ALTER does not choose anew */
  shardHours: number;
}

export function policies(settings: Settings): Policy[] {
  const hours = [settings.raw_retention_h, settings.minute_retention_h, settings.hour_retention_h];
  return (['raw', 'minute', 'hour'] as const).map((resolution, place) => {
    const kept = hours[place] ?? 0;
    return {
      name: policyOf(settings, resolution),
      hours: kept,
      shardHours: kept < 48 ? 1 : kept <= 4_320 ? 24 : 168,
    };
  });
}

export const createDatabase = ({ database }: Settings): string => `CREATE DATABASE ${identifier(database)}`;

export function setPolicy(
  settings: Settings,
  policy: Policy,
  verb: 'CREATE' | 'ALTER',
  isDefault: boolean,
): string {
  const { name, hours, shardHours } = policy;
  return (
    `${verb} RETENTION POLICY ${identifier(name)} ON ${identifier(settings.database)} DURATION ${hours}h ` +
    `REPLICATION 1 SHARD DURATION ${shardHours}h${isDefault ? ' DEFAULT' : ''}`
  );
}

function rollUpSelect(settings: Settings, measurement: Measurement, rollUp: RollUp, where: string): string {
  const { database, measurement_prefix } = settings;
  const sums = measurementShapes[measurement].counts.map(
    (name) => `sum(${identifier(name)}) AS ${identifier(name)}`,
  );
  const place = (resolution: Resolution): string =>
    [database, policyOf(settings, resolution), measurement_prefix + measurement].map(identifier).join('.');
  return (
    `SELECT ${sums.join(', ')} INTO ${place(rollUp)} FROM ${place('raw')} ` +
    `${where}GROUP BY time(${rollUpTimes[rollUp].interval}), *`
  );
}

/** Sums the raw points of a time once more; buckets that are there already are overwritten. */
export const sumAgain = (
  settings: Settings,
  measurement: Measurement,
  rollUp: RollUp,
  fromMs: number,
  toMs: number,
): string =>
  rollUpSelect(
    settings,
    measurement,
    rollUp,
    `WHERE time >= ${timeLiteral(fromMs)} AND time < ${timeLiteral(toMs)} `,
  );

export interface ContinuousQuery {
  name: string;
  create: string;
  drop: string;
}

export function continuousQueries(settings: Settings): ContinuousQuery[] {
  const on = `ON ${identifier(settings.database)}`;
  return rollUps.flatMap((rollUp) =>
    measurements.map((measurement) => {
      const name = `${settings.measurement_prefix}${rollUp}_${measurement}`;
      const select = rollUpSelect(settings, measurement, rollUp, '');
      return {
        name,
        create: `CREATE CONTINUOUS QUERY ${identifier(name)} ${on} ${rollUpTimes[rollUp].resample} BEGIN ${select} END`,
        drop: `DROP CONTINUOUS QUERY ${identifier(name)} ${on}`,
      };
    }),
  );
}

/** A server shows a query as it would write it, with quotes only where they are needed. */
export const sameStatement = (one: string, other: string): boolean => plain(one) === plain(other);
const plain = (statement: string): string => statement.replaceAll('"', '').replace(/\s+/g, ' ').trim();

/** Hours of "168h0m0s", as a server shows a duration; 0 is for ever. */
export const hoursOf = (duration: string): number => Number(/^(\d+)h/.exec(duration)?.[1] ?? 0);
