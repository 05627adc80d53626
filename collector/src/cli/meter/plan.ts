import { extname } from 'node:path';
import { fieldNamed } from '../../model/columns.js';
import { hint } from '../../model/nearest.js';
import type { GroupOrder, Measure } from '../../stores/duckdb/flows/flow-groups.js';
import { GroupWriter } from '../output/group-writer.js';
import { intervalFormats } from '../output/interval-writer.js';
import { createRecordWriter, type OutputFormat, type RecordWriter } from '../output/record-writer.js';
import { isOrdered, type RecordOrder } from '../output/top-rows.js';
import { tableGroups, tableRows, type MeterCommandOptions } from './options.js';

const formatByExtension: Readonly<Record<string, OutputFormat>> = {
  '.csv': 'csv',
  '.json': 'json',
  '.jsonl': 'json',
  '.ndjson': 'json',
  '.parquet': 'parquet',
};

/** as many as the core keeps count of */
export const maxTopTalkers = 8_192;

const measures: readonly Measure[] = ['flows', 'packets', 'bytes'];

/** The format that was asked for, or that the output's name or place suggests. */
export function formatOf(
  { format, output, summary }: MeterCommandOptions,
  isTerminal: boolean,
): OutputFormat {
  if (format !== undefined) return format;
  const suggested = output === undefined ? undefined : formatByExtension[extname(output).toLowerCase()];
  return suggested ?? (summary || (output === undefined && isTerminal) ? 'table' : 'json');
}

function recordOrder({ sort }: MeterCommandOptions): RecordOrder | null {
  if (sort === undefined) return null;
  const field = fieldNamed(sort.name);
  return field === undefined ? null : { field, descending: sort.descending };
}

function groupOrder(options: MeterCommandOptions, format: OutputFormat): GroupOrder {
  const { sort, by = [], all, top } = options;
  const measure = measures.find((name) => name === (sort?.name ?? 'bytes'));
  const standard = format === 'table' && !all ? tableGroups : Infinity;
  return {
    by: measure ?? by.findIndex(({ name }) => name === sort?.name),
    descending: sort?.descending ?? true,
    top: top ?? standard,
  };
}

function sortMistake({ sort, by }: MeterCommandOptions): string | null {
  if (sort === undefined) return null;
  if (by !== undefined) {
    const known = [...measures, ...by.map(({ name }) => name)];
    return known.some((name) => name === sort.name)
      ? null
      : `--sort: groups are ordered by ${known.join(', ')}, not by "${sort.name}"${hint(sort.name, known)}`;
  }
  const field = fieldNamed(sort.name);
  if (field === undefined) return `--sort: "${sort.name}" is no field of a flow record`;
  return isOrdered(field) ? null : `--sort: ${field.name} has no order; numbers and times have one`;
}

/** `--intervals` counts packets, before there are records. */
function intervalMistake(options: MeterCommandOptions, format: OutputFormat): string | null {
  const { summary, by, columns, wide, filter, all, sort, top } = options;
  if (summary) return '--intervals and --summary exclude each other';
  if (filter !== undefined) return '--filter chooses records; --intervals counts packets';
  if (by !== undefined || columns !== undefined || wide || all || sort !== undefined)
    return '--intervals has no records to choose from or to order';
  if (top !== undefined && top > maxTopTalkers) return `--top: ${maxTopTalkers} talkers at most`;
  return intervalFormats.some((name) => name === format)
    ? null
    : `--intervals comes as ${intervalFormats.join(', ')}`;
}

/** What is wrong with options that do not go together; null when nothing is. */
export function conflict(options: MeterCommandOptions, format: OutputFormat): string | null {
  const { summary, by, columns, wide, filter, top, all, sort, output } = options;
  if (options.intervals !== undefined) return intervalMistake(options, format);
  if (summary) {
    if (filter !== undefined) return '--filter chooses records; --summary counts packets';
    if (by !== undefined) return '--by sums up records; --summary counts packets';
    if (columns !== undefined || wide || top !== undefined || all || sort !== undefined)
      return '--summary has no records to choose from or to order';
    if (format === 'csv' || format === 'parquet') return '--summary comes as text or with --format json';
    return null;
  }
  if (format === 'parquet' && output === undefined) return '--format parquet needs a file: --output FILE';
  if (by !== undefined && columns !== undefined)
    return '--columns chooses fields of records; --by names the columns';
  if (all && top !== undefined) return '--all and --top exclude each other';
  if (wide && (by !== undefined || columns !== undefined || format !== 'table'))
    return '--wide is for the table of records with its own columns';
  return sortMistake(options);
}

/** Opens the output for records or groups. Throws what opening throws. */
export async function openWriter(options: MeterCommandOptions, format: OutputFormat): Promise<RecordWriter> {
  const filter = options.filter ?? null;
  const path = options.output;
  if (options.by !== undefined) {
    const order = groupOrder(options, format);
    return GroupWriter.open({ format, path, filter, keys: options.by, order });
  }
  const standard = format === 'table' && !options.all ? tableRows : Infinity;
  return createRecordWriter({
    format,
    path,
    filter,
    fields: options.columns ?? null,
    wide: options.wide ?? false,
    top: options.top ?? standard,
    order: recordOrder(options),
  });
}
