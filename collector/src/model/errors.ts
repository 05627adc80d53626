/**
 * Every error that the service answers with: stable code → HTTP status, title and the sentence to be filled in. Codes
 * that the core reports stand here too, with the template `{reason}`, because the core words them itself.
 */
const native = '{reason}';

export const errorTable = {
  // requests
  bad_request: { status: 400, title: 'Request not valid', template: '{reason}' },
  bad_filter: { status: 400, title: 'Filter not valid', template: 'column {column}: {reason}' },
  bad_cursor: { status: 400, title: 'Cursor not valid', template: '{reason}' },
  bad_time: { status: 400, title: 'Time not valid', template: '{name}: {reason}' },
  body_too_large: {
    status: 413,
    title: 'Body too large',
    template: 'a request body may have {limit_bytes} bytes',
  },
  media_type_unsupported: {
    status: 415,
    title: 'Media type not supported',
    template: 'send the body as application/json, not as {media_type}',
  },
  route_not_found: {
    status: 404,
    title: 'No such address',
    template: '{method} {path} is no endpoint; see /docs',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    template: '{path} does not answer {method}; it answers {allowed}',
  },
  not_built_yet: { status: 501, title: 'Not built yet', template: '{what} is not built yet' },
  shutting_down: { status: 503, title: 'Shutting down', template: 'the service is shutting down' },
  internal_error: { status: 500, title: 'Internal error', template: '{reason}' },

  // access
  token_missing: {
    status: 401,
    title: 'Token needed',
    template: 'send a token as "Authorization: Bearer wg_…"; `wireglass token new --role {role}` makes one',
  },
  token_invalid: {
    status: 401,
    title: 'Token not valid',
    template: 'the token is not known here; `wireglass token new --role {role}` makes a new one',
  },
  role_insufficient: {
    status: 403,
    title: 'Role not sufficient',
    template: 'this needs the role {needed}; the token {principal} has the role {role}',
  },
  host_not_allowed: {
    status: 403,
    title: 'Host not allowed',
    template: 'a service on loopback answers only to localhost and loopback addresses, not to Host "{host}"',
  },
  tokens_damaged: { status: 500, title: 'Token file damaged', template: '{path}: {reason}' },
  token_unknown: { status: 404, title: 'No such token', template: 'no token has the id {id}' },
  too_many_tokens: {
    status: 409,
    title: 'Too many tokens',
    template: 'there are {limit} tokens already; revoke one by `wireglass token revoke ID`',
  },
  audit_unavailable: {
    status: 503,
    title: 'Audit log not writable',
    template: 'not done, because it could not be written to the audit log: {reason}',
  },

  // capture and packets: worded by the core
  bad_argument: { status: 400, title: 'Argument not valid', template: native },
  bad_capture_filter: { status: 400, title: 'Capture filter not valid', template: native },
  unknown_backend: { status: 400, title: 'No such backend', template: native },
  interface_not_found: { status: 404, title: 'No such interface', template: native },
  interface_down: { status: 409, title: 'Interface is down', template: native },
  permission_denied: { status: 403, title: 'Privilege missing', template: native },
  backend_unavailable: { status: 422, title: 'Backend not available', template: native },
  link_type_unsupported: { status: 422, title: 'Link type not supported', template: native },
  capture_failed: { status: 500, title: 'Capture failed', template: native },
  capture_running: { status: 409, title: 'A capture runs already', template: native },
  capture_not_running: { status: 409, title: 'No capture runs', template: native },
  input_unreadable: { status: 422, title: 'Input not readable', template: native },
  not_a_capture_file: { status: 422, title: 'Not a capture file', template: native },
  capture_file_damaged: { status: 422, title: 'Capture file damaged', template: native },
  compression_unsupported: { status: 422, title: 'Compression not supported', template: native },
  packet_not_found: { status: 404, title: 'No such packet', template: native },
  packet_evicted: { status: 410, title: 'Packet evicted', template: native },
  no_packets: { status: 404, title: 'No packets', template: 'no {kind} is recorded yet' },
  too_many_exports: {
    status: 429,
    title: 'Too many exports',
    template: '{limit} exports or previews run already; try again when one has ended',
  },
  client_gone: {
    status: 499,
    title: 'Client left',
    template: 'the client left before the answer was complete',
  },
  several_link_types: { status: 422, title: 'Several link types', template: native },
  segment_damaged: { status: 500, title: 'Segment damaged', template: native },
  segment_unwritable: { status: 500, title: 'Segments not writable', template: native },
  addon_missing: { status: 503, title: 'Native engine missing', template: native },
  addon_unusable: { status: 503, title: 'Native engine not usable', template: native },

  // stores
  store_locked: { status: 503, title: 'Store in use', template: '{reason}' },
  store_incompatible: { status: 500, title: 'Store not readable', template: '{reason}' },
  store_failed: { status: 500, title: 'Store failed', template: '{reason}' },
  store_not_running: { status: 503, title: 'Store not running', template: '{reason}' },

  // queries
  query_timeout: {
    status: 504,
    title: 'Query took too long',
    template:
      'the query was ended after {limit_s} s (query.timeout_s); ask for a shorter range or a coarser interval',
  },
  query_cancelled: { status: 499, title: 'Query cancelled', template: '{reason}' },
  query_limit: { status: 422, title: 'Query too large', template: '{reason}' },
  too_many_queries: {
    status: 503,
    title: 'Too many queries',
    template: '{waiting} queries wait already (query.max_waiting); try again later',
  },

  // start of the service
  bad_config: { status: 500, title: 'Configuration not valid', template: '{reason}' },
  data_dir_unwritable: {
    status: 500,
    title: 'Data directory not writable',
    template: '{path} cannot be written: {reason}; choose another by --data-dir',
  },
  address_in_use: {
    status: 500,
    title: 'Address in use',
    template: '{host}:{port} is in use by another program; choose another port by --port',
  },
  address_unavailable: {
    status: 500,
    title: 'Address not available',
    template: 'cannot listen on {host}:{port}: {reason}',
  },
} as const satisfies Record<string, { status: number; title: string; template: string }>;

export type ErrorCode = keyof typeof errorTable;

type Placeholder<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;

/** What the template of a code asks for; more may be added and goes to the client too. */
export type ErrorDetails<Code extends ErrorCode> = Record<
  Placeholder<(typeof errorTable)[Code]['template']>,
  string | number
> &
  Record<string, unknown>;

/** An operating error with a stable code. Match `code`, not the class: it may come out of another realm. */
export class AppError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly status: number;
  readonly title: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: Code, details: ErrorDetails<Code>, options?: ErrorOptions) {
    super(fill(errorTable[code].template, details), options);
    this.name = 'AppError';
    this.code = code;
    this.status = errorTable[code].status;
    this.title = errorTable[code].title;
    this.details = details;
  }
}

function fill(template: string, details: Readonly<Record<string, unknown>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name]));
}

/** Whether `code` stands in the table. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorTable, code);
}

/** The code of anything thrown, `internal_error` where it has none of ours. */
export function errorCode(error: unknown): ErrorCode {
  const code = (error as { code?: unknown } | null)?.code;
  return isErrorCode(code) ? code : 'internal_error';
}

/** The message of anything thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String((error as { message?: unknown })?.message ?? error);
}
