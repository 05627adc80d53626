import { InlineFieldRow } from '@grafana/ui';
import { ChoiceField, NumberField, WordsField, type EditorProps } from './fields';
import { FilterField } from './FilterField';
import { IntervalField } from './IntervalField';

// Editors of the types of query that are about captures, packets and what happened.

export function PacketsEditor(props: EditorProps) {
  return (
    <>
      <InlineFieldRow>
        <FilterField {...props} />
      </InlineFieldRow>
      <InlineFieldRow>
        <ChoiceField
          {...props}
          name="kind"
          label="Kind"
          options={[
            { value: 'any', label: 'any' },
            { value: 'lisp', label: 'LISP', description: 'data and control packets' },
          ]}
        />
        <NumberField
          {...props}
          name="limit"
          label="Rows"
          tooltip="The newest first"
          standard="100"
          max={1_000_000}
        />
      </InlineFieldRow>
    </>
  );
}

export function CapturesEditor(props: EditorProps) {
  return (
    <InlineFieldRow>
      <NumberField
        {...props}
        name="limit"
        label="Rows"
        tooltip="The latest first"
        standard="100"
        max={10_000}
      />
    </InlineFieldRow>
  );
}

export function EventsEditor(props: EditorProps) {
  return (
    <InlineFieldRow>
      <WordsField {...props} name="kinds" label="Kinds" options={[]} standard="all" />
      <ChoiceField
        {...props}
        name="severity"
        label="Severity"
        tooltip="This one and worse"
        options={[
          { value: 'info', label: 'info' },
          { value: 'warning', label: 'warning' },
          { value: 'error', label: 'error' },
        ]}
      />
      <NumberField
        {...props}
        name="limit"
        label="Rows"
        tooltip="The latest first"
        standard="100"
        max={10_000}
      />
    </InlineFieldRow>
  );
}

export function CaptureHealthEditor(props: EditorProps) {
  return (
    <InlineFieldRow>
      <ChoiceField
        {...props}
        name="view"
        label="View"
        options={[
          { value: 'loss', label: 'loss', description: 'packets per second by cause, over time' },
          { value: 'ledger', label: 'ledger', description: 'where all packets of the range went' },
        ]}
      />
      {props.query.view !== 'ledger' && <IntervalField {...props} />}
    </InlineFieldRow>
  );
}
