import { type MetricState, type Resolution, resolutions, stepNs } from './schema.js';

/** Rows of one table: those with a batch in (after, upTo]. */
export interface RowSource {
  resolution: Resolution;
  after: bigint;
  upTo: bigint;
}

const all = { after: -1n, upTo: 9_223_372_036_854_775_807n };

/**
 * Which rows hold every sample once, read at a resolution: its own table; of finer ones what is not summed up yet; of
 * coarser ones what has been removed from the finer.
 */
export function sourcesAt(resolution: Resolution, state: MetricState): RowSource[] {
  const { minuteUntil, hourUntil, secondGone, minuteGone } = state;
  switch (resolution) {
    case 'second':
      return [
        { resolution: 'second', ...all },
        { resolution: 'minute', after: minuteGone, upTo: secondGone },
        { resolution: 'hour', ...all, upTo: minuteGone },
      ];
    case 'minute':
      return [
        { resolution: 'second', ...all, after: minuteUntil },
        { resolution: 'minute', ...all },
        { resolution: 'hour', ...all, upTo: minuteGone },
      ];
    case 'hour':
      return [
        { resolution: 'second', ...all, after: minuteUntil },
        { resolution: 'minute', ...all, after: hourUntil },
        { resolution: 'hour', ...all },
      ];
  }
}

export interface ReadSpan {
  fromNs: bigint;
  toNs: bigint;
  resolution: Resolution;
}

const ceil = (value: bigint, step: bigint): bigint => ((value + step - 1n) / step) * step;
const floor = (value: bigint, step: bigint): bigint => (value / step) * step;

/** [fromNs, toNs) as spans: whole hours at the coarsest resolution allowed, the edges finer. */
export function spansOf(fromNs: bigint, toNs: bigint, coarsest: Resolution): ReadSpan[] {
  if (fromNs >= toNs) return [];
  const place = resolutions.indexOf(coarsest);
  const finer = resolutions[place - 1];
  if (finer === undefined) return [{ fromNs, toNs, resolution: coarsest }];
  const step = stepNs[coarsest];
  const [first, last] = [ceil(fromNs, step), floor(toNs, step)];
  if (first >= last) return spansOf(fromNs, toNs, finer);
  return [
    ...spansOf(fromNs, first, finer),
    { fromNs: first, toNs: last, resolution: coarsest },
    ...spansOf(last, toNs, finer),
  ];
}

/** A SELECT of the rows of spans; tables are named by `table`, rows read as they are. */
export function rowsOf(
  spans: readonly ReadSpan[],
  state: MetricState,
  columns: string,
  table: (resolution: Resolution) => string,
): string {
  const selects = spans.flatMap(({ fromNs, toNs, resolution }) =>
    sourcesAt(resolution, state)
      .filter(({ after, upTo }) => after < upTo)
      .map(
        (source) =>
          `SELECT ${columns} FROM ${table(source.resolution)} WHERE time_ns >= ${fromNs} AND time_ns < ${toNs}` +
          ` AND batch > ${source.after} AND batch <= ${source.upTo}`,
      ),
  );
  return selects.length === 0
    ? `SELECT ${columns} FROM ${table('second')} WHERE false`
    : selects.join(' UNION ALL ');
}
