import type { Vocabulary, FieldShape } from './vocabulary.js';
import { ipv4Range, parsePrefix } from '../model/addresses.js';
import type { AddressPrefix, AnyFilterNode as AnyNode, Comparison, Side } from '../model/filter.js';
import { parseMac } from '../model/mac.js';
import { hint } from '../model/nearest.js';
import { mistake } from './mistake.js';
import { portNumbers, protocolNumbers } from './names.js';
import type { Operator, SyntaxNode, Token, Word } from './syntax.js';
import { patternMatch } from './text-match.js';
import { parseNumber, parseTimeNs } from './values.js';

const largest = { u8: 0xffn, u16: 0xffffn, u32: 0xffff_ffffn, u64: (1n << 64n) - 1n } as const;
const largestTime = (1n << 63n) - 1n;
const quote = (token: { text: string }): string => JSON.stringify(token.text);

function prefixOf(token: Token): AddressPrefix {
  const prefix = parsePrefix(token.text);
  if (prefix !== null) return prefix;
  const [address = '', length] = token.text.split('/');
  if (length !== undefined && parsePrefix(address) !== null) {
    const longest = address.includes(':') ? 128 : 32;
    throw mistake(
      token.offset,
      `the length after "/" in ${quote(token)} must be a number from 0 to ${longest}`,
    );
  }
  throw mistake(
    token.offset,
    `${quote(token)} is no address; expected one such as 10.0.0.1, 10.0.0.0/8 or 2001:db8::/32`,
  );
}

/**
 * IPv4 addresses are stored inside ::ffff:0:0/96. A short IPv6 prefix such as ::/0 covers that range by number, but
 * means IPv6 addresses only.
 */
function withoutIpv4(prefix: AddressPrefix, condition: (range: AddressPrefix) => AnyNode): AnyNode {
  const coversIpv4 =
    prefix.firstHi === 0n && prefix.firstLo < ipv4Range.firstLo && prefix.lastLo > ipv4Range.lastLo;
  if (!coversIpv4) return condition(prefix);
  return { kind: 'and', left: condition(prefix), right: { kind: 'not', operand: condition(ipv4Range) } };
}

function portOf(token: Token, text: string): number {
  const named = portNumbers[text.toLowerCase()];
  if (named !== undefined) return named;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  const near = /^\d/.test(text) ? '' : hint(text, Object.keys(portNumbers));
  throw mistake(
    token.offset,
    `${JSON.stringify(text)} is no port; expected a number from 0 to 65535, a range such as 8000-8080 or a name such as https${near}`,
  );
}

function portRange(token: Token): { low: number; high: number } {
  const range = /^(\d+)-(\d+)$/.exec(token.text);
  if (range === null) {
    const port = portOf(token, token.text);
    return { low: port, high: port };
  }
  const low = portOf(token, range[1] ?? '');
  const high = portOf(token, range[2] ?? '');
  if (low > high) throw mistake(token.offset, `the range ${quote(token)} ends before it starts`);
  return { low, high };
}

function protocolNumber(token: Token): number {
  const named = protocolNumbers[token.text.toLowerCase()];
  if (named !== undefined) return named;
  const number = /^\d{1,3}$/.test(token.text) ? Number(token.text) : NaN;
  if (number <= 255) return number;
  throw mistake(
    token.offset,
    `${quote(token)} is no protocol; expected a number from 0 to 255 or a name such as tcp, udp, icmp or sctp` +
      hint(token.text, Object.keys(protocolNumbers)),
  );
}

function enumValue(field: FieldShape, values: readonly string[], operator: Comparison, token: Token): bigint {
  if (operator !== '=' && operator !== '!=') {
    throw mistake(token.offset, `${field.name} has names, no order: compare it by = or !=`);
  }
  const number = values.indexOf(token.text.toLowerCase());
  if (number >= 0) return BigInt(number);
  throw mistake(
    token.offset,
    `${quote(token)} is no ${field.name}; expected ${listed(values)}${hint(token.text, values)}`,
  );
}

function timeValue(field: FieldShape, token: Token): bigint {
  const time = parseTimeNs(token.text);
  if (time !== null && time >= -largestTime && time <= largestTime) return time;
  throw mistake(
    token.offset,
    `${quote(token)} is no time; ${field.name} takes nanoseconds since 1970 or RFC 3339 such as 2026-11-22T03:00:00Z`,
  );
}

function numberValue(field: FieldShape, maximum: bigint, token: Token): bigint {
  const value =
    field.name === 'protocol'
      ? BigInt(protocolNumber(token))
      : token.quoted && field.role !== 'identity'
        ? null
        : parseNumber(token.text);
  if (value !== null && value >= 0n && value <= maximum) return value;
  const suffixed = maximum > 0xffffn ? ', as digits or with k, M, G or T' : '';
  throw mistake(
    token.offset,
    `${quote(token)} is no value of ${field.name}; expected a number from 0 to ${maximum}${suffixed}`,
  );
}

