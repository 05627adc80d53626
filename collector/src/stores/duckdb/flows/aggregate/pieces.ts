import type { AggregateQuery } from '../../../flows/flow-aggregate.js';
import type { SealedPart } from '../manifest.js';
import { records, recordsSince } from '../records-sql.js';
import type { LiveSource, SourceSet } from '../sources.js';
import { groupKeys, type Piece, type Pieces } from './aggregation.js';
import { isEmpty, recordCells, type RecordSources } from './cells-sql.js';
import { decompose, joined, shared, type NsRange } from './planner.js';
import { rollupCells, rollupFor, type RollupKind } from './rollup-cells.js';

const hourNs = 3_600_000_000_000n;

/** What of the sources a piece of records reads. */
export const recordSources = (sources: SourceSet, live: LiveSource | null): RecordSources => ({
  stored: sources.hot.length + sources.parts.length === 0 ? [] : [records(sources)],
  live,
  closedInto: live === null ? [] : [recordsSince(sources, live)],
});

const spanOf = ({ minStartNs, maxEndNs }: SealedPart): NsRange => ({
  fromNs: minStartNs,
  toNs: maxEndNs + 1n,
});
const inside = (range: NsRange, part: SealedPart): boolean => shared(range, spanOf(part)) !== null;

function recordPieces(sources: SourceSet, live: LiveSource | null, range: NsRange): Piece[] {
  const read = recordSources(sources, live);
  if (isEmpty(read)) return [];
  return [{ resolution: 'record', cells: (plan) => recordCells(read, { ...plan, ...range }) }];
}

/** Parts whose roll-ups are there alike are read alike. */
function alike(parts: readonly SealedPart[]): SealedPart[][] {
  const groups = new Map<string, SealedPart[]>();
  for (const part of parts) {
    const key = `${part.minutes} ${part.hours}`;
    groups.set(key, [...(groups.get(key) ?? []), part]);
  }
  return [...groups.values()];
}

/**
 * Sixty lists of a minute hide far more than one of an hour does: the edges of whole hours are read from records, where
 * they are there, which makes the bounds of the heaviest tight.
 */
function refinedByRecords(
  rollup: RollupKind | null,
  { intervalNs }: AggregateQuery,
  parts: readonly SealedPart[],
  hours: boolean,
): boolean {
  const wholeHours = intervalNs === null || intervalNs % hourNs === 0n;
  return rollup?.kind === 'top' && hours && wholeHours && parts.every((part) => part.records);
}

/** Sealed parts of one kind: roll-ups where they fit, their records for the rest, and what is gone. */
function partPieces(
  rollup: RollupKind | null,
  query: AggregateQuery,
  sources: SourceSet,
  parts: readonly SealedPart[],
): { pieces: Piece[]; expired: NsRange[] } {
  const hour = parts[0]?.hours === true;
  const there = { minute: parts[0]?.minutes === true && !refinedByRecords(rollup, query, parts, hour), hour };
  const { rollups, rest } = decompose(query, rollup === null ? { minute: false, hour: false } : there);
  const storedDays = [...new Set(parts.map(({ storedDay }) => storedDay))];
  const pieces: Piece[] =
    rollup === null
      ? []
      : rollups.map((range) => ({
          resolution: range.resolution,
          cells: (plan) => rollupCells(rollup, { ...range, storedDays }, plan),
        }));
  const expired: NsRange[] = [];
  for (const range of rest) {
    const touched = parts.filter((part) => inside(range, part));
    const kept = touched.filter((part) => part.records);
    pieces.push(...recordPieces({ ...sources, hot: [], parts: kept }, null, range));
    expired.push(
      ...touched.filter((part) => !part.records).flatMap((part) => shared(range, spanOf(part)) ?? []),
    );
  }
  return { pieces, expired };
}

/**
 * What answers a query: hot records and live flows as they are; of sealed parts hours where whole hours fit, minutes at
 * their edges, records for what is finer. Where roll-ups do not know what is asked for, records alone.
 */
export function piecesFor(query: AggregateQuery, sources: SourceSet, live: LiveSource | null): Pieces {
  const { measures, filter, fromNs, toNs } = query;
  const rollup = query.exact ? null : rollupFor({ keys: groupKeys(query.groupBy), measures, filter });
  const pieces: Piece[] = [];
  const expired: NsRange[] = [];
  // records that were stored since the snapshot lie in parts, too: the join needs them
  const hot = recordSources({ ...sources, parts: [] }, live);
  if (!isEmpty(hot)) {
    const read = { ...hot, closedInto: live === null ? [] : [recordsSince(sources, live)] };
    pieces.push({ resolution: 'record', cells: (plan) => recordCells(read, plan) });
  }
  for (const parts of alike([...sources.parts, ...sources.removed])) {
    const found = partPieces(rollup, query, sources, parts);
    pieces.push(...found.pieces);
    expired.push(...found.expired);
  }
  const lost = joined(expired.flatMap((range) => shared(range, { fromNs, toNs }) ?? []));
  return { pieces, bounded: pieces.some(({ resolution }) => resolution !== 'record'), expired: lost };
}
