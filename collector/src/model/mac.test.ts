import { formatMac, parseMac } from './mac.js';

describe('MAC addresses', () => {
  it.each<[bigint, string]>([
    [0n, '00:00:00:00:00:00'],
    [1n, '00:00:00:00:00:01'],
    [0x00_1a_2b_3c_4d_5en, '00:1a:2b:3c:4d:5e'],
    [0xffff_ffff_ffffn, 'ff:ff:ff:ff:ff:ff'],
  ])('writes %s as %s and reads it back', (value, text) => {
    expect(formatMac(value)).toBe(text);
    expect(parseMac(text)).toBe(value);
  });

  it.each([
    ['00-1A-2B-3C-4D-5E', 0x00_1a_2b_3c_4d_5en],
    ['0:1a:2b:3c:4d:5e', 0x00_1a_2b_3c_4d_5en],
  ])('reads %s', (text, value) => expect(parseMac(text)).toBe(value));

  it.each([
    '',
    '00:11:22:33:44',
    '00:11:22:33:44:55:66',
    '00:11:22:33:44:5g',
    '00:11-22:33:44:55',
    '001122334455',
    '000:1:2:3:4:5',
  ])('refuses %j', (text) => expect(parseMac(text)).toBeNull());
});
