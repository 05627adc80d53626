import type { SealedPart } from './manifest.js';

/** So many small neighbours are worth a new file while their day goes on. */
const worthMerging = 8;

/**
 * The neighbours that are to become one part: of one day, by their sequence, together not above `compactBytes`. Of a day
 * that goes on at least `worthMerging`, so that no record is written over and over; null where there are none.
 */
export function partsToMerge(
  parts: readonly SealedPart[],
  compactBytes: number,
  today: number,
): SealedPart[] | null {
  let run: SealedPart[] = [];
  let bytes = 0;
  const worth = (found: readonly SealedPart[]): boolean =>
    found.length >= ((found[0]?.storedDay ?? today) < today ? 2 : worthMerging);
  const candidates = parts
    .filter(({ records, fileBytes }) => records && fileBytes <= compactBytes / 2)
    .sort((a, b) => a.storedDay - b.storedDay || a.sequence - b.sequence);
  for (const part of candidates) {
    const fits =
      run.length > 0 &&
      run[0]?.storedDay === part.storedDay &&
      run[0].minutes === part.minutes &&
      run[0].hours === part.hours &&
      bytes + part.fileBytes <= compactBytes;
    if (!fits) {
      if (worth(run)) return run;
      run = [];
      bytes = 0;
    }
    run.push(part);
    bytes += part.fileBytes;
  }
  return worth(run) ? run : null;
}
