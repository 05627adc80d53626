// Physical layout of a flow batch: one buffer, each column contiguous and aligned, in the order of the field table.
const WIDTH = { u8: 1, enum: 1, u16: 2, u32: 4, u64: 8, time: 8 };
const ALIGNMENT_BYTES = 64;

/** Rows of one batch; DuckDB's vectors take as many. */
export const BATCH_CAPACITY_ROWS = 2048;

/** Columns `{name, field, type, width, offset}` and the size of the buffer that holds them, in bytes. */
export function columnLayout(table) {
  let offset = 0;
  const columns = [];
  const add = (name, field, type) => {
    columns.push({ name, field, type, width: WIDTH[type], offset });
    offset += Math.ceil((WIDTH[type] * BATCH_CAPACITY_ROWS) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  };
  for (const field of table.fields) {
    if (field.type === 'ip') {
      add(`${field.name}_hi`, field.name, 'u64');
      add(`${field.name}_lo`, field.name, 'u64');
    } else {
      add(field.name, field.name, field.type);
    }
  }
  return { columns, size: offset };
}
