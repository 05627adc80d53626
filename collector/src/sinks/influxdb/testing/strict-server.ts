import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { Influxd } from './influxd.js';
import { readLine, type ReadPoint } from './strict-lines.js';

/** What the server does to writes until it is told otherwise. */
export type Mood =
  | { kind: 'well' }
  | { kind: 'busy'; status: 429 | 503; retryAfter?: string }
  | { kind: 'failing'; status: number; body?: string }
  /** stores and does not answer */
  | { kind: 'mute' }
  /** closes the connection without or within an answer */
  | { kind: 'hangs_up'; within: boolean };

export interface StrictServerSettings {
  version: 2 | 3;
  token: string;
  org?: string;
  database: string;
  maxBodyBytes?: number;
  /** where points go as well, and InfluxQL is answered from: a database of the same name */
  behind?: Influxd;
}

export interface SeenRequest {
  path: string;
  headers: IncomingMessage['headers'];
  points: number;
  connection: string;
}

/**
 * Speaks the documented write endpoints of InfluxDB 2.x and 3.x and is stricter than these: unknown parameters, bodies
 * that are not gzip, lines out of order in their tags are refused. Keeps points by series and time, as they do.
 */
export class StrictServer {
  mood: Mood = { kind: 'well' };
  /** which points it refuses, and why */
  refuses: (point: ReadPoint) => string | null = () => null;
  readonly seen: SeenRequest[] = [];
  /** series and time → point; a second one with both overwrites the first */
  readonly points = new Map<string, ReadPoint>();
  /** of every point that was stored for the first time, in order */
  readonly order: bigint[] = [];
  overwritten = 0;
  /** what a client did wrong */
  readonly faults: string[] = [];
  private server: Server | null = null;
  private port = 0;
  private readonly types = new Map<string, string>();

