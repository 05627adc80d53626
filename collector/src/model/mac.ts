/** Text of a MAC address, the first octet highest in `value`: 00:1a:2b:3c:4d:5e. */
export function formatMac(value: bigint): string {
  const digits = value.toString(16).padStart(12, '0').slice(-12);
  return digits.replace(/..(?=.)/g, '$&:');
}

/** Reads six octets of one or two hexadecimal digits with ":" or "-" between them; null when it is no MAC address. */
export function parseMac(text: string): bigint | null {
  if (!/^[0-9a-f]{1,2}(?:(?::[0-9a-f]{1,2}){5}|(?:-[0-9a-f]{1,2}){5})$/i.test(text)) return null;
  const octets = text.split(/[:-]/).map((octet) => octet.padStart(2, '0'));
  return BigInt(`0x${octets.join('')}`);
}
