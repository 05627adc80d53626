// What of Grafana's services the plugin uses, over the host's addresses.
import type { ScopedVars } from '@grafana/data';
import type { BackendSrv, BackendSrvRequest, TemplateSrv } from '@grafana/runtime';
import { from } from 'rxjs';

async function call(request: BackendSrvRequest) {
  const { url, method = 'GET', params, headers } = request;
  const data: unknown = request.data;
  const query = new URLSearchParams(
    Object.entries((params ?? {}) as Record<string, unknown>).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]),
  );
  const response = await fetch(`/${url.replace(/^\//, '')}${query.size > 0 ? `?${query}` : ''}`, {
    method,
    headers: {
      ...(headers as Record<string, string>),
      ...(data === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: data === undefined ? undefined : JSON.stringify(data),
  });
  const text = await response.text();
  const body: unknown = /json/.test(response.headers.get('content-type') ?? '')
    ? JSON.parse(text)
    : { message: text };
  const { status, statusText, ok } = response;
  if (!ok) throw { status, statusText, data: body };
  return { data: body, status, statusText, ok, headers: response.headers, url, config: request };
}

export const backend = {
  fetch: (request: BackendSrvRequest) => from(call(request)),
  get: async (url: string) => (await call({ url })).data,
} as unknown as BackendSrv;

export const templates = {
  replace: (text = '', _?: ScopedVars) => text,
  getVariables: () => [],
  containsTemplate: () => false,
  updateTimeRange: () => undefined,
} as unknown as TemplateSrv;
