import { Combobox, InlineField, InlineSwitch, Input, MultiCombobox, type ComboboxOption } from '@grafana/ui';
import { useEffect, useId, useState } from 'react';
import type { WireglassDataSource } from '../datasource';
import type { Facts } from '../model/facts';
import type { QueryKeys, WireglassQuery } from '../model/types';

/** What an editor of one type of query gets. */
export interface EditorProps {
  datasource: WireglassDataSource;
  query: WireglassQuery;
  /** null until the collector has told */
  facts: Facts | null;
  /** Changes keys and runs the query; undefined takes a key away. */
  change: (keys: QueryKeys) => void;
}

type KeyOf<Value> = {
  [Key in keyof QueryKeys]-?: QueryKeys[Key] extends Value | undefined ? Key : never;
}[keyof QueryKeys];

interface FieldProps<Value> extends Pick<EditorProps, 'query' | 'change'> {
  name: KeyOf<Value>;
  label: string;
  tooltip?: string;
}

export const labelWidth = 14;

/** A whole number; empty: the collector's default, which the placeholder tells. */
export function NumberField({
  query,
  change,
  name,
  label,
  tooltip,
  standard,
  min = 1,
  max,
}: FieldProps<number> & { standard: string; min?: number; max: number }) {
  const id = useId();
  const value = query[name];
  const [text, setText] = useState(value === undefined ? '' : String(value));
  useEffect(() => setText(value === undefined ? '' : String(value)), [value]);
  const number = Number(text);
  const wrong = text !== '' && !(Number.isInteger(number) && number >= min && number <= max);
  const commit = (): void => {
    const next = text === '' ? undefined : number;
    if (!wrong && next !== value) change({ [name]: next });
  };
  return (
    <InlineField
      label={label}
      tooltip={tooltip}
      labelWidth={labelWidth}
      invalid={wrong}
      error={`expected a whole number from ${min} to ${max}`}
    >
      <Input
        id={id}
        value={text}
        width={12}
        inputMode="numeric"
        placeholder={standard}
        onChange={({ currentTarget }) => setText(currentTarget.value.trim())}
        onBlur={commit}
        onKeyDown={({ key }) => key === 'Enter' && commit()}
      />
    </InlineField>
  );
}

export function SwitchField({
  query,
  change,
  name,
  label,
  tooltip,
  standard,
}: FieldProps<boolean> & { standard: boolean }) {
  const id = useId();
  return (
    <InlineField label={label} tooltip={tooltip} labelWidth={labelWidth}>
      <InlineSwitch
        id={id}
        value={query[name] ?? standard}
        onChange={({ currentTarget }) =>
          change({ [name]: currentTarget.checked === standard ? undefined : currentTarget.checked })
        }
      />
    </InlineField>
  );
}

/** One of a few words, of which the first is the collector's default. */
export function ChoiceField<Word extends string>({
  query,
  change,
  name,
  label,
  tooltip,
  options,
}: FieldProps<string> & { options: readonly ComboboxOption<Word>[] }) {
  const id = useId();
  const [standard] = options;
  return (
    <InlineField label={label} tooltip={tooltip} labelWidth={labelWidth}>
      <Combobox
        id={id}
        width={22}
        options={[...options]}
        value={(query[name] as Word | undefined) ?? standard?.value ?? null}
        onChange={({ value }) => change({ [name]: value === standard?.value ? undefined : value })}
      />
    </InlineField>
  );
}

/** One of many words, or one that is typed. */
export function WordField({
  query,
  change,
  name,
  label,
  tooltip,
  options,
  standard,
}: FieldProps<string> & { options: ComboboxOption[]; standard: string }) {
  const id = useId();
  return (
    <InlineField label={label} tooltip={tooltip} labelWidth={labelWidth}>
      <Combobox
        id={id}
        width={30}
        isClearable
        createCustomValue
        options={options}
        value={query[name] ?? null}
        placeholder={standard}
        onChange={(option) => change({ [name]: option?.value })}
      />
    </InlineField>
  );
}

/** Several words in their order, also ones that are typed. */
export function WordsField({
  query,
  change,
  name,
  label,
  tooltip,
  options,
  standard,
}: FieldProps<string[]> & { options: ComboboxOption[]; standard: string }) {
  const id = useId();
  return (
    <InlineField label={label} tooltip={tooltip} labelWidth={labelWidth}>
      <MultiCombobox
        id={id}
        width={44}
        createCustomValue
        options={options}
        value={(query[name] ?? []).map((value) => ({ value, label: value }))}
        placeholder={standard}
        onChange={(chosen) =>
          change({ [name]: chosen.length === 0 ? undefined : chosen.map(({ value }) => value) })
        }
      />
    </InlineField>
  );
}
