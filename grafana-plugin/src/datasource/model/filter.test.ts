import { marked, quoted, withConditions, withValues } from './filter';

describe('values in filters', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['', '""'],
    ['two words', '"two words"'],
    ['a"b', `'a"b'`],
    ['x) or (bytes > 0', '"x) or (bytes > 0"'],
  ])('quotes %s where it must', (value, wanted) => {
    expect(quoted(value)).toBe(wanted);
  });

  it('refuses what no quotation mark can hold', () => {
    expect(() => quoted(`a"b'c`)).toThrow('a filter cannot hold it');
  });

  it.each([
    [`src host ${marked('10.0.0.1')}`, 'src host 10.0.0.1'],
    [`src_addr = ${marked(['a', 'b c'])}`, '(src_addr = a or src_addr = "b c")'],
    [`src_addr != ${marked(['a', 'b'])} and tcp`, '(src_addr != a and src_addr != b) and tcp'],
    [`tls_sni !~ "${marked(['a', 'b'])}"`, '(tls_sni !~ a and tls_sni !~ b)'],
    [`tls_sni="${marked('x y')}"`, 'tls_sni="x y"'],
    [`dst port ${marked([443, 80])}`, '(dst port 443 or dst port 80)'],
    [`src ${marked(['10.0.0.1', '::1'])}`, '(src 10.0.0.1 or src ::1)'],
    [`not (host ${marked(['a', 'b'])})`, 'not ((host a or host b))'],
    [`bytes >= ${marked('1M')}`, 'bytes >= 1M'],
    [`${marked('tcp')} and vlan ${marked(['1', '2'])}`, 'tcp and (vlan 1 or vlan 2)'],
    ['tcp', 'tcp'],
  ])('repeats the condition of several values: %s', (given, wanted) => {
    expect(withValues(given)).toBe(wanted);
  });

  it('adds ad-hoc filters, all of which must hold', () => {
    expect(withConditions(undefined, [])).toBe('');
    expect(withConditions(' tcp ', [])).toBe('tcp');
    expect(withConditions('tcp or udp', [{ key: 'src_addr', operator: '=', value: '10.0.0.1' }])).toBe(
      '(tcp or udp) and src_addr = 10.0.0.1',
    );
    expect(
      withConditions('', [
        { key: 'tls_sni', operator: '=~', value: '^www' },
        { key: 'overlay', operator: '!=|', value: 'gre', values: ['gre', 'lisp'] },
        { key: 'protocol', operator: '=|', value: '6', values: ['6', '17'] },
        { key: '', operator: '=', value: '' },
      ]),
    ).toBe('tls_sni ~ "^www" and (overlay != gre and overlay != lisp) and (protocol = 6 or protocol = 17)');
  });
});
