import { InlineField, Input } from '@grafana/ui';
import { useEffect, useId, useState } from 'react';
import { formatDuration, parseDuration } from '../model/duration';
import { labelWidth, type EditorProps } from './fields';

const most = 30 * 86_400_000;

/** Length of intervals; empty: by the range and the panel's width. */
export function IntervalField({ query, change }: Pick<EditorProps, 'query' | 'change'>) {
  const id = useId();
  const { interval_ms: value } = query;
  const shown = value === undefined ? '' : formatDuration(value);
  const [text, setText] = useState(shown);
  useEffect(() => setText(shown), [shown]);
  const parsed = text.trim() === '' ? undefined : parseDuration(text);
  const wrong = parsed === null || (parsed !== undefined && (parsed < 1 || parsed > most));
  const commit = (): void => {
    if (!wrong && parsed !== value) change({ interval_ms: parsed });
  };
  return (
    <InlineField
      label="Interval"
      tooltip="Length of the intervals; empty: by the range and the panel's width"
      labelWidth={labelWidth}
      invalid={wrong}
      error="expected a duration up to 30d, such as 10s, 5m or 1h"
    >
      <Input
        id={id}
        value={text}
        width={12}
        placeholder="auto"
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        onBlur={commit}
        onKeyDown={({ key }) => key === 'Enter' && commit()}
      />
    </InlineField>
  );
}
