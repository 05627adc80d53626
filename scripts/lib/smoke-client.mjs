// Requests of the smoke test, and what is expected of the answers.
import { request as httpRequest } from 'node:http';

/** A case that cannot be tried here; its message says why. */
export class Skip extends Error {}

const timeoutMs = 30_000;

export class SmokeClient {
  constructor(base, token) {
    this.base = base;
    this.token = token;
  }

  /** The answer as { status, headers, bytes, text, json() }; connection failures end the case. */
  async ask(method, path, { body, token = this.token, headers = {} } = {}) {
    const init = { method, headers: { ...headers }, signal: AbortSignal.timeout(timeoutMs) };
    if (token !== null) init.headers.authorization = `Bearer ${token}`;
    if (body !== undefined) {
      init.headers['content-type'] = 'application/json';
      init.body = JSON.stringify(body);
    }
    const response = await fetch(new URL(path, this.base), init).catch((error) => {
      throw new Error(`${method} ${path}: ${error.cause?.message ?? error.message}`);
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = bytes.toString('utf8');
    return {
      what: `${method} ${path}`,
      status: response.status,
      headers: response.headers,
      bytes,
      text,
      json: () => JSON.parse(text),
    };
  }

  /** Status of a request whose Host header is not the address it goes to; fetch() would not send that. */
  askAsHost(path, host) {
    return new Promise((resolve, reject) => {
      const sent = httpRequest(
        new URL(path, this.base),
        { headers: { host }, timeout: timeoutMs },
        (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode));
        },
      );
      sent.on('timeout', () => sent.destroy(new Error('no answer')));
      sent.on('error', reject);
      sent.end();
    });
  }

  /** Skips the case where the token is missing or its role does not reach. */
  permitted(answer) {
    if (this.token === null && answer.status === 401) {
      throw new Skip('needs a token: give one by --token or WIREGLASS_TOKEN');
    }
    if (answer.status === 403 && answer.json().code === 'role_insufficient')
      throw new Skip(answer.json().detail);
    return answer;
  }

  /** GET that has to work, as JSON. */
  async json(path) {
    return expectStatus(this.permitted(await this.ask('GET', path)), 200).json();
  }
}

export function expect(condition, text) {
  if (!condition) throw new Error(text);
}

export function expectStatus(answer, ...statuses) {
  const { what, status, text } = answer;
  expect(
    statuses.includes(status),
    `${what} answered ${status}, expected ${statuses.join(' or ')}: ${text.slice(0, 300)}`,
  );
  return answer;
}

/** A problem as RFC 9457 and the project's own rules have it. */
export function expectProblem(answer, status, code) {
  expectStatus(answer, status);
  const type = answer.headers.get('content-type') ?? '';
  expect(type.startsWith('application/problem+json'), `${answer.what}: content type ${type}`);
  const problem = answer.json();
  expect(problem.code === code, `${answer.what}: code ${problem.code}, expected ${code}`);
  expect(problem.status === status, `${answer.what}: the problem says status ${problem.status}`);
  for (const member of ['type', 'title', 'detail', 'instance']) {
    expect(typeof problem[member] === 'string' && problem[member] !== '', `${answer.what}: no ${member}`);
  }
}

const pcapHeaderBytes = 24;

/** Walks a classic pcap to its end and returns the number of its packets. */
export function countPcapPackets(bytes) {
  expect(bytes.length >= pcapHeaderBytes, `${bytes.length} bytes are no pcap`);
  const little = bytes.readUInt32LE(0) === 0xa1b2c3d4;
  expect(little || bytes.readUInt32BE(0) === 0xa1b2c3d4, 'the magic is not that of a microsecond pcap');
  let packets = 0;
  let offset = pcapHeaderBytes;
  while (offset < bytes.length) {
    expect(offset + 16 <= bytes.length, `packet ${packets + 1}: its header is cut off`);
    const length = little ? bytes.readUInt32LE(offset + 8) : bytes.readUInt32BE(offset + 8);
    offset += 16 + length;
    expect(offset <= bytes.length, `packet ${packets + 1}: ${length} bytes reach beyond the file`);
    packets += 1;
  }
  return packets;
}
