import { Engine, type FlowBatch, type FlowRecord, type MeterOptions } from '@wireglass/native';
import { batchColumn, recordColumns } from '../../collector/src/model/columns.js';
import { flowRecord } from '../../collector/src/model/flow-rows.js';

/** The flow records of a capture file, in the order of their first packets. */
export async function flowsOf(path: string, meter: MeterOptions): Promise<FlowRecord[]> {
  const records: FlowRecord[] = [];
  const engine = Engine.shared();
  const subscription = engine.subscribe((batch: FlowBatch) => {
    const columns = recordColumns.map((column) => batchColumn(batch, column));
    for (let row = 0; row < batch.rows; row += 1) records.push(flowRecord(columns, row));
  });
  try {
    await engine.start({ source: { kind: 'files', paths: [path] }, meter });
    await engine.finished();
  } finally {
    subscription.close();
  }
  return records.sort((a, b) => Number(BigInt(a.start_ns) - BigInt(b.start_ns)));
}