  constructor(readonly settings: StrictServerSettings) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => void this.answer(request, response));
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** Nobody listens any more. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (server === null) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    try {
      for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    } catch {
      return;
    }
    const body = Buffer.concat(parts);
    if (request.method === 'GET' && new URL(request.url ?? '', this.url).pathname === '/query') {
      const { status, text } = await this.query(request);
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
      return;
    }
    const { status, answer, headers } = this.write(request, body);
    if (status === 204)
      await this.settings.behind?.write(this.settings.database, gunzipSync(body).toString());
    const { mood } = this;
    if (mood.kind === 'mute') return;
    if (mood.kind === 'hangs_up') {
      if (mood.within) response.writeHead(200, { 'content-length': '1000' }).write('half');
      setTimeout(() => request.socket.destroy(), 5);
      return;
    }
    const text = typeof answer === 'string' ? answer : answer === null ? '' : JSON.stringify(answer);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  }

  /** InfluxQL as 1.x answers it: 2.x and 3.x document GET /query with these parameters and their own tokens. */
  private async query(request: IncomingMessage): Promise<{ status: number; text: string }> {
    const { version, token, database, behind } = this.settings;
    const query = Object.fromEntries(new URL(request.url ?? '', this.url).searchParams);
    if (request.headers.authorization !== `${version === 2 ? 'Token' : 'Bearer'} ${token}`)
      return { status: 401, text: JSON.stringify({ code: 'unauthorized', message: 'unauthorized access' }) };
    const { db, epoch, chunked, q, ...others } = query;
    if (db !== database || epoch !== 'ms' || chunked !== 'true' || Object.keys(others).length > 0)
      return { status: 400, text: JSON.stringify(this.fault(`a question ${request.url}`)) };
    if (behind === undefined || q === undefined)
      return { status: 400, text: JSON.stringify({ error: 'missing q' }) };
    return behind.forward(new URLSearchParams({ db, epoch, chunked, q }));
  }

  private write(
    request: IncomingMessage,
    body: Buffer,
  ): { status: number; answer: object | string | null; headers?: Record<string, string> } {
    const { version, token, org, database, maxBodyBytes = 1 << 24 } = this.settings;
    const url = new URL(request.url ?? '', this.url);
    const query = Object.fromEntries(url.searchParams);
    const expected =
      version === 2
        ? { path: '/api/v2/write', scheme: 'Token', query: { bucket: database, precision: 'ns', org } }
        : {
            path: '/api/v3/write_lp',
            scheme: 'Bearer',
            query: { db: database, precision: 'nanosecond', accept_partial: 'true' },
          };
    const entry = {
      path: url.pathname,
      headers: request.headers,
      points: 0,
      connection: `${request.socket.remotePort}`,
    };
    this.seen.push(entry);
    if (request.method !== 'POST' || url.pathname !== expected.path)
      return {
        status: 404,
        answer: version === 2 ? { code: 'not found', message: 'path not found' } : 'Not Found',
      };
    if (request.headers.authorization !== `${expected.scheme} ${token}`)
      return version === 2
        ? { status: 401, answer: { code: 'unauthorized', message: 'unauthorized access' } }
        : { status: 401, answer: { error: 'the request was not authenticated' } };
    if (version === 2 && (query['bucket'] !== database || query['org'] !== org)) {
      const message =
        query['org'] === org
          ? `bucket "${query['bucket']}" not found`
          : `organization name "${query['org']}" not found`;
      return { status: 404, answer: { code: 'not found', message } };
    }
    for (const [name, value] of Object.entries(query))
      if ((expected.query as Record<string, string | undefined>)[name] !== value)
        return { status: 400, answer: this.fault(`parameter ${name}=${value}`) };
    if (this.mood.kind === 'busy')
      return {
        status: this.mood.status,
        answer: { code: 'unavailable', message: 'try again' },
        ...(this.mood.retryAfter === undefined ? {} : { headers: { 'retry-after': this.mood.retryAfter } }),
      };
    if (this.mood.kind === 'failing')
      return {
        status: this.mood.status,
        answer: this.mood.body ?? { code: 'internal error', message: 'engine: no space left on device' },
      };
    if (body.length > maxBodyBytes)
      return {
        status: 413,
        answer: { code: 'request too large', message: 'cannot read data: points batch is too large' },
      };
    if (request.headers['content-encoding'] !== 'gzip')
      return { status: 400, answer: this.fault('a body that is not gzip') };
    return this.store(gunzipSync(body).toString(), entry);
  }

  private fault(what: string): object {
    this.faults.push(what);
    return { code: 'invalid', message: what, error: what };
  }

  private store(text: string, entry: SeenRequest): { status: number; answer: object | null } {
    const lines = text.split('\n');
    if (lines.pop() !== '') return { status: 400, answer: this.fault('a last line without an end') };
    const { version } = this.settings;
    const wrong: { line: string; number: number; reason: string }[] = [];
    const good: ReadPoint[] = [];
    for (const [place, line] of lines.entries()) {
      const add = (reason: string): number => wrong.push({ line, number: place + 1, reason });
      try {
        const point = readLine(line);
        const refused = this.refuses(point);
        if (refused === null) good.push(point);
        else add(refused);
      } catch (error) {
        this.faults.push(`${(error as Error).message}: ${line}`);
        add((error as Error).message);
      }
    }
    const unread = wrong.filter(({ reason }) => !/conflict|retention/.test(reason));
    // 2.x stores nothing of a batch with a line that it cannot read, and names the first.
    if (version === 2 && unread[0] !== undefined)
      return {
        status: 400,
        answer: { code: 'invalid', message: `unable to parse '${unread[0].line}': ${unread[0].reason}` },
      };
    for (const point of good) this.keep(point);
    entry.points = good.length;
    if (wrong.length === 0) return { status: 204, answer: null };
    return version === 2
      ? {
          status: 422,
          answer: {
            code: 'unprocessable entity',
            message: `failure writing points to database: partial write: ${wrong[0]?.reason} dropped=${wrong.length}`,
          },
        }
      : {
          status: 400,
          answer: {
            error: 'partial write of line protocol occurred',
            data: wrong.map(({ line, number, reason }) => ({
              original_line: line.slice(0, 20),
              line_number: number,
              error_message: reason,
            })),
          },
        };
  }

  private keep(point: ReadPoint): void {
    const key = `${point.series} ${point.time}`;
    for (const [name, { type }] of Object.entries(point.fields)) {
      const typeKey = `${point.measurement} ${name}`;
      const known = this.types.get(typeKey) ?? type;
      if (known !== type) this.faults.push(`${typeKey} has the types ${known} and ${type}`);
      this.types.set(typeKey, type);
    }
    if (this.points.has(key)) this.overwritten += 1;
    else this.order.push(point.time);
    this.points.set(key, point);
  }

  /** Sum of an integer field of a measurement. */
  sum(measurement: string, field: string): number {
    let sum = 0;
    for (const point of this.points.values())
      if (point.measurement === measurement) sum += Number(point.fields[field]?.value ?? 0);
    return sum;
  }
}
