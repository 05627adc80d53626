import { getTemplateSrv } from '@grafana/runtime';
import { useEffect, useState } from 'react';
import type { WireglassDataSource } from '../datasource';
import type { Suggestion } from '../model/facts';
import { marked, quoted, withValues } from '../model/filter';
import { messageOf } from './useFacts';

export interface Completion {
  /** the text that this is about */
  text: string;
  /** what is wrong with it; null: nothing */
  mistake: string | null;
  /** characters in front of the cursor that a suggestion replaces */
  replaces: number;
  suggestions: Suggestion[];
}

const pauseMs = 200;
const maxShown = 50;

const filled = (text: string): string => withValues(getTemplateSrv().replace(text, {}, marked));

/** Asks the collector about a filter. What the text's variables stand for is filled in before. */
async function ask(datasource: WireglassDataSource, text: string, cursor: number): Promise<Completion> {
  const head = filled(text.slice(0, cursor));
  const { ok, error, completion } = await datasource.validate({
    filter: head + filled(text.slice(cursor)),
    cursor: head.length,
  });
  const word = completion?.word ?? '';
  const column = error?.column === undefined ? '' : `column ${error.column}: `;
  const own = completion?.suggestions ?? [];
  const field = completion?.values_of;
  const values = field === undefined ? [] : await valuesOf(datasource, field, word);
  return {
    text,
    mistake: ok ? null : `${column}${error?.reason ?? 'not valid'}`,
    replaces: word.length,
    suggestions: [...own, ...values].slice(0, maxShown),
  };
}

/** Values that traffic had; suggestions are only a help, so their lack is no mistake of the filter. */
async function valuesOf(
  datasource: WireglassDataSource,
  field: string,
  prefix: string,
): Promise<Suggestion[]> {
  try {
    const { values } = await datasource.values(field, prefix);
    return values
      .filter(({ value }) => !(value.includes('"') && value.includes("'")))
      .map(({ value, records }) => ({
        text: quoted(value),
        kind: 'value',
        description: `${records} flow records`,
      }));
  } catch {
    return [];
  }
}

/** Follows a text and its cursor, with a pause while somebody types. */
export function useCompletion(
  datasource: WireglassDataSource,
  text: string,
  cursor: number,
): Completion | null {
  const [completion, setCompletion] = useState<Completion | null>(null);
  useEffect(() => {
    let current = true;
    const timer = setTimeout(() => {
      void ask(datasource, text, cursor)
        .catch((error: unknown) => ({ text, mistake: messageOf(error), replaces: 0, suggestions: [] }))
        .then((answer) => {
          if (current) setCompletion(answer);
        });
    }, pauseMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [datasource, text, cursor]);
  return completion;
}
