import { AppError } from '../../model/errors.js';
import type { Role } from '../../security/principal.js';
import type { Api } from '../dependencies.js';

type Row = [method: 'GET' | 'POST', path: string, role: Role, what: string];

/** Endpoints whose places are taken, below /capture … */
export const captureNotBuilt: readonly Row[] = [
  ['POST', '/netflow/export/enable', 'admin', 'export by NetFlow and IPFIX'],
  ['POST', '/encryption/enable', 'admin', 'sealing of segments'],
  ['GET', '/firmware/verify', 'viewer', 'verification of engine and firmware'],
];

/** … and beside it. */
export const notBuilt: readonly Row[] = [
  ['GET', '/packets/stream', 'operator', 'the live stream of packets'],
  ['GET', '/packets/diff', 'operator', 'comparison of captures'],
  ['GET', '/artifacts', 'viewer', 'the list of segments and exports'],
  ['GET', '/pins', 'viewer', 'pinning of packets'],
  ['GET', '/keys', 'admin', 'key states'],
];

/** Answers 501 to who would be allowed to use them; absent from the API page. */
export function notBuiltRoutes(app: Api, rows: readonly Row[]): void {
  for (const [method, url, role, what] of rows) {
    app.route({
      method,
      url,
      config: { role },
      schema: { hide: true },
      handler: async () => {
        throw new AppError('not_built_yet', { what });
      },
    });
  }
}