function macNumber(token: Token): bigint {
  const value = parseMac(token.text);
  if (value !== null) return value;
  throw mistake(token.offset, `${quote(token)} is no MAC address; expected one such as 00:11:22:33:44:55`);
}

function macValue(field: FieldShape, operator: Comparison, token: Token): bigint {
  if (operator === '=' || operator === '!=') return macNumber(token);
  throw mistake(token.offset, `${field.name} is a MAC address: compare it by = or !=`);
}

function etherNode(side: Side, token: Token): AnyNode {
  const value = macNumber(token);
  const end = (field: 'src_mac' | 'dst_mac'): AnyNode => ({
    kind: 'compare',
    field,
    operator: '=',
    value,
  });
  if (side !== 'any') return end(`${side}_mac`);
  return { kind: 'or', left: end('src_mac'), right: end('dst_mac') };
}

function compareText(field: FieldShape, operator: Operator, token: Token): AnyNode {
  const { name } = field;
  const negated = (node: AnyNode): AnyNode =>
    operator.startsWith('!') ? { kind: 'not', operand: node } : node;
  switch (operator) {
    case '=':
    case '!=':
      return negated({ kind: 'compare_text', field: name, match: 'equals', value: token.text });
    case '~':
    case '!~':
      return negated({ kind: 'compare_text', field: name, ...patternMatch(token.text) });
    default:
      throw mistake(token.offset, `${name} is a text: compare it by =, !=, ~ (contains) or !~`);
  }
}

function compare(field: FieldShape, operator: Operator, token: Token): AnyNode {
  if (field.type === 'string') return compareText(field, operator, token);
  if (operator === '~' || operator === '!~') {
    throw mistake(token.offset, `${field.name} is no text: ~ and !~ are for texts such as dns_query`);
  }
  return compareValue(field, field.type, operator, token);
}

function compareValue(
  field: FieldShape,
  type: Exclude<FieldShape['type'], 'string'>,
  operator: Comparison,
  token: Token,
): AnyNode {
  const node = (value: bigint): AnyNode => ({ kind: 'compare', field: field.name, operator, value });
  switch (type) {
    case 'ip': {
      const prefix = prefixOf(token);
      const single = prefix.firstHi === prefix.lastHi && prefix.firstLo === prefix.lastLo;
      if (!single && operator !== '=' && operator !== '!=') {
        throw mistake(
          token.offset,
          `a range of addresses such as ${quote(token)} can be compared by = and != only`,
        );
      }
      const within = withoutIpv4(prefix, (range) => ({
        kind: 'compare_address',
        field: field.name,
        operator: operator === '!=' ? '=' : operator,
        prefix: range,
      }));
      return operator === '!=' ? { kind: 'not', operand: within } : within;
    }
    case 'enum':
      return node(enumValue(field, field.values ?? [], operator, token));
    case 'time':
      return node(timeValue(field, token));
    case 'mac':
      return node(macValue(field, operator, token));
    default:
      return node(numberValue(field, largest[type], token));
  }
}

/**
 * Gives the syntax its meaning in a vocabulary, whose fields all that comes out names. Throws `bad_filter` where a value
 * is not what its place demands.
 */
export function buildFilter<Node>(node: SyntaxNode, vocabulary: Vocabulary<Node>): Node {
  return build(node, vocabulary, false) as Node;
}

/** `outer`: within what stands behind that word. */
function build(node: SyntaxNode, vocabulary: Vocabulary<unknown>, outer: boolean): AnyNode {
  const compared = (name: Word, operator: Operator, value: Token): AnyNode =>
    compare(vocabulary.field(name, outer), operator, value);
  switch (node.kind) {
    case 'and':
    case 'or':
      return {
        kind: node.kind,
        left: build(node.left, vocabulary, outer),
        right: build(node.right, vocabulary, outer),
      };
    case 'not':
      return { kind: 'not', operand: build(node.operand, vocabulary, outer) };
    case 'outer':
      vocabulary.outer(node.offset);
      return { kind: 'outer', operand: build(node.operand, vocabulary, true) };
    case 'address':
      return withoutIpv4(prefixOf(node.address), (prefix) => ({ kind: 'address', side: node.side, prefix }));
    case 'port':
      return { kind: 'port', side: node.side, ...portRange(node.port) };
    case 'protocol':
      return { kind: 'protocol', number: protocolNumber(node.protocol) };
    case 'ip_version':
      return { kind: 'ip_version', version: node.version };
    case 'ether':
      return etherNode(node.side, node.mac);
    case 'named':
      return compared({ text: node.name, offset: node.value.offset }, node.value.operator ?? '=', node.value);
    case 'compare':
      return compared(node.field, node.operator, node.value);
  }
}

/** `a, b or c`. */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}
