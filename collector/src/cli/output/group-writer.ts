import { FlowLayerValues, type FlowBatch } from '@wireglass/native';
import type { FilterNode } from '../../model/filter.js';
import type { GroupKey } from '../../query/group-by.js';
import {
  FlowGroups,
  type FlowGroup,
  type GroupOrder,
  type Sums,
} from '../../stores/duckdb/flows/flow-groups.js';
import { writeParquetRows, type CellType } from '../../stores/duckdb/flows/parquet-file.js';
import { alignedLines, humanBytes, humanCount } from './human.js';
import { csvLineOf } from './line-text.js';
import { OutputFile } from './output-file.js';
import type { OutputFormat, RecordWriter } from './record-writer.js';
import { humanValue, isNumeric } from './table-columns.js';
import { TextOutput } from './text-output.js';

export interface GroupOptions {
  format: OutputFormat;
  path?: string | undefined;
  filter: FilterNode | null;
  keys: readonly GroupKey[];
  order: GroupOrder;
}

type Cell = string | number | null;

interface Column {
  name: string;
  type: CellType;
  right: boolean;
  /** the value, `total` being the sums of the group's layer */
  value: (group: FlowGroup, total: Sums) => Cell;
  human: (value: Cell) => string;
}

const count = (name: 'flows' | 'packets' | 'estimated_packets'): Column => ({
  name,
  type: 'u64',
  right: true,
  value: ({ sums }) => sums[name],
  human: (value) => humanCount(Number(value)),
});

const octets = (name: 'bytes' | 'estimated_bytes'): Column => ({
  ...count('packets'),
  name,
  value: ({ sums }) => sums[name],
  human: (value) => humanBytes(Number(value)),
});

function keyColumn(key: GroupKey, index: number): Column {
  return {
    name: key.name,
    type: key.type === 'net' ? 'string' : key.type,
    right: key.type !== 'net' && isNumeric(key.field),
    value: ({ keys }) => keys?.[index] ?? null,
    human: (value) =>
      value === null ? '' : key.type === 'net' ? String(value) : humanValue(key.field, value),
  };
}

/** Percent of the layer, of what the groups are ordered by (bytes where that is a key). */
function shareColumn({ by }: GroupOrder): Column {
  const measure = typeof by === 'number' ? 'bytes' : by;
  return {
    name: 'share_percent',
    type: 'double',
    right: true,
    value: ({ sums }, total) =>
      total[measure] === 0 ? 0 : Math.round((sums[measure] / total[measure]) * 1e6) / 1e4,
    human: (value) => `${Number(value).toFixed(1)}%`,
  };
}

const innermost = FlowLayerValues.indexOf('innermost');

/** Only where there are outer flows. */
const layerColumn: Column = {
  name: 'flow_layer',
  type: 'enum',
  right: false,
  value: ({ layer }) => FlowLayerValues[layer] ?? layer,
  human: String,
};

const othersColumn: Column = {
  name: 'other_groups',
  type: 'u32',
  right: true,
  value: ({ otherGroups }) => otherGroups,
  human: String,
};

const isSampled = (totals: Map<number, Sums>): boolean =>
  [...totals.values()].some(({ packets, estimated_packets }) => estimated_packets !== packets);

/** Sums over groups of records, written at the end. */
export class GroupWriter implements RecordWriter {
  private constructor(
    private readonly options: GroupOptions,
    private readonly groups: FlowGroups,
    private readonly output: TextOutput | OutputFile,
  ) {}

  /** Throws what opening the output throws. */
  static async open(options: GroupOptions): Promise<GroupWriter> {
    const { format, path, keys, filter } = options;
    const output = format === 'parquet' ? OutputFile.create(path ?? '') : TextOutput.open(path);
    return new GroupWriter(options, await FlowGroups.open(keys, filter), output);
  }

  batch(batch: FlowBatch): void {
    this.groups.add(batch);
  }

  async end(): Promise<void> {
    const { output } = this;
    const totals = await this.groups.totals();
    const columns = this.columns(totals);
    if (output instanceof OutputFile) {
      await writeParquetRows(output.writePath, columns, this.rows(columns, totals));
      output.finish();
    } else {
      if (this.options.format === 'table') await this.writeTable(output, columns, totals);
      else await this.writeLines(output, columns, totals);
      output.close();
    }
    this.groups.close();
  }

  discard(): void {
    this.groups.close();
    this.output.discard();
  }

  private columns(totals: Map<number, Sums>): Column[] {
    const { keys, order } = this.options;
    const layers = [...totals.keys()].some((layer) => layer !== innermost);
    const estimates = [count('estimated_packets'), octets('estimated_bytes')];
    return [
      ...(layers && !keys.some(({ name }) => name === 'flow_layer') ? [layerColumn] : []),
      ...keys.map(keyColumn),
      count('flows'),
      count('packets'),
      octets('bytes'),
      ...(isSampled(totals) ? estimates : []),
      shareColumn(order),
      ...(order.top === Infinity ? [] : [othersColumn]),
    ];
  }

  private async *rows(columns: readonly Column[], totals: Map<number, Sums>): AsyncGenerator<Cell[]> {
    for await (const group of this.groups.groups(this.options.order)) {
      const total = totals.get(group.layer) ?? group.sums;
      yield columns.map(({ value }) => value(group, total));
    }
  }

  private async writeLines(output: TextOutput, columns: readonly Column[], totals: Map<number, Sums>) {
    const names = columns.map(({ name }) => name);
    const isCsv = this.options.format === 'csv';
    if (isCsv) output.write(csvLineOf(names));
    for await (const row of this.rows(columns, totals)) {
      output.write(
        isCsv
          ? csvLineOf(row.map((cell) => (cell === null ? '' : String(cell))))
          : `${JSON.stringify(Object.fromEntries(row.map((cell, index) => [names[index], cell])))}\n`,
      );
    }
  }

  private async writeTable(output: TextOutput, all: readonly Column[], totals: Map<number, Sums>) {
    const columns = all.filter((column) => column !== othersColumn);
    const rows: string[][] = [];
    for await (const group of this.groups.groups(this.options.order)) {
      const total = totals.get(group.layer) ?? group.sums;
      const cells = columns.map(({ value, human }) => human(value(group, total)));
      const others = `${humanCount(group.otherGroups)} ${group.otherGroups === 1 ? 'other' : 'others'}`;
      rows.push(group.keys === null ? labelled(cells, columns, others) : cells);
    }
    for (const [layer, sums] of totals) {
      const group = { layer, keys: null, sums, otherGroups: 0 };
      rows.push(
        labelled(
          columns.map(({ value, human }) => human(value(group, sums))),
          columns,
          'total',
        ),
      );
    }
    const header = columns.map(({ name }) => headerOf(name));
    const right = new Set(columns.filter((column) => column.right).map(({ name }) => headerOf(name)));
    for (const line of alignedLines(header, rows, right)) output.write(line);
  }
}

const headerOf = (name: string): string =>
  ({ share_percent: 'SHARE', time_ns: 'TIME' })[name] ?? name.toUpperCase().replace('ESTIMATED_', 'EST ');

/** The row with a name in the place of its first key. */
function labelled(cells: string[], columns: readonly Column[], label: string): string[] {
  const first = columns.findIndex((column) => column !== layerColumn);
  return cells.map((cell, index) => (index === first ? label : cell));
}
