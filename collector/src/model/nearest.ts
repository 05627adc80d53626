import { closest, distance } from 'fastest-levenshtein';

const letters = (word: string): string => [...word].sort().join('');

/** The candidate that `word` was probably meant to be; null when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  if (candidates.length === 0) return null;
  const lower = word.toLowerCase();
  const best = closest(lower, candidates);
  const startsAlike = lower.length >= 3 && (best.startsWith(lower) || lower.startsWith(best));
  const slips = lower.length < 4 ? 1 : Math.max(2, Math.floor(lower.length / 3));
  const near = startsAlike || distance(lower, best) <= slips;
  return near ? best : (candidates.find((candidate) => letters(candidate) === letters(lower)) ?? null);
}

/** `; did you mean x?`, or nothing. */
export function hint(word: string, candidates: readonly string[]): string {
  const candidate = nearest(word, candidates);
  return candidate === null ? '' : `; did you mean ${candidate}?`;
}
