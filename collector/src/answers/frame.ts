/** Grafana's data frames as JSON, in the shape and order that its Go SDK decodes (data/frame_json.go). */

type FieldType = 'time' | 'float64' | 'string' | 'bool';
export type Value = bigint | number | string | boolean | null;

export interface FrameField {
  name: string;
  /** times are nanoseconds since 1970; counters float64, so that browsers lose nothing up to 2^53; ids strings */
  type: FieldType;
  /** null where there is no value; NaN and infinities are no values either */
  values: ArrayLike<Value>;
  labels?: Readonly<Record<string, string>>;
  config?: Readonly<Record<string, unknown>>;
}

export interface Notice {
  severity: 'info' | 'warning' | 'error';
  text: string;
}

export interface FrameMeta {
  /** of the data plane: alert rules take those with a version */
  type?: 'timeseries-multi' | 'numeric-long' | 'table';
  typeVersion?: [number, number];
  preferredVisualisationType?: 'graph' | 'table' | 'nodeGraph';
  dataTopic?: 'annotations';
  /** what Wireglass tells beside: resolutions, rows, bounds; see docs/QUERY.md */
  custom?: Readonly<Record<string, unknown>>;
  notices?: readonly Notice[];
}

export interface Frame {
  name?: string;
  meta?: FrameMeta;
  fields: readonly FrameField[];
}

export interface FrameJson {
  schema: {
    name?: string;
    refId: string;
    meta?: FrameMeta;
    fields: {
      name: string;
      type: 'time' | 'number' | 'string' | 'boolean';
      typeInfo: { frame: FieldType; nullable: boolean };
      labels?: Readonly<Record<string, string>>;
      config?: Readonly<Record<string, unknown>>;
    }[];
  };
  data: { values: (number | string | boolean | null)[][]; nanos?: (number[] | null)[] };
}

const plainTypes = { time: 'time', float64: 'number', string: 'string', bool: 'boolean' } as const;
const nsPerMs = 1_000_000n;

const modulo = (value: bigint): bigint => ((value % nsPerMs) + nsPerMs) % nsPerMs;

function jsonValue(type: FieldType, value: Value | undefined): number | string | boolean | null {
  if (value === null || value === undefined) return null;
  switch (type) {
    case 'time':
      return Number((BigInt(value) - modulo(BigInt(value))) / nsPerMs);
    case 'float64':
      return Number.isFinite(Number(value)) ? Number(value) : null;
    case 'bool':
      return Boolean(value);
    case 'string':
      return String(value);
  }
}

/** What of times lies below a millisecond; null where nothing does. */
function nanosOf({ type, values }: FrameField): number[] | null {
  if (type !== 'time') return null;
  const nanos = Array.from(values, (value) => (value === null ? 0 : Number(modulo(BigInt(value)))));
  return nanos.some((rest) => rest !== 0) ? nanos : null;
}

/** A frame as Grafana has it. Columns of different lengths are a mistake of who made them. */
export function frameJson({ name, meta, fields }: Frame, refId: string): FrameJson {
  const rows = fields[0]?.values.length ?? 0;
  if (fields.some(({ values }) => values.length !== rows))
    throw new Error(`frame ${name}: columns differ in length`);
  const values = fields.map((field) => Array.from(field.values, (value) => jsonValue(field.type, value)));
  const nanos = fields.map(nanosOf);
  return {
    schema: {
      ...(name === undefined ? {} : { name }),
      refId,
      ...(meta === undefined ? {} : { meta }),
      fields: fields.map(({ name: fieldName, type, labels, config }) => ({
        name: fieldName,
        type: plainTypes[type],
        typeInfo: { frame: type, nullable: true },
        ...(labels === undefined ? {} : { labels }),
        ...(config === undefined ? {} : { config }),
      })),
    },
    // the decoder wants values in front of nanos
    data: { values, ...(nanos.some((column) => column !== null) ? { nanos } : {}) },
  };
}
