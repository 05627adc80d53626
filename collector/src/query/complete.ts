import { flowFields } from '@wireglass/native';
import { fieldNamed } from '../model/columns.js';
import { errorCode } from '../model/errors.js';
import { filterWords, operatorsOf } from './field-facts.js';
import { portNumbers, protocolNumbers } from './names.js';
import { parseFilter } from './parse-filter.js';

export interface Suggestion {
  text: string;
  kind: 'word' | 'field' | 'operator' | 'value';
  description: string;
}

/** What can stand at a place of a filter. */
export interface Completion {
  /** characters in front of the word that is being written */
  from: number;
  word: string;
  /** in words, as mistakes say it */
  expected: string[];
  suggestions: Suggestion[];
  /** a field whose values would fit */
  valuesOf?: string;
}

const maxSuggestions = 200;
const comparisons = ['=', '!=', '<', '<=', '>', '>=', '~', '!~'];

/** What the grammar expects behind a text; empty where the text is wrong earlier, and whether it may end there. */
function expectedAfter(text: string): { expected: string[]; complete: boolean } {
  try {
    parseFilter(text);
    return { expected: [], complete: true };
  } catch (error) {
    if (errorCode(error) !== 'bad_filter') throw error;
    const { column, expected } = (error as { details: { column: number; expected?: string[] } }).details;
    // only what is missing at the end is what can stand there
    const atEnd = column > text.trimEnd().length;
    return { expected: atEnd ? (expected ?? []) : [], complete: false };
  }
}

const words = (names: readonly string[]): Suggestion[] =>
  names.map((text) => ({
    text,
    kind: 'word',
    description: filterWords.find(({ word }) => word === text)?.meaning ?? '',
  }));

const values = (names: Iterable<string>, description: string): Suggestion[] =>
  [...names].map((text) => ({ text, kind: 'value', description }));

function startOfCondition(): Suggestion[] {
  const starts = filterWords.map(({ word }) => word).filter((word) => word !== 'and' && word !== 'or');
  const fields = flowFields.map(({ name, meaning }): Suggestion => ({
    text: name,
    kind: 'field',
    description: meaning,
  }));
  return [...words(starts), ...fields];
}

/** Values behind `field operator`: names of an enumeration or of protocols; of others the records know them. */
function valuesOfField(name: string): { suggestions: Suggestion[]; valuesOf?: string } {
  const field = fieldNamed(name);
  if (field === undefined) return { suggestions: [] };
  if (field.values !== undefined) return { suggestions: values(field.values, field.display) };
  if (field.name === 'protocol') return { suggestions: values(Object.keys(protocolNumbers), field.display) };
  return { suggestions: [], valuesOf: field.name };
}

const fieldOfWord: Readonly<Record<string, string>> = {
  host: 'src_addr',
  net: 'src_addr',
  src: 'src_addr',
  dst: 'dst_addr',
  vlan: 'vlan_id',
  tenant: 'tenant_id',
  overlay: 'overlay',
};

/** What can stand behind `before`, which is complete up to its last word. */
function following(before: string): Pick<Completion, 'expected' | 'suggestions' | 'valuesOf'> {
  const [, field = '', operator = ''] = /([a-z_]\w*)\s*(==|!=|<=|>=|!~|[=<>~])\s*$/i.exec(before) ?? [];
  if (operator !== '') return { expected: [`a value of ${field}`], ...valuesOfField(field.toLowerCase()) };
  const last = /([a-z_]\w*)\s*$/i.exec(before)?.[1]?.toLowerCase() ?? '';
  const known = fieldNamed(last);
  const { expected, complete } = expectedAfter(before);
  if (known !== undefined && !complete && last !== 'overlay') {
    const fitting = comparisons.filter((text) => operatorsOf(known).includes(text));
    return {
      expected: ['a comparison'],
      suggestions: fitting.map((text) => ({
        text,
        kind: 'operator',
        description: `${known.display} ${text} …`,
      })),
    };
  }
  if (complete) return { expected: ['"and"', '"or"', 'the end'], suggestions: words(['and', 'or']) };
  if (last === 'port') {
    return { expected, suggestions: values(Object.keys(portNumbers), 'port'), valuesOf: 'dst_port' };
  }
  if (last === 'proto') return { expected, suggestions: values(Object.keys(protocolNumbers), 'protocol') };
  const named = fieldOfWord[last];
  if (named !== undefined) {
    const own = valuesOfField(named);
    const ends = last === 'src' || last === 'dst' ? words(['host', 'net', 'port']) : [];
    return { expected, ...own, suggestions: [...ends, ...own.suggestions] };
  }
  if (last === 'ether') return { expected, suggestions: words(['src', 'dst', 'host']), valuesOf: 'src_mac' };
  if (before.trim() === '' || expected.some((words) => words.startsWith('a condition'))) {
    return { expected: expected.length > 0 ? expected : ['a condition'], suggestions: startOfCondition() };
  }
  return { expected, suggestions: [] };
}

/** What can stand where the cursor is, `cursor` characters into the filter; what is behind it does not matter. */
export function completeFilter(text: string, cursor: number): Completion {
  const head = text.slice(0, cursor);
  const word = /[\w.:/-]*$/.exec(head)?.[0] ?? '';
  const from = head.length - word.length;
  const next = following(head.slice(0, from));
  const lower = word.toLowerCase();
  const fitting = next.suggestions.filter((suggestion) => suggestion.text.toLowerCase().startsWith(lower));
  return { from, word, ...next, suggestions: fitting.slice(0, maxSuggestions) };
}
