import type { FilterNode, PacketFilterNode } from '../model/filter.js';
import { errorCode } from '../model/errors.js';
import { buildFilter, listed } from './build-filter.js';
import { parse } from './generated/filter-parser.js';
import { mistake } from './mistake.js';
import type { SyntaxNode } from './syntax.js';
import { flowVocabulary, isField, packetVocabulary, type Vocabulary } from './vocabulary.js';

/** A filter may have this many characters, */
export const maxFilterLength = 4_096;
/** and parentheses may be nested this deep. */
export const maxFilterDepth = 64;

type Expectation = { type: string; text?: string; description?: string };
type PegError = {
  expected: Expectation[] | null;
  found: string | null;
  location: { start: { offset: number } };
};

const isPegError = (error: unknown): error is PegError =>
  typeof error === 'object' && error !== null && 'expected' in error && 'location' in error;

/** Where a condition may start the grammar expects some twenty words: an example says more. */
const conditionStarts = new Set(
  [
    '(',
    'src',
    'dst',
    'host',
    'net',
    'port',
    'proto',
    'vlan',
    'tenant',
    'overlay',
    'tcp',
    'udp',
    'sctp',
    'icmp',
  ].concat(['icmp6', 'ip', 'ip6', 'ether', 'not', '!', 'portrange', 'outer', 'less', 'greater']),
);

function wordsFor(expected: readonly Expectation[]): string[] {
  const literals = new Set(expected.filter(({ type }) => type === 'literal').map(({ text }) => text ?? ''));
  const words = new Set<string>();
  const condition = literals.has('host') && literals.has('proto');
  if (condition) words.add('a condition such as "host 10.0.0.1", "port 443" or "bytes > 1M"');
  for (const { type, text, description } of expected) {
    const label = type === 'other' ? description : type === 'literal' ? text : undefined;
    if (label === undefined || label === '') continue;
    if (condition && (conditionStarts.has(label) || label === 'the name of a field')) continue;
    if (label === '&&' || label === '||') continue;
    words.add(type === 'literal' ? `"${label}"` : label);
  }
  if (expected.some(({ type }) => type === 'end')) words.add('the end');
  return [...words];
}

function syntaxMistake(text: string, error: PegError): Error {
  const offset = error.location.start.offset;
  const expected = wordsFor(error.expected ?? []);
  const rest = text.slice(offset);
  if (/^["']/.test(rest) && !rest.slice(1).includes(rest.charAt(0))) {
    return mistake(offset, `the text in quotation marks has no end: expected another ${rest.charAt(0)}`);
  }
  const found = /^\s*$/.test(rest) ? 'nothing' : JSON.stringify((/^[\w.:/-]+|^./s.exec(rest) ?? [''])[0]);
  return mistake(offset, `expected ${listed(expected)}, found ${found}`, { expected });
}

/** Refuses before parsing what could exhaust the parser's stack. */
function checkLimits(text: string): void {
  if (text.length > maxFilterLength) {
    throw mistake(
      maxFilterLength,
      `a filter may have ${maxFilterLength} characters, this one has ${text.length}`,
    );
  }
  let depth = 0;
  let quoteMark = '';
  for (let offset = 0; offset < text.length; offset++) {
    const character = text.charAt(offset);
    if (quoteMark !== '') {
      if (character === quoteMark) quoteMark = '';
    } else if (character === '"' || character === "'") quoteMark = character;
    else if (character === ')') depth--;
    else if (character === '(' && ++depth > maxFilterDepth) {
      throw mistake(offset, `parentheses may be nested ${maxFilterDepth} deep`);
    }
  }
}

function parseWith<Node>(text: string, vocabulary: Vocabulary<Node>): Node {
  checkLimits(text);
  if (text.trim() === '') throw mistake(0, 'the filter is empty; leave it out to get everything');
  let syntax: SyntaxNode;
  try {
    syntax = parse(text, { isField, unknownWord: vocabulary.unknownWord }) as SyntaxNode;
  } catch (error) {
    if (errorCode(error) === 'bad_filter' || !isPegError(error)) throw error;
    throw syntaxMistake(text, error);
  }
  return buildFilter(syntax, vocabulary);
}

/**
 * Reads a filter expression over flows (docs/FILTERS.md). Throws AppError `bad_filter` whose details hold the column
 * (from 1), the reason and, where the structure is wrong, what could stand there (`expected`).
 */
export const parseFilter = (text: string): FilterNode => parseWith(text, flowVocabulary);

/** The same over packets. */
export const parsePacketFilter = (text: string): PacketFilterNode => parseWith(text, packetVocabulary);
