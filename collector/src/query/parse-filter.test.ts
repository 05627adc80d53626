import { AppError } from '../model/errors.js';
import type { FilterNode } from '../model/filter.js';
import { maxFilterDepth, maxFilterLength, parseFilter } from './parse-filter.js';

function refusal(text: string): AppError {
  try {
    parseFilter(text);
  } catch (error) {
    return error as AppError;
  }
  throw new Error(`${JSON.stringify(text)} was not refused`);
}

const address = (side: 'src' | 'dst' | 'any', text: string): object => ({
  kind: 'address',
  side,
  prefix: expect.objectContaining({ text }) as object,
});

describe('parseFilter', () => {
  it.each<[string, object]>([
    ['tcp', { kind: 'protocol', number: 6 }],
    ['UDP', { kind: 'protocol', number: 17 }],
    ['icmp6', { kind: 'protocol', number: 58 }],
    ['icmp', { kind: 'protocol', number: 1 }],
    ['ip', { kind: 'ip_version', version: 4 }],
    ['ip6', { kind: 'ip_version', version: 6 }],
    ['proto 47', { kind: 'protocol', number: 47 }],
    ['proto sctp', { kind: 'protocol', number: 132 }],
    ['protocol = udp', { kind: 'compare', field: 'protocol', operator: '=', value: 17n }],
    ['protocol != 6', { kind: 'compare', field: 'protocol', operator: '!=', value: 6n }],
    ['host 10.0.0.1', address('any', '10.0.0.1')],
    ['src 10.0.0.1', address('src', '10.0.0.1')],
    ['dst host 2001:db8::1', address('dst', '2001:db8::1')],
    ['src net 10.1.0.0/16', address('src', '10.1.0.0/16')],
    ['net 2001:db8::/32', address('any', '2001:db8::/32')],
    ['port 443', { kind: 'port', side: 'any', low: 443, high: 443 }],
    ['dst port 8000-8080', { kind: 'port', side: 'dst', low: 8000, high: 8080 }],
    ['src port https', { kind: 'port', side: 'src', low: 443, high: 443 }],
    ['port lisp-data', { kind: 'port', side: 'any', low: 4341, high: 4341 }],
    ['vlan 7', { kind: 'compare', field: 'vlan_id', operator: '=', value: 7n }],
    ['tenant 42', { kind: 'compare', field: 'tenant_id', operator: '=', value: 42n }],
    ['overlay lisp', { kind: 'compare', field: 'overlay', operator: '=', value: 1n }],
    ['overlay != "none"', { kind: 'compare', field: 'overlay', operator: '!=', value: 0n }],
    ['end_reason = idle_timeout', { kind: 'compare', field: 'end_reason', operator: '=', value: 1n }],
    ['bytes > 1M', { kind: 'compare', field: 'bytes', operator: '>', value: 1_000_000n }],
    ['bytes>=1.5k', { kind: 'compare', field: 'bytes', operator: '>=', value: 1_500n }],
    ['rev_bytes < 2T', { kind: 'compare', field: 'rev_bytes', operator: '<', value: 2_000_000_000_000n }],
    ['packets == 3', { kind: 'compare', field: 'packets', operator: '=', value: 3n }],
    [
      'src_mac = 00:1a:2b:3c:4d:5e',
      { kind: 'compare', field: 'src_mac', operator: '=', value: 0x1a2b3c4d5en },
    ],
    [
      'ether src 0:1A:2b:3c:4d:5e',
      { kind: 'compare', field: 'src_mac', operator: '=', value: 0x1a2b3c4d5en },
    ],
    ['ether dst host 00-00-00-00-00-01', { kind: 'compare', field: 'dst_mac', operator: '=', value: 1n }],
    [
      'ether host 00:00:00:00:00:01',
      {
        kind: 'or',
        left: { kind: 'compare', field: 'src_mac', operator: '=', value: 1n },
        right: { kind: 'compare', field: 'dst_mac', operator: '=', value: 1n },
      },
    ],
    ['dns_query = "a b"', { kind: 'compare_text', field: 'dns_query', match: 'equals', value: 'a b' }],
    [
      'tls_sni != x',
      { kind: 'not', operand: { kind: 'compare_text', field: 'tls_sni', match: 'equals', value: 'x' } },
    ],
    [
      'dns_query ~ example',
      { kind: 'compare_text', field: 'dns_query', match: 'contains', value: 'example' },
    ],
    ['dns_query~"^www."', { kind: 'compare_text', field: 'dns_query', match: 'begins', value: 'www.' }],
    ["http_host ~ '.org$'", { kind: 'compare_text', field: 'http_host', match: 'ends', value: '.org' }],
    ['http_host ~ "^a.org$"', { kind: 'compare_text', field: 'http_host', match: 'same', value: 'a.org' }],
    [
      'tls_ja4 !~ t13',
      { kind: 'not', operand: { kind: 'compare_text', field: 'tls_ja4', match: 'contains', value: 't13' } },
    ],
    ['tcp_flags = 0x12', { kind: 'compare', field: 'tcp_flags', operator: '=', value: 18n }],
    [
      'flow_id = "18446744073709551615"',
      { kind: 'compare', field: 'flow_id', operator: '=', value: 2n ** 64n - 1n },
    ],
    [
      'start_ns > 2026-11-22T03:00:00.5Z',
      {
        kind: 'compare',
        field: 'start_ns',
        operator: '>',
        value: BigInt(Date.UTC(2026, 10, 22, 3)) * 1_000_000n + 500_000_000n,
      },
    ],
    [
      'end_ns <= "2026-11-22 03:00:00+01:00"',
      {
        kind: 'compare',
        field: 'end_ns',
        operator: '<=',
        value: BigInt(Date.UTC(2026, 10, 22, 2)) * 1_000_000n,
      },
    ],
    [
      'start_ns >= 1700000000000000001',
      { kind: 'compare', field: 'start_ns', operator: '>=', value: 1_700_000_000_000_000_001n },
    ],
    [
      'outer_src_addr = 192.0.2.0/24',
      {
        kind: 'compare_address',
        field: 'outer_src_addr',
        operator: '=',
        prefix: expect.objectContaining({ text: '192.0.2.0/24' }) as object,
      },
    ],
  ])('reads %s', (text, tree) => {
    expect(parseFilter(text)).toEqual(tree);
  });

  it('binds not tighter than and, and tighter than or', () => {
    const plain = parseFilter('tcp or not udp and port 1');
    expect(plain).toEqual(parseFilter('tcp or ((not udp) and (port 1))'));
    expect(plain).toEqual(parseFilter('tcp || !udp && port 1'));
    expect(plain).not.toEqual(parseFilter('(tcp or not udp) and port 1'));
  });

  it('chains from the left', () => {
    const tcp: FilterNode = { kind: 'protocol', number: 6 };
    expect(parseFilter('tcp and tcp and tcp')).toEqual({
      kind: 'and',
      left: { kind: 'and', left: tcp, right: tcp },
      right: tcp,
    });
  });

  it('takes a transport and a port together, as pcap-filter does', () => {
    expect(parseFilter('tcp dst port 80')).toEqual(parseFilter('tcp and dst port 80'));
    expect(parseFilter('udp port dns and not vlan 7')).toEqual(
      parseFilter('(udp and port 53) and not vlan 7'),
    );
  });

  it('takes two negations for none', () => {
    expect(parseFilter('not !tcp')).toEqual(parseFilter('tcp'));
    expect(parseFilter(`${'!'.repeat(4_001)} tcp`)).toEqual({
      kind: 'not',
      operand: { kind: 'protocol', number: 6 },
    });
  });

  it('means IPv6 only by a short IPv6 prefix', () => {
    expect(parseFilter('net ::/0')).toMatchObject({
      kind: 'and',
      right: { kind: 'not', operand: { kind: 'address' } },
    });
    expect(parseFilter('net 2000::/3')).toMatchObject({ kind: 'address' });
  });

  it('reads a chain as long as the limit allows', () => {
    const text = Array.from({ length: 400 }, () => 'port 1').join(' or ');
    expect(text.length).toBeLessThanOrEqual(maxFilterLength);
    expect(parseFilter(text)).toMatchObject({ kind: 'or' });
  });

  it.each<[string, number, string | RegExp]>([
    ['', 1, 'the filter is empty'],
    ['   ', 1, 'the filter is empty'],
    ['src', 4, /an address such as/],
    ['host foo', 6, '"foo" is no address'],
    ['host 10.0.0.0/33', 6, 'a number from 0 to 32'],
    ['net 2001:db8::/x', 5, 'a number from 0 to 128'],
    ['host 10.1', 6, '"10.1" is no address'],
    ['port 65536', 6, 'a number from 0 to 65535'],
    ['port 90-80', 6, 'ends before it starts'],
    ['port htps', 6, 'did you mean https?'],
    ['proto 256', 7, 'a number from 0 to 255'],
    ['proto tpc', 7, 'did you mean tcp?'],
    ['proto icmpv6', 7, 'did you mean icmp6?'],
    ['tcp and bites > 5', 9, 'did you mean bytes?'],
    ['foo', 1, '"foo" is neither a field nor a word'],
    ['tcp adn udp', 5, /expected .*"and".* found "adn"/],
    ['bytes 5', 7, /a comparison .* found "5"/],
    ['bytes >', 8, /expected a value, found nothing/],
    ['bytes > lots', 9, '"lots" is no value of bytes'],
    ['bytes > -1', 9, 'from 0 to 18446744073709551615'],
    ['bytes > 1.5', 9, 'no value of bytes'],
    ['bytes > "5"', 9, 'no value of bytes'],
    ['vlan 65536', 6, 'from 0 to 65535'],
    ['vlan_id < 70000', 11, 'from 0 to 65535'],
    ['tenant', 7, 'a number'],
    ['overlay = lsip', 11, 'did you mean lisp?'],
    ['overlay > lisp', 11, 'compare it by = or !='],
    ['overlay', 8, /an overlay such as lisp/],
    ['end_reason = tired', 14, 'expected live, idle_timeout'],
    ['src_addr > 10.0.0.0/8', 12, 'by = and != only'],
    ['start_ns > yesterday', 12, 'no time'],
    ['start_ns > 2026-02-31T00:00:00Z', 12, 'no time'],
    ['(tcp', 5, /"\)"/],
    ['tcp)', 4, 'found ")"'],
    ['tcp and', 8, 'expected a condition such as'],
    ['and tcp', 1, 'expected a condition such as'],
    ['tcp and and udp', 9, 'expected a condition such as'],
    ['10.0.0.1', 1, 'expected a condition such as'],
    ['overlay = "lisp', 11, 'has no end'],
    ['tcp; DROP TABLE flows', 4, 'found ";"'],
    ["end_reason = '' or 1=1", 20, 'found "1"'],
    ['src_mac = 00:11:22:33:44', 11, 'no MAC address'],
    ['src_mac > 00:11:22:33:44:55', 11, 'compare it by = or !='],
    ['ether host 10.0.0.1', 12, 'no MAC address'],
    ['ether', 6, /a MAC address such as/],
    ['ether src', 10, /a MAC address such as/],
    ['dns_query > a', 13, 'compare it by =, !=, ~'],
    ['bytes ~ 5', 9, 'bytes is no text'],
    ['dns_query !', 11, /a comparison/],
    ['dst prt 5', 5, /"port", "host", "net" or an address/],
  ])('refuses %j at column %i', (text, column, reason) => {
    const error = refusal(text);
    expect(error.code).toBe('bad_filter');
    expect(error.message).toMatch(reason);
    expect(error.details).toMatchObject({ column });
  });

  it('lists what could stand there', () => {
    expect(refusal('tcp udp').details).toMatchObject({
      expected: expect.arrayContaining(['"and"', '"or"', 'the end']) as string[],
    });
  });

  it('refuses what is too long or nested too deep, before it parses', () => {
    expect(refusal('a'.repeat(maxFilterLength + 1)).message).toMatch('4096 characters');
    const nested = (depth: number): string => `${'('.repeat(depth)}tcp${')'.repeat(depth)}`;
    expect(parseFilter(nested(maxFilterDepth))).toEqual({ kind: 'protocol', number: 6 });
    expect(refusal(nested(maxFilterDepth + 1)).details).toMatchObject({ column: maxFilterDepth + 1 });
    expect(refusal('('.repeat(maxFilterLength)).message).toMatch('nested 64 deep');
  });

  it('answers nested mistakes quickly', () => {
    const started = Date.now();
    refusal(`${'(not (tcp or '.repeat(30)}x${'))'.repeat(30)}`);
    expect(Date.now() - started).toBeLessThan(500);
  });
});
