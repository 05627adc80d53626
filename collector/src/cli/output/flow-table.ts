import type { FlowBatch, FlowRecord } from '@wireglass/native';
import { batchColumns, recordColumns, type ColumnValues } from '../../model/columns.js';
import { flowRecord } from '../../model/flow-rows.js';
import { protocolNumbers } from '../../query/names.js';
import { alignedLines, humanBytes, humanCount, humanSeconds, humanTime } from './human.js';

interface Kept {
  bytes: number;
  columns: ColumnValues[];
  row: number;
}

const columnIndex = (name: string): number => recordColumns.findIndex((column) => column.name === name);
const bytesColumn = columnIndex('bytes');
const revBytesColumn = columnIndex('rev_bytes');
const protocolNames = new Map(Object.entries(protocolNumbers).map(([name, number]) => [number, name]));

const header = [
  'START',
  'DURATION',
  'PROTO',
  'SOURCE',
  'DESTINATION',
  'PACKETS',
  'BYTES',
  'REV PACKETS',
  'REV BYTES',
];
const numbers = new Set(['DURATION', 'PACKETS', 'BYTES', 'REV PACKETS', 'REV BYTES']);
const optional = ['VLAN', 'OVERLAY', 'TENANT', 'OUTER'];

function endpoint(address: string, port: number, hasPorts: boolean): string {
  if (!hasPorts) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function cells(record: FlowRecord): string[] {
  const start = BigInt(record.start_ns);
  const hasPorts = record.src_port !== 0 || record.dst_port !== 0;
  const tunnelled = record.overlay !== 'none';
  return [
    humanTime(start),
    humanSeconds(Number(BigInt(record.end_ns) - start) / 1e9),
    protocolNames.get(record.protocol) ?? String(record.protocol),
    endpoint(record.src_addr, record.src_port, hasPorts),
    endpoint(record.dst_addr, record.dst_port, hasPorts),
    humanCount(record.packets),
    humanBytes(record.bytes),
    humanCount(record.rev_packets),
    humanBytes(record.rev_bytes),
    record.vlan_id === 0 ? '' : String(record.vlan_id),
    tunnelled ? record.overlay : '',
    tunnelled ? String(record.tenant_id) : '',
    tunnelled ? `${record.outer_src_addr} > ${record.outer_dst_addr}` : '',
  ];
}

/** The records with the most bytes in both directions; memory grows with `limit`, not with the input. */
export class FlowTable {
  private kept: Kept[] = [];
  private threshold = -1;
  private seen = 0;

  constructor(private readonly limit: number) {}

  add(batch: FlowBatch, wanted: ((record: FlowRecord) => boolean) | null): void {
    const columns = batchColumns(batch);
    const at = (column: number, row: number): number => Number(columns[column]?.[row] ?? 0);
    for (let row = 0; row < batch.rows; row++) {
      const bytes = at(bytesColumn, row) + at(revBytesColumn, row);
      if (wanted !== null && !wanted(flowRecord(columns, row))) continue;
      this.seen++;
      if (bytes > this.threshold) this.kept.push(this.keep(bytes, columns, row));
    }
    this.shrink();
  }

  /** The table line by line, and a last line that says what it leaves out. */
  *lines(): Generator<string> {
    this.shrink();
    const rows = this.sorted().map(({ columns, row }) => cells(flowRecord(columns, row)));
    // columns that nothing fills are left out
    const filled = optional.filter((_, index) => rows.some((row) => row[header.length + index] !== ''));
    const shown = [...header, ...filled];
    const places = shown.map((name) => [...header, ...optional].indexOf(name));
    const shownRows = rows.map((row) => places.map((place) => row[place] ?? ''));
    yield* alignedLines(shown, shownRows, numbers);
    const more = this.seen - rows.length;
    if (more > 0) yield `… and ${more} more ${more === 1 ? 'record' : 'records'} (--all shows them)\n`;
    else yield `${this.seen} ${this.seen === 1 ? 'record' : 'records'}\n`;
  }

  private keep(bytes: number, columns: ColumnValues[], row: number): Kept {
    if (this.limit === Infinity) return { bytes, columns, row };
    // a copy of the row, so that a whole batch is not held for it
    return { bytes, columns: columns.map((column) => [column[row] ?? 0]), row: 0 };
  }

  private sorted(): Kept[] {
    return this.kept.sort((left, right) => right.bytes - left.bytes);
  }

  private shrink(): void {
    if (this.kept.length <= this.limit) return;
    this.kept = this.sorted().slice(0, this.limit);
    this.threshold = this.kept.at(-1)?.bytes ?? -1;
  }
}
