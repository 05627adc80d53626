import type { FlowBatch, FlowField } from '@wireglass/native';
import { batchColumn, columnNamed, columnsOf, numbersOf, type RecordColumn } from '../../model/columns.js';
import { addressText, macText, roundedNumber, signedText, unsignedText } from '../../model/number-text.js';

/** How a format writes the values of a record, one line each. */
export interface LineFormat {
  begin: string;
  /** what stands before the value of a field */
  before: (field: FlowField, isFirst: boolean) => string;
  /** a text that comes from packets */
  text: (value: string) => string;
  /** a text without anything to be quoted but as a text: addresses, times, ids, names */
  plain: (value: string) => string;
  end: string;
}

type RowText = (row: number) => string;

const wordsOf = (batch: FlowBatch, { place }: RecordColumn): Uint32Array =>
  new Uint32Array(batch.columns, place.offset, 2 * batch.rows);

/** Numbers below this, which most are, are written from a table: together with what stands before them. */
const tabledNumbers = 256;

const numberTable = (before: string): string[] =>
  Array.from({ length: tabledNumbers }, (_, value) => `${before}${value}`);

/** A field with what stands before it, and the texts of its small numbers. */
interface Piece {
  field: FlowField;
  before: string;
  table: string[];
}

/** What is written of a small number in each row of a batch; null for fields that are none. */
function smallNumberText({ field, before, table }: Piece, batch: FlowBatch): RowText | null {
  if (!isSmallNumber(field)) return null;
  const values = numbersOf(batch, columnNamed(field.name).place) as Uint32Array;
  return (row) => {
    const value = values[row]!;
    return value < tabledNumbers ? table[value]! : before + value;
  };
}

const isSmallNumber = ({ type }: FlowField): boolean => type === 'u8' || type === 'u16' || type === 'u32';

function pieceText(piece: Piece, format: LineFormat, batch: FlowBatch): RowText {
  const small = smallNumberText(piece, batch);
  if (small !== null) return small;
  const { before } = piece;
  const text = fieldText(piece.field, format, batch);
  return (row) => before + text(row);
}

/** The value of a field in each row of a batch, as the format writes it. */
function fieldText(field: FlowField, format: LineFormat, batch: FlowBatch): RowText {
  const [column, second] = columnsOf(field.name);
  if (column === undefined) throw new Error(`the field ${field.name} has no column`);
  const { plain } = format;
  switch (field.type) {
    case 'ip': {
      const [high, low] = [wordsOf(batch, column), wordsOf(batch, second ?? column)];
      return (row) => plain(addressText(high, low, row));
    }
    case 'mac': {
      const words = wordsOf(batch, column);
      return (row) => plain(macText(words, row));
    }
    case 'time': {
      const words = wordsOf(batch, column);
      return (row) => plain(signedText(words, row));
    }
    case 'u64': {
      const words = wordsOf(batch, column);
      if (field.role === 'identity') return (row) => plain(unsignedText(words, row));
      return (row) => String(roundedNumber(words, row));
    }
    case 'enum': {
      const texts = Array.from({ length: 256 }, (_, value) => plain(field.values?.[value] ?? String(value)));
      const values = numbersOf(batch, column.place) as Uint8Array;
      return (row) => texts[values[row] ?? 0] ?? '';
    }
    case 'string': {
      const values = batchColumn(batch, column) as string[];
      const empty = format.text('');
      return (row) => (values[row] === '' ? empty : format.text(values[row] ?? ''));
    }
    default: {
      const values = numbersOf(batch, column.place) as Uint32Array;
      return (row) => String(values[row] ?? 0);
    }
  }
}

/** Fields that are written together: where all of them are 0 (or empty) in a row, as one text. */
interface Group {
  pieces: Piece[];
  zeros: string;
  /** columns that are all zero then */
  columns: RecordColumn['place'][];
}

const maxGroupFields = 8;

/** Fields whose value is a small number, or a text: those come in rows that are often all 0 or empty. */
const isGrouped = (field: FlowField): boolean => isSmallNumber(field) || field.type === 'string';

function groupFields(fields: readonly FlowField[], format: LineFormat): Group[] {
  const groups: Group[] = [];
  fields.forEach((field, index) => {
    const before = format.before(field, index === 0);
    const last = groups.at(-1);
    const joins =
      last !== undefined &&
      isGrouped(field) &&
      last.pieces.length < maxGroupFields &&
      last.pieces.every((piece) => piece.field.type === field.type);
    const group = joins ? last : { pieces: [], zeros: '', columns: [] };
    if (!joins) groups.push(group);
    group.pieces.push({ field, before, table: isSmallNumber(field) ? numberTable(before) : [] });
    group.zeros += before + (field.type === 'string' ? format.text('') : '0');
    group.columns.push(...columnsOf(field.name).map(({ place, length }) => length ?? place));
  });
  return groups;
}

function groupText({ pieces, zeros, columns }: Group, format: LineFormat, batch: FlowBatch): RowText {
  const texts = pieces.map((piece) => pieceText(piece, format, batch));
  const [only, ...more] = texts;
  if (only !== undefined && more.length === 0) return only;
  const used = new Uint32Array(batch.rows);
  for (const column of columns) {
    const values = numbersOf(batch, column) as Uint32Array;
    for (let row = 0; row < batch.rows; row++) used[row]! |= values[row]!;
  }
  return (row) => {
    if (used[row] === 0) return zeros;
    let text = '';
    for (let index = 0; index < texts.length; index++) text += texts[index]!(row);
    return text;
  };
}

/** Writes records as lines of some fields, straight from the columns of a batch. */
export class LineText {
  private readonly groups: readonly Group[];

  constructor(
    fields: readonly FlowField[],
    private readonly format: LineFormat,
  ) {
    this.groups = groupFields(fields, format);
  }

  /** The line of a row of the batch. */
  of(batch: FlowBatch): RowText {
    const { begin, end } = this.format;
    const texts = this.groups.map((group) => groupText(group, this.format, batch));
    return (row) => {
      let line = begin;
      for (let index = 0; index < texts.length; index++) line += texts[index]!(row);
      return line + end;
    };
  }
}

const jsonNames = (field: FlowField, isFirst: boolean): string => `${isFirst ? '' : ','}"${field.name}":`;

/** One JSON object. */
export const jsonLine: LineFormat = {
  begin: '{',
  before: jsonNames,
  text: (value) => JSON.stringify(value),
  plain: (value) => `"${value}"`,
  end: '}\n',
};

/** A field of a CSV line, quoted where RFC 4180 section 2 demands it. */
export const csvField = (value: string): string =>
  /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

export const csvLineOf = (values: readonly string[]): string => `${values.map(csvField).join(',')}\r\n`;

/** A line of CSV (RFC 4180). */
export const csvLine: LineFormat = {
  begin: '',
  before: (_, isFirst) => (isFirst ? '' : ','),
  text: csvField,
  plain: (value) => value,
  end: '\r\n',
};
