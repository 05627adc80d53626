import { InlineField } from '@grafana/ui';
import { useId } from 'react';
import { FilterInput } from './FilterInput';
import { labelWidth, type EditorProps } from './fields';

export function FilterField({
  datasource,
  query,
  change,
}: Pick<EditorProps, 'datasource' | 'query' | 'change'>) {
  const id = useId();
  const { filter = '' } = query;
  return (
    <InlineField
      label="Filter"
      htmlFor={id}
      tooltip="Which traffic; near to pcap-filter. Keys: arrows choose a suggestion, Enter or Tab takes it"
      labelWidth={labelWidth}
      grow
    >
      <FilterInput
        id={id}
        datasource={datasource}
        value={filter}
        onChange={(text) => change({ filter: text === '' ? undefined : text })}
      />
    </InlineField>
  );
}
