import { formatAddress, parseAddress, parsePrefix } from './addresses.js';

describe('addresses', () => {
  it.each([
    ['10.1.2.3', 0n, 0xffff_0a01_0203n, '10.1.2.3'],
    ['0.0.0.0', 0n, 0xffff_0000_0000n, '0.0.0.0'],
    ['255.255.255.255', 0n, 0xffff_ffff_ffffn, '255.255.255.255'],
    ['::ffff:10.1.2.3', 0n, 0xffff_0a01_0203n, '10.1.2.3'],
    ['::ffff:a01:203', 0n, 0xffff_0a01_0203n, '10.1.2.3'],
    ['::', 0n, 0n, '::'],
    ['::1', 0n, 1n, '::1'],
    ['1::', 0x0001_0000_0000_0000n, 0n, '1::'],
    ['2001:DB8::1', 0x2001_0db8_0000_0000n, 1n, '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', 0x2001_0db8_0000_0000n, 0x0001_0000_0000_0001n, '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', 0x2001_0db8_0000_0001n, 0x0001_0001_0001_0001n, '2001:db8:0:1:1:1:1:1'],
    ['64:ff9b::192.0.2.33', 0x0064_ff9b_0000_0000n, 0xc000_0221n, '64:ff9b::c000:221'],
    ['::192.0.2.33', 0n, 0xc000_0221n, '::192.0.2.33'],
    ['fe80::1:2:3:4', 0xfe80_0000_0000_0000n, 0x0001_0002_0003_0004n, 'fe80::1:2:3:4'],
  ])('reads %s and writes it as the core does', (text, hi, lo, canonical) => {
    expect(parseAddress(text)).toEqual({ hi, lo });
    expect(formatAddress(hi, lo)).toBe(canonical);
  });

  it.each(['', '10.1.2', '10.1.2.256', '1:2', ':::', 'fe80::1%eth0', '1::2::3', '10.1.2.3 ', 'host'])(
    'refuses %j',
    (text) => expect(parseAddress(text)).toBeNull(),
  );

  it('reads back what it writes, for any value', () => {
    let state = 88172645463325252n;
    const next = (): bigint => {
      state ^= (state << 13n) & 0xffff_ffff_ffff_ffffn;
      state ^= state >> 7n;
      state ^= (state << 17n) & 0xffff_ffff_ffff_ffffn;
      // many zero groups, so that every kind of compression occurs
      return state & [0xffff_0000_ffff_0000n, 0xffffn, 0xffff_ffff_ffff_ffffn, 0n][Number(state % 4n)]!;
    };
    for (let round = 0; round < 2_000; round++) {
      const [hi, lo] = [next(), next()];
      expect(parseAddress(formatAddress(hi, lo))).toEqual({ hi, lo });
    }
  });

  it.each([
    ['10.1.2.3/16', 0n, 0xffff_0a01_0000n, 0n, 0xffff_0a01_ffffn],
    ['10.1.2.3', 0n, 0xffff_0a01_0203n, 0n, 0xffff_0a01_0203n],
    ['0.0.0.0/0', 0n, 0xffff_0000_0000n, 0n, 0xffff_ffff_ffffn],
    ['2001:db8::/32', 0x2001_0db8_0000_0000n, 0n, 0x2001_0db8_ffff_ffffn, 0xffff_ffff_ffff_ffffn],
    ['::/0', 0n, 0n, 0xffff_ffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn],
    ['2001:db8::1/65', 0x2001_0db8_0000_0000n, 0n, 0x2001_0db8_0000_0000n, 0x7fff_ffff_ffff_ffffn],
    ['::ffff:10.0.0.0/104', 0n, 0xffff_0a00_0000n, 0n, 0xffff_0aff_ffffn],
  ])('reads the prefix %s', (text, firstHi, firstLo, lastHi, lastLo) => {
    expect(parsePrefix(text)).toEqual({ text, firstHi, firstLo, lastHi, lastLo });
  });

  it.each([
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/x',
    '10.0.0.0/8/8',
    '/8',
    '10.0.0.0/-1',
    '10.1/16',
  ])('refuses the prefix %j', (text) => expect(parsePrefix(text)).toBeNull());
});
