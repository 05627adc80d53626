import { linesIn, packLines, type Batch } from '../batch.js';
import type { WriteEndpoint } from '../http/endpoints.js';
import { NoAnswer, type HttpClient } from '../http/http-client.js';
import { writeOutcome, type Refusal, type WriteOutcome } from '../http/write-answer.js';
import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';

/** Why nothing is stored at the moment. */
export type Problem = 'unreachable' | 'slow' | 'denied' | 'missing' | 'misunderstood' | 'busy' | 'failing';

export type WriteResult =
  | { kind: 'done'; stored: number; dropped: Map<Refusal, number>; detail: string | null }
  | { kind: 'retry'; problem: Problem; detail: string; retryAfterMs: number | null }
  | { kind: 'aborted' };

export interface WriterSettings {
  endpoint: WriteEndpoint;
  gzip: boolean;
  batchPoints: number;
}

/** A server may list every line that it refused. */
const maxAnswerBytes = 8 << 20;
const fewestPoints = 100;

/** Lines of a batch, from one to before another. */
interface Piece {
  from: number;
  to: number;
}

function pieces({ from, to }: Piece, most: number): Piece[] {
  const result: Piece[] = [];
  for (let begin = from; begin < to; begin += most)
    result.push({ from: begin, to: Math.min(to, begin + most) });
  return result;
}

/**
 * Writes batches, whole where the server takes them whole. Where it refuses all for some lines, halves are tried until
 * these lines stand alone; where it finds a request too large or takes too long for it, requests become smaller.
 */
export class BatchWriter {
  private mostPoints: number;
  private readonly requestsByOutcome = new Map<string, number>();

  constructor(
    private readonly settings: WriterSettings,
    private readonly http: Pick<HttpClient, 'send'>,
  ) {
    this.mostPoints = settings.batchPoints;
  }

  /** How many points a request may have now. */
  get points(): number {
    return this.mostPoints;
  }

  requests(): Record<string, number> {
    return Object.fromEntries(this.requestsByOutcome);
  }

  /** Points are idempotent: what had been stored before a failure is written once more by the next attempt. */
  async write(batches: readonly Batch[], signal: AbortSignal): Promise<WriteResult> {
    const total = batches.reduce((sum, { points }) => sum + points, 0);
    const result = {
      kind: 'done' as const,
      stored: 0,
      dropped: new Map<Refusal, number>(),
      detail: null as string | null,
    };
    let lines: string[] | null = null;
    const left: Piece[] = [{ from: 0, to: total }];
    for (let piece = left.shift(); piece !== undefined; piece = left.shift()) {
      const count = piece.to - piece.from;
      if (count > this.mostPoints) {
        left.unshift(...pieces(piece, this.mostPoints));
        continue;
      }
      const [only] = batches;
      const isWhole = only !== undefined && batches.length === 1 && count === total;
      if (!isWhole) lines ??= (await Promise.all(batches.map(linesIn))).flat();
      const body = isWhole ? only.packed : await packLines((lines ?? []).slice(piece.from, piece.to));
      const outcome = await this.post(body, signal);
      const drop = (dropped: number, refusal: Refusal, detail: string): void => {
        result.dropped.set(refusal, (result.dropped.get(refusal) ?? 0) + dropped);
        result.detail = detail;
        result.stored += count - dropped;
      };
      switch (outcome.kind) {
        case 'stored':
          result.stored += count;
          break;
        case 'partial':
          drop(Math.min(count, outcome.dropped), outcome.refusal, outcome.detail);
          break;
        case 'lines_refused':
          if (count === 1) drop(1, outcome.refusal, outcome.detail);
          else left.unshift(...pieces(piece, Math.ceil(count / 2)));
          break;
        case 'too_large':
          if (count === 1) drop(1, 'too_large', outcome.detail);
          else {
            this.mostPoints = Math.ceil(count / 2);
            left.unshift(piece);
          }
          break;
        default:
          return this.retry(outcome, count);
      }
    }
    this.mostPoints = Math.min(this.settings.batchPoints, Math.ceil(this.mostPoints * 1.05));
    return result;
  }

  private retry(outcome: WriteOutcome | NoAnswer, count: number): WriteResult {
    if (!(outcome instanceof NoAnswer))
      return {
        kind: 'retry',
        problem: outcome.kind as Problem,
        detail: 'detail' in outcome ? outcome.detail : '',
        retryAfterMs: 'retryAfterMs' in outcome ? outcome.retryAfterMs : null,
      };
    if (outcome.reason === 'aborted') return { kind: 'aborted' };
    const wasSent = outcome.reason !== 'unreachable';
    if (wasSent) this.mostPoints = Math.min(this.mostPoints, Math.max(fewestPoints, Math.ceil(count / 2)));
    const problem = outcome.reason === 'timeout' ? 'slow' : 'unreachable';
    return { kind: 'retry', problem, detail: outcome.message, retryAfterMs: null };
  }

  private async post(
    packed: Buffer,
    signal: AbortSignal,
  ): Promise<WriteOutcome | (NoAnswer & { kind: 'no_answer' })> {
    const { endpoint, gzip } = this.settings;
    const encoding: Record<string, string> = gzip ? { 'content-encoding': 'gzip' } : {};
    try {
      const answer = await this.http.send({
        method: 'POST',
        path: endpoint.path,
        query: endpoint.query,
        headers: { 'content-type': 'text/plain; charset=utf-8', ...encoding },
        body: gzip ? packed : await promisify(gunzip)(packed),
        signal,
        maxBytes: maxAnswerBytes,
      });
      const outcome = writeOutcome(answer);
      this.count(outcome.kind);
      return outcome;
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      this.count(error.reason);
      return Object.assign(error, { kind: 'no_answer' as const });
    }
  }

  private count(outcome: string): void {
    this.requestsByOutcome.set(outcome, (this.requestsByOutcome.get(outcome) ?? 0) + 1);
  }
}
