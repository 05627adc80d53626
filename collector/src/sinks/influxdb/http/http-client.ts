import { readFileSync } from 'node:fs';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';

export interface HttpRequest {
  method: 'GET' | 'POST';
  /** below the server's address */
  path: string;
  query: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  body?: Buffer;
  signal?: AbortSignal;
  /** the answer's body may have this many bytes */
  maxBytes: number;
}

export interface HttpAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
  /** the body went on beyond the limit */
  cut: boolean;
}

/** No answer: the server could not be reached, did not answer in time, or closed the connection. */
export class NoAnswer extends Error {
  constructor(
    message: string,
    readonly reason: 'unreachable' | 'timeout' | 'closed' | 'aborted',
  ) {
    super(message);
  }
}

export interface HttpClientSettings {
  url: string;
  timeoutMs: number;
  caFile: string;
  /** sent with every request; never part of an error message */
  authorization: string | null;
}

/** Requests to one server over one kept connection, one after the other where the caller waits for each. */
export class HttpClient {
  private readonly base: URL;
  private readonly agent: http.Agent | https.Agent;

  constructor(private readonly settings: HttpClientSettings) {
    this.base = new URL(settings.url);
    this.agent =
      this.base.protocol === 'https:'
        ? new https.Agent({
            keepAlive: true,
            ...(settings.caFile === '' ? {} : { ca: readFileSync(settings.caFile) }),
          })
        : new http.Agent({ keepAlive: true });
  }

  /** Resolves with whatever the server answers. Rejects with NoAnswer. */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    try {
      return await this.sendOnce(request);
    } catch (error) {
      // A connection that was kept may have been closed by the server in the very moment it was used again.
      if (!(error instanceof StaleConnection)) throw error;
      return await this.sendOnce(request, true);
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private sendOnce(request: HttpRequest, fresh = false): Promise<HttpAnswer> {
    const { method, path, query, headers, body, signal, maxBytes } = request;
    const url = new URL(this.base);
    url.pathname = url.pathname.replace(/\/$/, '') + path;
    url.search = new URLSearchParams(query).toString();
    const { authorization, timeoutMs } = this.settings;
    return new Promise((resolve, reject) => {
      const sent = (url.protocol === 'https:' ? https : http).request(url, {
        method,
        agent: fresh ? false : this.agent,
        headers: {
          'user-agent': 'wireglass',
          ...headers,
          ...(authorization === null ? {} : { authorization }),
          ...(body === undefined ? {} : { 'content-length': String(body.length) }),
        },
      });
      const timer = setTimeout(
        () => sent.destroy(new NoAnswer(`no answer within ${timeoutMs} ms`, 'timeout')),
        timeoutMs,
      );
      const abort = (): void => void sent.destroy(new NoAnswer('given up', 'aborted'));
      const fail = (error: NodeJS.ErrnoException): void => {
        finish();
        const isStale =
          sent.reusedSocket && !fresh && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
        reject(error instanceof NoAnswer ? error : isStale ? new StaleConnection() : noAnswer(error));
      };
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      sent.on('error', fail);
      sent.on('response', (response) => {
        collect(response, maxBytes).then((answer) => {
          finish();
          resolve(answer);
        }, fail);
      });
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) abort();
      sent.end(body);
    });
  }
}

class StaleConnection extends Error {}

function noAnswer(error: NodeJS.ErrnoException): NoAnswer {
  const closed = error.code === 'ECONNRESET' || error.code === 'EPIPE';
  const message = error.message || error.code || 'no connection';
  return closed
    ? new NoAnswer(`the server closed the connection (${message})`, 'closed')
    : new NoAnswer(message, 'unreachable');
}

async function collect(response: IncomingMessage, maxBytes: number): Promise<HttpAnswer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  let cut = false;
  for await (const part of response as AsyncIterable<Buffer>) {
    if (bytes + part.length > maxBytes) {
      cut = true;
      parts.push(part.subarray(0, maxBytes - bytes));
      break;
    }
    parts.push(part);
    bytes += part.length;
  }
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: Buffer.concat(parts).toString(),
    cut,
  };
}
