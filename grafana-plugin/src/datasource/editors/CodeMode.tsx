import { Field, TextArea } from '@grafana/ui';
import { useEffect, useId, useState } from 'react';
import type { WireglassDataSource } from '../datasource';
import { ownKeys, withKeys } from '../model/keys';
import { queryTypes, type QueryKeys, type QueryType, type WireglassQuery } from '../model/types';
import { messageOf } from './useFacts';

interface Props {
  datasource: WireglassDataSource;
  query: WireglassQuery;
  onChange: (query: WireglassQuery) => void;
}

type Code = QueryKeys & { queryType: QueryType };

const textOf = (query: WireglassQuery): string =>
  JSON.stringify({ queryType: query.queryType, ...ownKeys(query) }, null, 2);

/** The text as a query, or what is wrong with it. */
function read(text: string): { code: Code } | { mistake: string } {
  try {
    const code = JSON.parse(text) as Partial<Code> | null;
    if (typeof code !== 'object' || code === null || Array.isArray(code))
      return { mistake: 'expected a JSON object' };
    const { queryType } = code;
    if (queryType === undefined || !queryTypes.includes(queryType)) {
      return { mistake: `queryType: expected one of ${queryTypes.join(', ')}` };
    }
    return { code: { ...code, queryType } };
  } catch (error) {
    return { mistake: messageOf(error) };
  }
}

/** The query as the collector takes it, as text; the collector says what is wrong. */
export function CodeMode({ datasource, query, onChange }: Props) {
  const id = useId();
  const saved = textOf(query);
  const [text, setText] = useState(saved);
  const [mistake, setMistake] = useState<string | null>(null);
  useEffect(() => setText(saved), [saved]);

  const commit = async (): Promise<void> => {
    const given = read(text);
    if ('mistake' in given) return setMistake(given.mistake);
    const next = withKeys(query, given.code);
    try {
      // What variables stand for is only known in the panel; here the keys themselves are checked.
      const { ok, error } = await datasource.validate({ query: datasource.applyTemplateVariables(next, {}) });
      if (!ok) return setMistake(error?.reason ?? 'not valid');
    } catch (error) {
      return setMistake(messageOf(error));
    }
    setMistake(null);
    if (textOf(next) !== saved) onChange(next);
  };

  return (
    <Field label="Query" noMargin invalid={mistake !== null} error={mistake ?? undefined}>
      <TextArea
        id={id}
        value={text}
        rows={Math.min(24, text.split('\n').length + 1)}
        spellCheck={false}
        style={{ fontFamily: 'monospace' }}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        onBlur={() => void commit()}
      />
    </Field>
  );
}
