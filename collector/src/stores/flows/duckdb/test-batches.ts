import {
  flowBatchCapacityRows,
  flowBatchSizeBytes,
  flowColumns,
  flowFields,
  type FlowBatch,
  type FlowColumn,
  type FlowRecord,
} from '@wireglass/native';
import { parseAddress } from '../../../model/addresses.js';

const setters = {
  1: (view: DataView, at: number, value: bigint) => view.setUint8(at, Number(value)),
  2: (view: DataView, at: number, value: bigint) => view.setUint16(at, Number(value), true),
  4: (view: DataView, at: number, value: bigint) => view.setUint32(at, Number(value), true),
  8: (view: DataView, at: number, value: bigint) => view.setBigUint64(at, BigInt.asUintN(64, value), true),
} as const;

const addressHalves = new Map<string, { hi: bigint; lo: bigint }>();

function halvesOf(text: string): { hi: bigint; lo: bigint } {
  const halves = addressHalves.get(text) ?? parseAddress(text);
  if (halves === null) throw new Error(`${text} is no address`);
  addressHalves.set(text, halves);
  return halves;
}

function valueReader(column: FlowColumn): (record: FlowRecord) => bigint {
  const { type, values = [] } = flowFields.find(({ name }) => name === column.field) ?? {};
  if (type === 'enum') return (record) => BigInt(values.indexOf(String(record[column.field])));
  if (type !== 'ip') return (record) => BigInt(record[column.field]);
  const half = column.name.endsWith('_hi') ? 'hi' : 'lo';
  return (record) => halvesOf(String(record[column.field]))[half];
}

const columnWriters = flowColumns.map((column) => ({
  column,
  set: setters[column.width],
  value: valueReader(column),
}));

/** Batches as the core makes them, out of records: for tests of what takes batches. */
export function batchesOf(records: readonly FlowRecord[], kind: FlowBatch['kind'] = 'records'): FlowBatch[] {
  const batches: FlowBatch[] = [];
  for (let start = 0; start < Math.max(records.length, 1); start += flowBatchCapacityRows) {
    const slice = records.slice(start, start + flowBatchCapacityRows);
    const columns = new ArrayBuffer(flowBatchSizeBytes);
    const view = new DataView(columns);
    slice.forEach((record, row) => {
      for (const { column, set, value } of columnWriters) {
        set(view, column.offset + row * column.width, value(record));
      }
    });
    const last = start + flowBatchCapacityRows >= records.length;
    batches.push({ kind, rows: slice.length, columns, snapshotId: kind === 'snapshot' ? 1 : 0, last });
  }
  return batches;
}

/** A small seeded generator of numbers in [0, limit). */
export function seededNumbers(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** A record with ordinary values, any of them replaced. */
export function makeRecord(changes: Partial<FlowRecord> = {}): FlowRecord {
  return {
    flow_id: '1',
    record_index: 0,
    observation_domain: 1,
    ingress_interface: 0,
    start_ns: '1700000000000000000',
    end_ns: '1700000001000000000',
    src_addr: '10.0.0.1',
    dst_addr: '10.0.0.2',
    src_port: 40_000,
    dst_port: 443,
    protocol: 6,
    vlan_id: 0,
    customer_vlan_id: 0,
    overlay: 'none',
    tenant_id: 0,
    outer_src_addr: '::',
    outer_dst_addr: '::',
    packets: 10,
    bytes: 1_000,
    rev_packets: 8,
    rev_bytes: 9_000,
    tcp_flags: 0x1b,
    rev_tcp_flags: 0x1b,
    icmp_type_code: 0,
    end_reason: 'idle_timeout',
    biflow_direction: 'initiator',
    recording: 'full',
    first_segment: 1,
    last_segment: 2,
    ...changes,
  };
}
