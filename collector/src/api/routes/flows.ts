import { flowFields, type FlowRecord } from '@wireglass/native';
import { AppError } from '../../model/errors.js';
import { hint } from '../../model/nearest.js';
import { parseFilter } from '../../query/parse-filter.js';
import type { Api, ApiDependencies } from '../dependencies.js';
import { answers } from '../schemas/common.js';
import { FlowsAnswer, FlowsQuery } from '../schemas/flows.js';
import { timeRange } from '../time.js';

const names = flowFields.map(({ name }) => name);

/** GET /flows of the capture endpoints. */
export function flowRoutes(app: Api, { flowStore }: ApiDependencies): void {
  app.get(
    '/flows',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['capture'],
        summary: 'Flows, live and stored',
        querystring: FlowsQuery,
        response: answers(FlowsAnswer),
      },
    },
    async ({ query }) => {
      const page = await flowStore.query({
        scope: query.scope,
        sort: parseSort(query.sort),
        limit: query.limit,
        ...(query.filter === undefined || query.filter.trim() === ''
          ? {}
          : { filter: parseFilter(query.filter) }),
        ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
        ...timeRange(query),
      });
      return { flows: page.flows, next_cursor: page.nextCursor };
    },
  );
}

function parseSort(text: string): { field: keyof FlowRecord; descending: boolean } {
  const descending = text.startsWith('-');
  const name = text.replace(/^[+-]/, '');
  const field = names.find((known) => known === name);
  if (field === undefined) {
    throw new AppError('bad_request', {
      reason: `query: sort names ${JSON.stringify(name)}, which is no field of a flow record${hint(name, names)}`,
      fields: names,
    });
  }
  return { field, descending };
}
