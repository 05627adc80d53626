import {
  flowBatchCapacityRows,
  flowBatchSizeBytes,
  flowColumns,
  flowHeapOffset,
  type FlowBatch,
  type FlowColumn,
  type FlowRecord,
} from '@wireglass/native';
import { parseAddress } from '../../../model/addresses.js';
import { fieldNamed, recordColumns } from '../../../model/columns.js';
import { parseMac } from '../../../model/mac.js';

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
  const { type, values = [] } = fieldNamed(column.field) ?? {};
  if (type === 'mac') return (record) => parseMac(String(record[column.field])) ?? 0n;
  if (type === 'enum') return (record) => BigInt(values.indexOf(String(record[column.field])));
  if (type !== 'ip') return (record) => BigInt(record[column.field]);
  const half = column.name.endsWith('_hi') ? 'hi' : 'lo';
  return (record) => halvesOf(String(record[column.field]))[half];
}

const columnWriters = flowColumns
  .filter(({ field }) => fieldNamed(field)?.type !== 'string')
  .map((column) => ({ column, set: setters[column.width], value: valueReader(column) }));
const stringColumns = recordColumns.filter(({ type }) => type === 'string');

/** Appends a row's strings to the heap; returns where it ends then. */
function writeStrings(view: DataView, row: number, record: FlowRecord, heapUsed: number): number {
  let used = heapUsed;
  for (const { field, place, length } of stringColumns) {
    const bytes = Buffer.from(String(record[field]));
    view.setUint32(place.offset + row * 4, used, true);
    view.setUint8((length?.offset ?? 0) + row, bytes.length);
    new Uint8Array(view.buffer, flowHeapOffset + used).set(bytes);
    used += bytes.length;
  }
  return used;
}

/** Batches as the core makes them, out of records: for tests of what takes batches. */
export function batchesOf(records: readonly FlowRecord[], kind: FlowBatch['kind'] = 'records'): FlowBatch[] {
  const batches: FlowBatch[] = [];
  for (let start = 0; start < Math.max(records.length, 1); start += flowBatchCapacityRows) {
    const slice = records.slice(start, start + flowBatchCapacityRows);
    const columns = new ArrayBuffer(flowBatchSizeBytes);
    const view = new DataView(columns);
    let heapUsed = 0;
    slice.forEach((record, row) => {
      for (const { column, set, value } of columnWriters) {
        set(view, column.offset + row * column.width, value(record));
      }
      heapUsed = writeStrings(view, row, record, heapUsed);
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

interface DirectionDetails {
  packet_bytes_min: number;
  packet_bytes_max: number;
  gap_min_us: number;
  gap_mean_us: number;
  gap_max_us: number;
  ttl_min: number;
  ttl_max: number;
  dscp_min: number;
  dscp_max: number;
  tcp_rtt_min_us: number;
  tcp_rtt_us: number;
  tcp_retransmitted: number;
  tcp_out_of_order: number;
  tcp_duplicate_acks: number;
  tcp_zero_windows: number;
}

type Prefixed<Prefix extends string> = {
  [Name in keyof DirectionDetails as `${Prefix}${Name}`]: number;
};

function directionDetails<const Prefix extends '' | 'rev_'>(prefix: Prefix): Prefixed<Prefix> {
  const details: DirectionDetails = {
    packet_bytes_min: 40,
    packet_bytes_max: 1_500,
    gap_min_us: 10,
    gap_mean_us: 20,
    gap_max_us: 30,
    ttl_min: 63,
    ttl_max: 64,
    dscp_min: 0,
    dscp_max: 46,
    tcp_rtt_min_us: 900,
    tcp_rtt_us: 1_000,
    tcp_retransmitted: 1,
    tcp_out_of_order: 2,
    tcp_duplicate_acks: 3,
    tcp_zero_windows: 4,
  };
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [`${prefix}${name}`, value]),
  ) as Prefixed<Prefix>;
}

/** A record with ordinary values, any of them replaced. */
export function makeRecord(changes: Partial<FlowRecord> = {}): FlowRecord {
  return {
    flow_id: '1',
    record_index: 0,
    observation_domain: 1,
    ingress_interface: 0,
    interface: '',
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
    flow_layer: 'innermost',
    teid: 0,
    rev_teid: 0,
    src_mac: '00:1a:2b:3c:4d:5e',
    dst_mac: '00:00:00:00:00:01',
    initiator_by: 'syn',
    sampling_rate: 1,
    ...directionDetails(''),
    ...directionDetails('rev_'),
    tcp_handshake_rtt_us: 1_234,
    application: '',
    dns_query: '',
    tls_sni: 'www.example.com',
    tls_alpn: 'h2',
    tls_ja4: 't13d1516h2_8daaf6152771_02713d6af862',
    http_host: '',
    http_method: '',
    http_status: 0,
    inner_vlan_id: 0,
    inner_customer_vlan_id: 0,
    ...changes,
  };
}
