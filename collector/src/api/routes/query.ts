import { answerQueries } from '../../answers/answer-queries.js';
import { queryTypes } from '../../answers/registry.js';
import { readQuery, refIdOf } from '../../answers/request.js';
import { fieldNamed } from '../../model/columns.js';
import { AppError, errorCode, errorMessage } from '../../model/errors.js';
import { hint } from '../../model/nearest.js';
import { completeFilter } from '../../query/complete.js';
import { fieldFacts, filterWords, measureFacts } from '../../query/field-facts.js';
import { parseFilter, parsePacketFilter } from '../../query/parse-filter.js';
import { rolledUpFields } from '../../query/rolled-up.js';
import { permits } from '../../security/principal.js';
import { clientGone } from '../client-gone.js';
import type { Api, ApiConfig, ApiDependencies } from '../dependencies.js';
import { answers } from '../schemas/common.js';
import {
  FieldsAnswer,
  QueryAnswer,
  QueryBody,
  ValidateAnswer,
  ValidateBody,
  ValuesAnswer,
  ValuesQuery,
} from '../schemas/query.js';
import { queryRange } from '../time.js';

const tags = ['query'];
/** 50 queries with filters of 4 096 characters, and what Grafana adds. */
const bodyLimitBytes = 1 << 20;
const viewer = { role: 'viewer' } as const;

/** What panels and alert rules ask, and what their editors need. */
export function queryRoutes(app: Api, config: ApiConfig, dependencies: ApiDependencies): void {
  app.post(
    '/query',
    {
      config: viewer,
      bodyLimit: bodyLimitBytes,
      schema: {
        tags,
        summary: 'Queries, answered with data frames',
        body: QueryBody,
        response: answers(QueryAnswer),
      },
    },
    async (request, reply) => {
      const nowNs = BigInt(Date.now()) * 1_000_000n;
      const { flowStore, metricStore, history, packets, log } = dependencies;
      return answerQueries(request.body.queries, {
        ...queryRange(request.body, nowNs),
        nowNs,
        limits: config.query,
        sources: { flows: flowStore, metrics: metricStore, history, packets },
        mayReadPackets: permits(request.principal.role, 'operator'),
        signal: clientGone(request, reply),
        onFailure: (error) => {
          const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
          log.error(`a query failed: ${stack}`, { request: request.id });
        },
      });
    },
  );
  fieldsRoute(app);
  valuesRoute(app, dependencies);
  validateRoute(app);
}

function fieldsRoute(app: Api): void {
  app.get(
    '/query/fields',
    {
      config: viewer,
      schema: {
        tags,
        summary: 'Fields, measures, types of query, words of filters',
        response: answers(FieldsAnswer),
      },
    },
    async () => ({
      fields: fieldFacts(rolledUpFields),
      measures: measureFacts,
      words: filterWords,
      types: [...queryTypes.values()].map(({ name, summary, schema }) => ({
        name,
        summary,
        keys: Object.keys(schema.properties),
      })),
    }),
  );
}

function valuesRoute(app: Api, { flowStore }: ApiDependencies): void {
  app.get(
    '/query/values',
    {
      config: viewer,
      schema: {
        tags,
        summary: 'Values of a field in a range',
        querystring: ValuesQuery,
        response: answers(ValuesAnswer),
      },
    },
    async (request, reply) => {
      const { field: text, prefix, limit } = request.query;
      const field = fieldNamed(text);
      if (field === undefined) {
        const names = fieldFacts(rolledUpFields).map(({ name }) => name);
        throw new AppError('bad_request', {
          reason: `query: field is ${JSON.stringify(text)}, which is no field of a flow record${hint(text, names)}`,
        });
      }
      const nowNs = BigInt(Date.now()) * 1_000_000n;
      const { from = 'now-1h', to = 'now' } = request.query;
      const range = queryRange({ from, to }, nowNs);
      const signal = clientGone(request, reply);
      const found = await flowStore.values({ field: field.name, prefix, limit, ...range }, signal);
      return { field: field.name, ...found };
    },
  );
}

function validateRoute(app: Api): void {
  app.post(
    '/query/validate',
    {
      config: viewer,
      schema: {
        tags,
        summary: 'Whether a filter or a query is right, and what can stand at the cursor',
        body: ValidateBody,
        response: answers(ValidateAnswer),
      },
    },
    async ({ body }) => {
      const { filter, over, query, cursor } = body;
      if (filter === undefined && query === undefined) {
        throw new AppError('bad_request', { reason: 'body: expected filter or query' });
      }
      const verdict = verdictOf(() => {
        if (filter !== undefined && filter.trim() !== '') {
          if (over === 'packets') parsePacketFilter(filter);
          else parseFilter(filter);
        }
        if (query !== undefined) readQuery(query, refIdOf(query, 0));
      });
      if (filter === undefined || cursor === undefined) return verdict;
      const { valuesOf, ...completion } = completeFilter(filter, cursor);
      return {
        ...verdict,
        completion: { ...completion, ...(valuesOf === undefined ? {} : { values_of: valuesOf }) },
      };
    },
  );
}

/** What is wrong, with its place where a filter is. Other errors than of what was given are thrown. */
function verdictOf(check: () => void) {
  try {
    check();
    return { ok: true };
  } catch (error) {
    const code = errorCode(error);
    if (code === 'internal_error') throw error;
    const { column, expected, reason } = (error as AppError).details as {
      column?: number;
      expected?: string[];
      reason?: string;
    };
    return {
      ok: false,
      error: {
        code,
        reason: reason ?? errorMessage(error),
        ...(column === undefined ? {} : { column }),
        ...(expected === undefined ? {} : { expected }),
      },
    };
  }
}
