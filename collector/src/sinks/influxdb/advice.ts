import type { Config } from '../../config/schema.js';
import { policyOf } from './http/endpoints.js';
import { identifier } from './influxql.js';
import type { SenderState } from './sending/sender.js';

type Settings = Config['influxdb'];

/** What somebody can do about a state; nothing where time or the server's owner must help. */
export function adviceOn(state: SenderState, settings: Settings): string {
  const { version, database, username } = settings;
  switch (state) {
    case 'denied':
      return version === 1
        ? `check influxdb.username and influxdb.password_file; the user needs: GRANT ALL ON ${identifier(database)} TO ${identifier(username)}`
        : `check influxdb.token_file; the token must be allowed to write ${version === 2 ? 'the bucket' : 'the database'} ${database}`;
    case 'missing':
      if (version === 1)
        return `the database ${database} with the retention policy ${policyOf(settings, 'raw')} is needed; with influxdb.administer an admin's user makes them`;
      return version === 2
        ? `make the bucket ${database} in the organisation ${settings.org}`
        : `make the database ${database}`;
    case 'misunderstood':
      return 'check influxdb.url and influxdb.version';
    default:
      return '';
  }
}
