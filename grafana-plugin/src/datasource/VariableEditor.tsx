import { Combobox, InlineField, InlineFieldRow, Input } from '@grafana/ui';
import { useId, useState } from 'react';
import { useFacts } from './editors/useFacts';
import type { VariableEditorProps } from './variables';

/** Which field's values a variable has. */
export function VariableEditor({ datasource, query, onChange }: VariableEditorProps) {
  const { facts, failure } = useFacts(datasource);
  const [prefix, setPrefix] = useState(query.prefix ?? '');
  const id = useId();
  const options = (facts?.fields ?? []).map(({ name, meaning }) => ({ value: name, description: meaning }));
  return (
    <InlineFieldRow>
      <InlineField label="Values of" labelWidth={14} invalid={failure !== null} error={failure ?? undefined}>
        <Combobox
          id={`${id}-field`}
          options={options}
          value={query.field ?? null}
          placeholder="field"
          width={30}
          onChange={({ value }) => onChange({ ...query, field: value })}
        />
      </InlineField>
      <InlineField label="that begin with" labelWidth={16} htmlFor={`${id}-prefix`}>
        <Input
          id={`${id}-prefix`}
          value={prefix}
          width={24}
          placeholder="anything"
          onChange={({ currentTarget }) => setPrefix(currentTarget.value)}
          onBlur={() => onChange({ ...query, prefix })}
        />
      </InlineField>
    </InlineFieldRow>
  );
}
