import type { IntervalInterface, IntervalReport, TopDimension, TopItem } from '@wireglass/native';
import { alignedTable, humanBytes, humanCount, humanTime } from './human.js';
import { csvLineOf } from './line-text.js';
import type { TextOutput } from './text-output.js';

export const intervalFormats = ['table', 'json', 'csv'] as const;
export type IntervalFormat = (typeof intervalFormats)[number];

const counted = ['protocol', 'overlay', 'ip_version', 'dscp', 'size', 'tcp_flags'] as const;
const dimensions: readonly TopDimension[] = ['src_addr', 'dst_addr', 'conversation', 'service', 'tenant'];
const csvHeader = [
  'start_ns',
  'interval_ms',
  'correction',
  'interface',
  'dimension',
  'value',
  'packets',
  'bytes',
  'error',
];
const tableHeader = [
  'time',
  'packets',
  'bytes',
  'bits/s',
  'flows',
  'ended',
  'refused',
  'top source',
  'top destination',
  'top service',
];
const tableNumbers = new Set(['packets', 'bytes', 'bits/s', 'flows', 'ended', 'refused']);

const itemName = ({ value, peer }: TopItem): string => (peer === undefined ? value : `${value} ${peer}`);
const sumOf = (report: IntervalReport, value: (at: IntervalInterface) => number): number =>
  report.interfaces.reduce((sum, at) => sum + value(at), 0);
const refusedAt = (at: IntervalInterface): number =>
  Object.values(at.refused_packets).reduce((sum, packets) => sum + packets, 0);

/** Rows of one interface: totals, then every count by its dimension. */
function interfaceRows(at: IntervalInterface): string[][] {
  const name = at.interface === null ? 'other' : String(at.interface);
  const row = (dimension: string, value: string, packets: number | '', bytes: number | ''): string[] => [
    name,
    dimension,
    value,
    String(packets),
    String(bytes),
    '',
  ];
  return [
    row('captured', '', at.captured_packets, at.captured_bytes),
    row('metered', '', at.metered_packets, at.metered_ip_bytes),
    row('flows_started', String(at.flows_started), '', ''),
    row('flows_ended', String(at.flows_ended), '', ''),
    ...Object.entries(at.refused_packets).map(([reason, packets]) => row('refused', reason, packets, '')),
    ...counted.flatMap((dimension) =>
      Object.entries(at[dimension]).map(([value, { packets, bytes }]) =>
        row(dimension, value, packets, bytes),
      ),
    ),
  ];
}

function csvRows(report: IntervalReport): string[][] {
  const begin = [report.start_ns, String(report.interval_ms), String(report.correction)];
  const top = dimensions.flatMap((dimension) =>
    report.top[dimension].items.map((item) => [
      '',
      `top_${dimension}`,
      itemName(item),
      String(item.packets),
      String(item.bytes),
      String(item.error),
    ]),
  );
  return [...report.interfaces.flatMap(interfaceRows), ...top].map((row) => [...begin, ...row]);
}

/** The heaviest of a dimension with its bytes; `~` where they are not exact. */
function leader(report: IntervalReport, dimension: TopDimension): string {
  const [first] = report.top[dimension].items;
  if (first === undefined) return '';
  return `${itemName(first)} ${first.error > 0 ? '~' : ''}${humanBytes(first.bytes)}`;
}

function tableRow(report: IntervalReport): string[] {
  const bytes = sumOf(report, (at) => at.metered_ip_bytes);
  return [
    `${humanTime(BigInt(report.start_ns))}${report.correction ? ' +late' : ''}`,
    humanCount(sumOf(report, (at) => at.metered_packets)),
    humanBytes(bytes),
    humanCount(Math.round((bytes * 8_000) / report.interval_ms)),
    humanCount(sumOf(report, (at) => at.flows_started)),
    humanCount(sumOf(report, (at) => at.flows_ended)),
    humanCount(sumOf(report, refusedAt)),
    leader(report, 'src_addr'),
    leader(report, 'dst_addr'),
    leader(report, 'service'),
  ];
}

/** Writes interval reports as they come; the table, whose columns need all of them, at the end. */
export class IntervalWriter {
  private readonly rows: string[][] = [];

  constructor(
    private readonly output: TextOutput,
    private readonly format: IntervalFormat,
  ) {
    if (format === 'csv') output.write(csvLineOf(csvHeader));
  }

  report(report: IntervalReport): void {
    if (this.format === 'json') this.output.write(`${JSON.stringify(report)}\n`);
    else if (this.format === 'table') this.rows.push(tableRow(report));
    else for (const row of csvRows(report)) this.output.write(csvLineOf(row));
  }

  async end(): Promise<void> {
    if (this.format === 'table') this.output.write(alignedTable(tableHeader, this.rows, tableNumbers));
    this.output.close();
  }

  discard(): void {
    this.output.discard();
  }
}
