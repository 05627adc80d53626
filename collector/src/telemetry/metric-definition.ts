export interface MetricRow {
  labels: Record<string, string>;
  value: number;
}

/** A metric of Prometheus: name without `wireglass_` and, of a counter, without `_total`. */
export interface MetricDefinition {
  kind: 'counter' | 'gauge';
  name: string;
  help: string;
  labels: readonly string[];
  /** Rejects, or throws, where the part cannot be asked: the metric is absent then. */
  read: () => MetricRow[] | Promise<MetricRow[]>;
}

export const one = (value: number): MetricRow[] => [{ labels: {}, value }];

/** A row for each key of a record. */
export const rowsBy = (label: string, record: Readonly<Record<string, number>>): MetricRow[] =>
  Object.entries(record).map(([key, value]) => ({ labels: { [label]: key }, value }));

export type Figures<Source> = readonly (readonly [
  name: string,
  help: string,
  read: (from: Source) => number,
])[];

/** Metrics without labels that are read of the same source. */
export const figures = <Source>(
  kind: MetricDefinition['kind'],
  source: () => Source | Promise<Source>,
  of: Figures<Source>,
): MetricDefinition[] =>
  of.map(([name, help, read]) => ({
    kind,
    name,
    help,
    labels: [],
    read: async () => one(read(await source())),
  }));

/** Asks once for all who ask before the answer has come: a scrape reads each part once. */
export function shared<Source>(read: () => Source | Promise<Source>): () => Promise<Source> {
  let asked: Promise<Source> | null = null;
  return () => {
    asked ??= (async () => read())().finally(() => (asked = null));
    return asked;
  };
}
