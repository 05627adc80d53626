import type { QueryEditorProps } from '@grafana/data';
import { Alert, Combobox, InlineField, InlineFieldRow, RadioButtonGroup } from '@grafana/ui';
import { useId, type ComponentType } from 'react';
import type { WireglassDataSource } from './datasource';
import { CodeMode } from './editors/CodeMode';
import { labelWidth, type EditorProps } from './editors/fields';
import { CaptureHealthEditor, CapturesEditor, EventsEditor, PacketsEditor } from './editors/operations';
import { FlowsEditor, TimeseriesEditor, TopEditor, TopologyEditor } from './editors/traffic';
import { useFacts } from './editors/useFacts';
import { withType } from './model/keys';
import { queryTypes, type QueryType, type WireglassOptions, type WireglassQuery } from './model/types';

/** The compiler asks for an editor of each type. */
const editors: Record<QueryType, ComponentType<EditorProps>> = {
  timeseries: TimeseriesEditor,
  top: TopEditor,
  flows: FlowsEditor,
  topology: TopologyEditor,
  packets: PacketsEditor,
  captures: CapturesEditor,
  events: EventsEditor,
  capture_health: CaptureHealthEditor,
};

const labels: Record<QueryType, string> = {
  timeseries: 'Time series',
  top: 'Top',
  flows: 'Flows',
  topology: 'Topology',
  packets: 'Packets',
  captures: 'Captures',
  events: 'Events',
  capture_health: 'Capture health',
};

const modes = [
  { value: 'builder' as const, label: 'Builder' },
  { value: 'code' as const, label: 'Code' },
];

export function QueryEditor({
  datasource,
  query: given,
  onChange,
  onRunQuery,
}: QueryEditorProps<WireglassDataSource, WireglassQuery, WireglassOptions>) {
  const { facts, failure } = useFacts(datasource);
  const id = useId();
  // Explore and new panels begin with a query of no type.
  const query = given.queryType in editors ? given : { ...given, queryType: queryTypes[0] };
  const Editor = editors[query.queryType];
  const mode = query.editor?.mode ?? 'builder';
  const save = (next: WireglassQuery): void => {
    onChange(next);
    onRunQuery();
  };
  const types = queryTypes.map((value) => ({
    value,
    label: labels[value],
    description: facts?.types.find(({ name }) => name === value)?.summary,
  }));
  return (
    <>
      {failure !== null && (
        <Alert severity="warning" title="The collector does not tell what it knows">
          {failure}
        </Alert>
      )}
      <InlineFieldRow>
        <InlineField label="Query type" labelWidth={labelWidth}>
          <Combobox
            id={`${id}-type`}
            width={30}
            options={types}
            value={query.queryType}
            onChange={({ value }) => save(withType(query, value))}
          />
        </InlineField>
        <RadioButtonGroup
          aria-label="Way of editing"
          options={modes}
          value={mode}
          onChange={(next) => onChange({ ...query, editor: { mode: next } })}
        />
      </InlineFieldRow>
      {mode === 'code' ? (
        <CodeMode datasource={datasource} query={query} onChange={save} />
      ) : (
        <Editor
          datasource={datasource}
          query={query}
          facts={facts}
          change={(keys) => save({ ...query, ...keys })}
        />
      )}
    </>
  );
}
