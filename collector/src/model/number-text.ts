// Texts of 64-bit columns and addresses without a bigint per row: a million records have ten million of these.
import { formatAddress } from './addresses.js';
import { formatMac } from './mac.js';

const two32 = 4_294_967_296;
const billion = 1_000_000_000;
const maxCachedTexts = 65_536;

/** Two 32-bit words per value, the lower one first, as little-endian hosts keep 64-bit numbers. */
export type Words = Uint32Array;

export const lowWord = (words: Words, row: number): number => words[2 * row] ?? 0;
export const highWord = (words: Words, row: number): number => words[2 * row + 1] ?? 0;

/** The unsigned value as a number, rounded beyond 2^53. */
export const roundedNumber = (words: Words, row: number): number =>
  highWord(words, row) * two32 + lowWord(words, row);

const exactValue = (words: Words, row: number): bigint =>
  (BigInt(highWord(words, row)) << 32n) | BigInt(lowWord(words, row));

/** Decimal digits of an unsigned value. */
export function unsignedText(words: Words, row: number): string {
  if (highWord(words, row) < 0x20_0000) return String(roundedNumber(words, row));
  return exactValue(words, row).toString();
}

/**
 * Decimal digits of a signed value such as nanoseconds since 1970. 2^48 is 281 474 billion and 976 710 656, 2^32 is 4
 * billion and 294 967 296: summed by parts, nothing gets beyond 2^53.
 */
export function signedText(words: Words, row: number): string {
  const high = highWord(words, row);
  if (high >= 0x8000_0000) return BigInt.asIntN(64, exactValue(words, row)).toString();
  const [upper, middle] = [high >>> 16, high & 0xffff];
  const rest = upper * 976_710_656 + middle * 294_967_296 + lowWord(words, row);
  const carry = Math.floor(rest / billion);
  const billions = upper * 281_474 + middle * 4 + carry;
  const below = rest - carry * billion;
  return billions === 0 ? String(below) : `${billions}${String(below).padStart(9, '0')}`;
}

const octets = Array.from({ length: 256 }, (_, value) => String(value));
const octet = (word: number, shift: number): string => octets[(word >>> shift) & 0xff] ?? '';

/** Dotted text of an IPv4 address. */
export const ipv4Text = (word: number): string =>
  `${octet(word, 24)}.${octet(word, 16)}.${octet(word, 8)}.${octet(word, 0)}`;

const addressTexts = new Map<bigint, string>();

/** Text of the address of a row, as formatAddress writes it. */
export function addressText(high: Words, low: Words, row: number): string {
  if (highWord(high, row) === 0 && lowWord(high, row) === 0) {
    const [upper, lower] = [highWord(low, row), lowWord(low, row)];
    if (upper === 0xffff) return ipv4Text(lower);
    if (upper === 0 && lower === 0) return '::';
  }
  const [hi, lo] = [exactValue(high, row), exactValue(low, row)];
  const key = (hi << 64n) | lo;
  let text = addressTexts.get(key);
  if (text === undefined) {
    if (addressTexts.size >= maxCachedTexts) addressTexts.clear();
    text = formatAddress(hi, lo);
    addressTexts.set(key, text);
  }
  return text;
}

const macTexts = new Map<number, string>();

/** Text of the MAC address of a row, as formatMac writes it. */
export function macText(words: Words, row: number): string {
  const key = roundedNumber(words, row);
  let text = macTexts.get(key);
  if (text === undefined) {
    if (macTexts.size >= maxCachedTexts) macTexts.clear();
    text = formatMac(BigInt(key));
    macTexts.set(key, text);
  }
  return text;
}
