import { AppError, errorMessage } from '../../../model/errors.js';
import { NoAnswer, type HttpAnswer, type HttpClient } from '../http/http-client.js';

export interface ResultSeries {
  tags: Readonly<Record<string, string>>;
  columns: readonly string[];
  values: (string | number | null)[][];
}

const maxAnswerBytes = 64 << 20;

interface Part {
  error?: string;
  /** of an error of 2.x */
  message?: string;
  results?: {
    statement_id?: number;
    error?: string;
    series?: { tags?: Record<string, string>; columns: string[]; values?: ResultSeries['values'] }[];
  }[];
}

/**
 * InfluxQL over GET /query, which 2.x and 3.x answer, too. An answer may come in parts (chunked=true), one JSON text per
 * line; a series may go on in the next part. Times are milliseconds.
 */
export class QueryClient {
  constructor(
    private readonly http: Pick<HttpClient, 'send'>,
    private readonly database: string,
  ) {}

  /** The series of each statement. Errors: `store_failed`, `bad_request` (more than 64 MiB). */
  async ask(statements: readonly string[], signal?: AbortSignal): Promise<ResultSeries[][]> {
    const answer = await this.send(statements.join('; '), signal);
    if (answer.cut)
      throw new AppError('bad_request', {
        reason:
          'InfluxDB answers with more than 64 MiB; ask for longer intervals, fewer tags or a shorter range',
      });
    const results: ResultSeries[][] = statements.map(() => []);
    for (const part of partsOf(answer)) {
      const problem = part.error ?? part.message;
      if (problem !== undefined) throw failed(problem);
      for (const { statement_id = 0, error, series } of part.results ?? []) {
        if (error !== undefined) throw failed(error);
        for (const { tags, columns, values } of series ?? [])
          results[statement_id]?.push({ tags: tags ?? {}, columns, values: values ?? [] });
      }
    }
    if (answer.status !== 200) throw failed(`HTTP ${answer.status}`);
    return results;
  }

  private async send(q: string, signal: AbortSignal | undefined): Promise<HttpAnswer> {
    try {
      return await this.http.send({
        method: 'GET',
        path: '/query',
        query: { db: this.database, epoch: 'ms', chunked: 'true', q },
        headers: { accept: 'application/json' },
        maxBytes: maxAnswerBytes,
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw error instanceof NoAnswer ? failed(error.message) : error;
    }
  }
}

const failed = (reason: string): AppError => new AppError('store_failed', { reason: `InfluxDB: ${reason}` });

function partsOf({ status, text }: HttpAnswer): Part[] {
  try {
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as Part);
  } catch (error) {
    throw failed(`HTTP ${status}, and no JSON: ${errorMessage(error)}`);
  }
}
