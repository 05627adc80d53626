import { isIP } from 'node:net';
import type { AddressPrefix } from './filter.js';

/** An address as the flow record keeps it: two 64-bit halves, IPv4 mapped into ::ffff:0:0/96 (RFC 4291 section 2.5.5.2). */
export interface Address {
  hi: bigint;
  lo: bigint;
}

const half = 64n;
const halfMask = (1n << half) - 1n;
const mappedBase = 0xffff_0000_0000n;

/** All IPv4 addresses as they are stored. */
export const ipv4Range: AddressPrefix = {
  text: '0.0.0.0/0',
  firstHi: 0n,
  firstLo: mappedBase,
  lastHi: 0n,
  lastLo: mappedBase | 0xffff_ffffn,
};

const ipv4Value = (text: string): bigint =>
  text.split('.').reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);

function ipv6Value(text: string): bigint {
  const lastColon = text.lastIndexOf(':');
  const tail = text.slice(lastColon + 1);
  let groupsText = text;
  if (tail.includes('.')) {
    const embedded = ipv4Value(tail);
    groupsText = `${text.slice(0, lastColon + 1)}${(embedded >> 16n).toString(16)}:${(embedded & 0xffffn).toString(16)}`;
  }
  const [headText = '', tailText] = groupsText.split('::');
  const groupsOf = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const head = groupsOf(headText);
  const rest = tailText === undefined ? [] : groupsOf(tailText);
  const zeros = new Array<string>(8 - head.length - rest.length).fill('0');
  return [...head, ...zeros, ...rest].reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

const split = (value: bigint): Address => ({ hi: value >> half, lo: value & halfMask });

/** Reads an IPv4 or IPv6 address in any textual form (RFC 4291 section 2.2); null when it is none. Zones are refused. */
export function parseAddress(text: string): Address | null {
  const version = text.includes('%') ? 0 : isIP(text);
  if (version === 0) return null;
  return split(version === 4 ? mappedBase | ipv4Value(text) : ipv6Value(text));
}

export const isIpv4 = ({ hi, lo }: Address): boolean => hi === 0n && lo >> 32n === 0xffffn;

/**
 * Reads ADDRESS or ADDRESS/LENGTH; host bits behind the length are ignored. Returns null when it is neither, or when
 * the length is beyond the address's (32 or 128).
 */
export function parsePrefix(text: string): AddressPrefix | null {
  const [addressText = '', lengthText, ...more] = text.split('/');
  const address = parseAddress(addressText);
  if (address === null || more.length > 0) return null;
  const bits = addressText.includes(':') ? 128 : 32;
  if (lengthText !== undefined && !/^\d{1,3}$/.test(lengthText)) return null;
  const length = lengthText === undefined ? bits : Number(lengthText);
  if (length > bits) return null;
  const hostMask = (1n << BigInt(bits - length)) - 1n;
  const value = (address.hi << half) | address.lo;
  const first = split(value & ~hostMask);
  const last = split(value | hostMask);
  return { text, firstHi: first.hi, firstLo: first.lo, lastHi: last.hi, lastLo: last.lo };
}

function ipv6Text(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => (value >> BigInt(112 - 16 * index)) & 0xffffn);
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0n) length++;
    if (length > best.length) best = { start, length };
  }
  if (best.start === 0 && best.length === 6) return `::${ipv4Text(value & 0xffff_ffffn)}`;
  const hex = groups.map((group) => group.toString(16));
  if (best.start < 0) return hex.join(':');
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`;
}

const ipv4Text = (value: bigint): string =>
  [24n, 16n, 8n, 0n].map((shift) => ((value >> shift) & 0xffn).toString()).join('.');

/** Text of an address: dotted for IPv4, RFC 5952 for IPv6, as the core writes it. */
export function formatAddress(hi: bigint, lo: bigint): string {
  return isIpv4({ hi, lo }) ? ipv4Text(lo & 0xffff_ffffn) : ipv6Text((hi << half) | lo);
}
