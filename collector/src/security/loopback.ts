import { isIP } from 'node:net';

/** Whether an address to listen on is reachable from this host only. */
export function isLoopbackAddress(host: string): boolean {
  if (host === 'localhost') return true;
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === '::1' || /^::ffff:127\./i.test(host);
}

/**
 * Whether a Host header names this machine itself. A page in a browser can make its own name resolve to 127.0.0.1 (DNS
 * rebinding) and would then read the answers; its name in the header gives it away.
 */
export function isLoopbackHostHeader(header: string | undefined): boolean {
  if (header === undefined) return false;
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(header);
  if (match === null) return false;
  const host = (match[1] ?? match[2] ?? '').toLowerCase().replace(/\.$/, '');
  return host.endsWith('.localhost') || isLoopbackAddress(host);
}
