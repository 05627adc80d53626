// Physical layout of a flow batch: one buffer, each column contiguous and aligned, in the order of the field table.
const WIDTH = { u8: 1, enum: 1, u16: 2, u32: 4, u64: 8, time: 8, mac: 8 };
const ALIGNMENT_BYTES = 64;

/** Rows of one batch; DuckDB's vectors take as many. */
export const BATCH_CAPACITY_ROWS = 2048;

/** Room for the strings of a batch; one that has less left than a record may need counts as full. */
const HEAP_BYTES = 512 * 1024;
export const MAX_STRING_BYTES = 255;

/**
 * Columns `{name, field, type, width, offset}` of the buffer, the place of the heap that string columns point into,
 * and the size of all of it, in bytes.
 */
export function columnLayout(table) {
  let offset = 0;
  const columns = [];
  const add = (name, field, type) => {
    columns.push({ name, field, type, width: WIDTH[type], offset });
    // One line more than the rows need: columns whose distance is a multiple of 4 096 bytes would share one set of
    // the first-level cache, and a record is written to all columns at once.
    offset += Math.ceil((WIDTH[type] * BATCH_CAPACITY_ROWS) / ALIGNMENT_BYTES + 1) * ALIGNMENT_BYTES;
  };
  for (const field of table.fields) {
    if (field.type === 'ip') {
      add(`${field.name}_hi`, field.name, 'u64');
      add(`${field.name}_lo`, field.name, 'u64');
    } else if (field.type === 'string') {
      add(`${field.name}_at`, field.name, 'u32');
      add(`${field.name}_length`, field.name, 'u8');
    } else {
      add(field.name, field.name, field.type);
    }
  }
  const strings = table.fields.filter((field) => field.type === 'string').length;
  return {
    columns,
    heap: { offset, size: HEAP_BYTES, maxRecord: strings * MAX_STRING_BYTES },
    size: offset + HEAP_BYTES,
  };
}
