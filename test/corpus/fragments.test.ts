/**
 * Later fragments beside tshark, which tells each fragment's datagram: those whose first fragment came before them must
 * have got their ports, or the protocol behind IPv6's extension headers.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { capturesFolder, describeWithCaptures, truth, type ManifestEntry } from '../helpers/captures.js';
import { meterFiles } from '../helpers/meter-files.js';

const FIELDS = [
  ...['ip.src', 'ip.dst', 'ip.id', 'ip.proto', 'ip.frag_offset', 'ip.flags.mf'],
  ...['ipv6.src', 'ipv6.dst', 'ipv6.fraghdr.ident', 'ipv6.fraghdr.offset', 'ipv6.fraghdr.more'],
  ...['frame.time_epoch', 'icmp.type', 'icmpv6.type'],
];

const TIMEOUT_S = 30;

/** Destination unreachable, time exceeded and the like (RFC 792, RFC 4443). */
const isIcmpError = (icmp = '', icmpv6 = ''): boolean =>
  ['3', '4', '5', '11', '12'].includes(icmp) || ['1', '2', '3', '4'].includes(icmpv6);

/** Innermost fragments as tshark has them: later ones of a datagram whose first one is known, and others. */
function fragmentsOf(path: string): { known: number; unknown: number } {
  const preferences = ['-o', 'ip.defragment:FALSE', '-o', 'ipv6.defragment:FALSE'];
  const fields = FIELDS.flatMap((field) => ['-e', field]);
  const arguments_ = [...preferences, '-r', path, '-T', 'fields', '-E', 'occurrence=l', ...fields];
  const rows = execFileSync('tshark', arguments_, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const firsts = new Map<string, number>();
  const count = { known: 0, unknown: 0 };
  for (const row of rows.split('\n')) {
    const value = row.split('\t');
    if (isIcmpError(value[12], value[13])) continue; // shows the fragment that it quotes
    const time = Number(value[11]);
    const isIpv6 = (value[8] ?? '') !== '';
    const key = (isIpv6 ? value.slice(6, 9) : value.slice(0, 4)).join(' ');
    const offset = Number(isIpv6 ? value[9] : value[4]) || 0;
    const more = ['1', 'True'].includes((isIpv6 ? value[10] : value[5]) ?? '');
    const learned = firsts.get(key);
    const known = learned !== undefined && time - learned < TIMEOUT_S;
    if (offset > 0) count[known ? 'known' : 'unknown']++;
    else if (more) firsts.set(key, time);
  }
  return count;
}

const haveTshark = (() => {
  try {
    execFileSync('tshark', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

// Protocols without ports (ICMP, ESP) need nothing of their first fragment, and a first fragment that is too short for
// ports, or that contradicts an earlier one, has nothing to give.
const WITHOUT_PORTS = /icmp|ping|opt_fragments|rfc7112|ext_headers|bad_fragment/;

describeWithCaptures('fragments', () => {
  (haveTshark ? it : it.skip)(
    'get the ports of their first one, as often as tshark shows it before them',
    async () => {
      const files = truth<ManifestEntry & { fragments: Record<string, number> }>('manifest.jsonl').filter(
        ({ path, fragments = {} }) =>
          /^(transport|ipv6|apps)\//.test(path) &&
          !WITHOUT_PORTS.test(path) &&
          Object.values(fragments).some((count) => count > 0),
      );
      const ours: [string, number][] = [];
      const theirs: [string, number][] = [];
      for (const { path } of files) {
        const file = join(capturesFolder, path);
        const { counters } = await meterFiles([file]);
        ours.push([path, counters.fragments_resolved]);
        theirs.push([path, fragmentsOf(file).known]);
      }
      expect(ours).toEqual(theirs);
      expect(theirs.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThan(500);
    },
    120_000,
  );
});
