import type { TextMatch } from '../model/filter.js';

/** Lower case for ASCII letters; names in DNS and HTTP are compared like that (RFC 4343, RFC 9110 section 4.2.3). */
export const foldCase = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** What follows `~`: `^` in front and `$` behind tie it to the string's beginning and end; the rest stands for itself. */
export function patternMatch(pattern: string): { match: TextMatch; value: string } {
  const begins = pattern.startsWith('^');
  const ends = pattern.endsWith('$') && pattern.length > (begins ? 1 : 0);
  const value = pattern.slice(begins ? 1 : 0, ends ? -1 : undefined);
  if (begins && ends) return { match: 'same', value };
  return { match: begins ? 'begins' : ends ? 'ends' : 'contains', value };
}

/** Whether `text` passes. */
export function textMatches(match: TextMatch, text: string, value: string): boolean {
  if (match === 'equals') return text === value;
  const [folded, wanted] = [foldCase(text), foldCase(value)];
  switch (match) {
    case 'same':
      return folded === wanted;
    case 'contains':
      return folded.includes(wanted);
    case 'begins':
      return folded.startsWith(wanted);
    case 'ends':
      return folded.endsWith(wanted);
  }
}
