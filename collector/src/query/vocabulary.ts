import { flowFields, type FlowField } from '@wireglass/native';
import type { FilterNode, PacketFilterNode } from '../model/filter.js';
import { hint } from '../model/nearest.js';
import { packetFieldInstead, packetFields } from '../model/packet-fields.js';
import { mistake } from './mistake.js';
import { protocolNumbers } from './names.js';
import type { Word } from './syntax.js';

/** What the language needs to know of a field. */
export type FieldShape = Pick<FlowField, 'type' | 'values'> & { name: string; role?: FlowField['role'] };

/** Fields that a filter may name: those of flows, or those of packets. `Node` is the tree that comes out. */
export interface Vocabulary<Node> {
  /** Throws `bad_filter` where the word is no field here, or not one of outermost headers behind `outer`. */
  field(word: Word, outer: boolean): FieldShape;
  /** Throws `bad_filter` where there is no `outer`. */
  outer(offset: number): void;
  /** Throws the `bad_filter` of a word that is neither a field nor a word of the language. */
  unknownWord: (word: Word) => never;
  /** never set: what ties the tree to the vocabulary */
  node?: Node;
}

const conditionWords = [
  'host',
  'net',
  'port',
  'src',
  'dst',
  'proto',
  'vlan',
  'tenant',
  'overlay',
  'ether',
  'not',
];
const flowsByName = new Map<string, FlowField>(flowFields.map((field) => [field.name, field]));
const packetsByName = new Map<string, (typeof packetFields)[number]>(
  packetFields.map((field) => [field.name, field]),
);
const quote = (word: Word): string => JSON.stringify(word.text);

/** A field of flows or of packets, so that the right vocabulary can say what is wrong with it. */
export const isField = (word: string): boolean =>
  flowsByName.has(word.toLowerCase()) || packetsByName.has(word.toLowerCase());

function refuseUnknown(word: Word, names: Iterable<string>): never {
  const near = hint(word.text, [...names, ...conditionWords, ...Object.keys(protocolNumbers)]);
  throw mistake(word.offset, `${quote(word)} is neither a field nor a word that filters know${near}`);
}

export const flowVocabulary: Vocabulary<FilterNode> = {
  field(word) {
    const name = word.text.toLowerCase();
    const field = flowsByName.get(name);
    if (field !== undefined) return field;
    if (packetsByName.has(name)) throw mistake(word.offset, `${name} is a field of packets: flows have none`);
    return refuseUnknown(word, flowsByName.keys());
  },
  outer(offset) {
    throw mistake(offset, 'outer is for packets; flows have outer_src_addr and outer_dst_addr');
  },
  unknownWord: (word) => refuseUnknown(word, flowsByName.keys()),
};

export const packetVocabulary: Vocabulary<PacketFilterNode> = {
  field(word, outer) {
    const name = word.text.toLowerCase();
    const field = packetsByName.get(name);
    if (field === undefined) {
      if (!flowsByName.has(name)) return refuseUnknown(word, packetsByName.keys());
      const instead = packetFieldInstead(name);
      const advice = instead === null ? 'packets have none' : `packets have ${instead}`;
      throw mistake(word.offset, `${name} is a field of flows: ${advice}`);
    }
    if (outer && field.place === 'innermost') {
      throw mistake(
        word.offset,
        `${name} is known of the innermost headers only: it cannot stand behind outer`,
      );
    }
    return field;
  },
  outer() {
    // packets have outermost headers
  },
  unknownWord: (word) => refuseUnknown(word, packetsByName.keys()),
};
