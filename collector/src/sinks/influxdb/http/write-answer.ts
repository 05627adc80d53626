import type { HttpAnswer } from './http-client.js';

/** Why a server does not take points that it understood, or could not read. */
export const refusals = [
  'beyond_retention',
  'field_type_conflict',
  'series_limit',
  'unparsable',
  'too_large',
  'refused',
] as const;
export type Refusal = (typeof refusals)[number];

/** What a server's answer to a write means for the points in it. */
export type WriteOutcome =
  | { kind: 'stored' }
  /** all but these */
  | { kind: 'partial'; dropped: number; refusal: Refusal; detail: string }
  /** none, because of some of them; which, the answer does not tell */
  | { kind: 'lines_refused'; refusal: Refusal; detail: string }
  /** none: the request is too large */
  | { kind: 'too_large'; detail: string }
  /** none, until somebody changes rights or settings */
  | { kind: 'denied' | 'missing' | 'misunderstood'; detail: string }
  /** none for now, or it is not known */
  | { kind: 'busy' | 'failing'; detail: string; retryAfterMs: number | null };

const longestDetail = 300;

/** A message of the server as one line. */
const oneLine = (text: string): string => {
  // eslint-disable-next-line no-control-regex
  const line = text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  return line.length > longestDetail ? `${line.slice(0, longestDetail)}…` : line;
};

interface Told {
  /** the error in words, whole */
  text: string;
  /** of 3.x: numbers of the lines that are wrong */
  lines: Set<number>;
  /** 2.x: a stable name of the error */
  code: string;
}

/** 1.x: {"error"}; 2.x: {"code", "message"}; 3.x: {"error", "data": one or a list of {"line_number", "error_message"}}. */
function told({ text, headers }: HttpAnswer): Told {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { text: text || String(headers['x-influxdb-error'] ?? ''), lines: new Set(), code: '' };
  }
  const { error, message, code, data } = (typeof body === 'object' ? (body ?? {}) : {}) as Record<
    string,
    unknown
  >;
  const entries = (Array.isArray(data) ? data : [data]) as ({
    line_number?: unknown;
    error_message?: unknown;
  } | null)[];
  const lines = new Set<number>();
  const messages: string[] = [];
  for (const entry of entries) {
    if (typeof entry?.line_number !== 'number') continue;
    lines.add(entry.line_number);
    if (typeof entry.error_message === 'string') messages.push(entry.error_message);
  }
  const words = [error, message]
    .filter((word) => typeof word === 'string' && word !== '')
    .concat(messages.slice(0, 3));
  return {
    text: words.length > 0 ? words.join('; ') : text,
    lines,
    code: typeof code === 'string' ? code : '',
  };
}

const refusalPatterns: [RegExp, Refusal][] = [
  [/(beyond|outside) retention/i, 'beyond_retention'],
  [/field type conflict|invalid column type|schema conflict/i, 'field_type_conflict'],
  [/max-series-per-database|max-values-per-tag/i, 'series_limit'],
  [/unable to parse|invalid|missing|malformed|parsing failed/i, 'unparsable'],
];

const refusalOf = (text: string): Refusal =>
  refusalPatterns.find(([pattern]) => pattern.test(text))?.[1] ?? 'refused';

/**
 * How many points a partial write left out; null when it does not say. 1.x counts those that its store left out; lines
 * that it cannot read it only lists (services/httpd/handler.go, serveWrite), with "dropped=0".
 */
function droppedIn({ text, lines }: Told): number | null {
  if (lines.size > 0) return lines.size;
  const unread = text.match(/(?:^|[\s;:])unable to parse '/g)?.length ?? 0;
  const dropped = /dropped=(\d+)/.exec(text) ?? /dropped (\d+) points?/.exec(text);
  if (dropped === null && unread === 0) return null;
  return Math.max(unread, Number(dropped?.[1] ?? 0));
}

/** Seconds or a date (RFC 9110, 10.2.3), an hour at most. */
function retryAfterMs({ headers }: HttpAnswer): number | null {
  const value = headers['retry-after'];
  if (value === undefined) return null;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? null : Math.min(3_600_000, Math.max(0, ms));
}

function badRequest(answer: HttpAnswer): WriteOutcome {
  const error = told(answer);
  const detail = oneLine(error.text);
  if (/partial write/i.test(error.text) || answer.status === 422) {
    const dropped = droppedIn(error);
    const refusal = refusalOf(error.text);
    return dropped === null
      ? { kind: 'lines_refused', refusal, detail }
      : { kind: 'partial', dropped, refusal, detail };
  }
  const isAboutLines =
    error.lines.size > 0 || /unable to parse|parsing failed|line protocol/i.test(error.text);
  return isAboutLines
    ? { kind: 'lines_refused', refusal: refusalOf(error.text), detail }
    : { kind: 'misunderstood', detail: `HTTP 400: ${detail}` };
}

/** Sorts an answer to a write by what has become of its points. */
export function writeOutcome(answer: HttpAnswer): WriteOutcome {
  const { status } = answer;
  if (status === 204 || status === 200) return { kind: 'stored' };
  const text = told(answer).text;
  const detail = `HTTP ${status}: ${oneLine(text) || 'without a word'}`;
  if (/(database|retention policy|bucket) not found|(database|bucket) .*does ?n[o']t exist/i.test(text))
    return { kind: 'missing', detail };
  switch (status) {
    case 400:
    case 422:
      return badRequest(answer);
    case 401:
    case 403:
      return { kind: 'denied', detail };
    case 404:
      return { kind: 'missing', detail };
    case 413:
      return { kind: 'too_large', detail };
    case 408:
    case 429:
    case 503:
      return { kind: 'busy', detail, retryAfterMs: retryAfterMs(answer) };
    default:
      return status >= 500
        ? { kind: 'failing', detail, retryAfterMs: retryAfterMs(answer) }
        : { kind: 'misunderstood', detail };
  }
}
