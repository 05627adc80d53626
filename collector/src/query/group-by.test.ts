import { parseGroupBy } from './group-by.js';

const seconds = (text: string): number | null =>
  /^\d+s$/.test(text) ? Number(text.slice(0, -1)) * 1_000 : null;

describe('parseGroupBy', () => {
  it.each<[string, string[]]>([
    ['src_addr,dst_port', ['src_addr', 'dst_port']],
    [' Src_Addr , dns_query ', ['src_addr', 'dns_query']],
    ['src_net/24', ['src_net']],
    ['src_addr/24,dst_addr/16/48', ['src_net', 'dst_net']],
    ['src_addr,src_net/8', ['src_addr', 'src_net']],
    ['outer_src_addr/48', ['outer_src_net']],
    ['time:10s,protocol', ['time_ns', 'protocol']],
  ])('reads %s', (text, names) => expect(parseGroupBy(text, seconds).map(({ name }) => name)).toEqual(names));

  it.each<[string, string]>([
    ['src_net/24', '10.1.2.0/24'],
    ['src_net/48', '10.1.2.3/32'],
    ['src_net/24/56', '10.1.2.0/24'],
  ])('writes a group of %s as %s', (text, written) => {
    const [key] = parseGroupBy(text, seconds);
    const low = text === 'src_net/48' ? 0xffff_0a01_0203n : 0xffff_0a01_0200n;
    expect(key?.value([0n, low])).toBe(written);
  });

  it('writes a group of IPv6 addresses with its own length', () => {
    const value = (text: string) => parseGroupBy(text, seconds)[0]?.value([0x2001_0db8_0000_0000n, 0n]);
    expect([value('src_net/24'), value('src_net/24/56'), value('src_net/48')]).toEqual([
      '2001:db8::/64',
      '2001:db8::/56',
      '2001:db8::/48',
    ]);
  });

  it.each<[string, RegExp]>([
    ['', /a name is missing/],
    ['src_addr,', /a name is missing/],
    ['scr_addr', /"scr_addr" is no field of a flow record; did you mean src_addr\?/],
    ['src_addr,src_addr', /src_addr is named twice/],
    ['src_net/24,src_addr/16', /src_net is named twice/],
    ['src_net', /expected the length of a prefix/],
    ['src_addr/129', /expected the length of a prefix, such as src_addr\/24/],
    ['src_addr/33/64', /expected the length/],
    ['src_addr/24/64/1', /expected the length/],
    ['src_addr/', /expected the length/],
    ['dst_port/24', /dst_port is no address/],
    ['time', /expected a duration, such as time:10s/],
    ['time:0s', /expected a duration/],
    ['time:x', /"time:x": expected a duration/],
  ])('refuses %j', (text, message) => {
    expect(() => parseGroupBy(text, seconds)).toThrow(
      expect.objectContaining({
        code: 'bad_request',
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });
});
