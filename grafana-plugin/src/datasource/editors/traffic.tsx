import { InlineFieldRow } from '@grafana/ui';
import { ChoiceField, NumberField, SwitchField, WordField, WordsField, type EditorProps } from './fields';
import { FilterField } from './FilterField';
import { IntervalField } from './IntervalField';
import { fieldOptions, groupOptions, measureOptions, sortOptions } from './options';

// Editors of the types of query that are about flows.

const groupTooltip = 'Fields of flow records; an address may be cut to a prefix: src_addr/24';
const exactTooltip = 'Read flow records only, no sums that were made before: slower, without error bounds';

export function TimeseriesEditor(props: EditorProps) {
  const { facts } = props;
  return (
    <>
      <InlineFieldRow>
        <WordField
          {...props}
          name="measure"
          label="Measure"
          options={measureOptions(facts)}
          standard="bits_per_second"
        />
        <WordsField
          {...props}
          name="group_by"
          label="Group by"
          tooltip={groupTooltip}
          options={groupOptions(facts)}
          standard="nothing"
        />
      </InlineFieldRow>
      <InlineFieldRow>
        <FilterField {...props} />
      </InlineFieldRow>
      <InlineFieldRow>
        <NumberField
          {...props}
          name="top"
          label="Top"
          tooltip="How many series; the rest is summed as other"
          standard="10"
          max={1_000}
        />
        <SwitchField {...props} name="other" label="Show other" standard={true} />
        <IntervalField {...props} />
        <ChoiceField
          {...props}
          name="source"
          label="Source"
          options={[
            { value: 'auto', label: 'auto' },
            { value: 'flows', label: 'flows', description: 'records, spread over their lives' },
            {
              value: 'metrics',
              label: 'metrics',
              description: 'counts as packets came, by few groups, without filter',
            },
          ]}
        />
        <SwitchField {...props} name="exact" label="Exact" tooltip={exactTooltip} standard={false} />
      </InlineFieldRow>
    </>
  );
}

export function TopEditor(props: EditorProps) {
  const { facts } = props;
  return (
    <>
      <InlineFieldRow>
        <WordsField
          {...props}
          name="measures"
          label="Measures"
          tooltip="The first decides the order"
          options={measureOptions(facts)}
          standard="total_bytes"
        />
        <WordsField
          {...props}
          name="group_by"
          label="Group by"
          tooltip={groupTooltip}
          options={groupOptions(facts)}
          standard="src_addr"
        />
      </InlineFieldRow>
      <InlineFieldRow>
        <FilterField {...props} />
      </InlineFieldRow>
      <InlineFieldRow>
        <NumberField
          {...props}
          name="top"
          label="Top"
          tooltip="How many groups; the rest is summed as other"
          standard="10"
          max={10_000}
        />
        <SwitchField {...props} name="other" label="Show other" standard={true} />
        <ChoiceField
          {...props}
          name="format"
          label="Format"
          options={[
            { value: 'table', label: 'table', description: 'all measures and error bounds' },
            {
              value: 'numeric',
              label: 'numeric',
              description: 'one number per group, as alert rules take it',
            },
          ]}
        />
        <SwitchField {...props} name="exact" label="Exact" tooltip={exactTooltip} standard={false} />
      </InlineFieldRow>
    </>
  );
}

export function FlowsEditor(props: EditorProps) {
  const { facts } = props;
  return (
    <>
      <InlineFieldRow>
        <FilterField {...props} />
      </InlineFieldRow>
      <InlineFieldRow>
        <WordsField
          {...props}
          name="fields"
          label="Columns"
          tooltip="Beside start, end and identity; *: all"
          options={fieldOptions(facts)}
          standard="the usual ones"
        />
        <WordField {...props} name="sort" label="Sort by" options={sortOptions(facts)} standard="-end_ns" />
      </InlineFieldRow>
      <InlineFieldRow>
        <NumberField {...props} name="limit" label="Rows" standard="100" max={1_000_000} />
        <ChoiceField
          {...props}
          name="scope"
          label="Scope"
          options={[
            { value: 'all', label: 'all' },
            { value: 'live', label: 'live', description: 'flows that go on' },
            { value: 'stored', label: 'stored', description: 'closed records' },
          ]}
        />
      </InlineFieldRow>
    </>
  );
}

export function TopologyEditor(props: EditorProps) {
  return (
    <>
      <InlineFieldRow>
        <FilterField {...props} />
      </InlineFieldRow>
      <InlineFieldRow>
        <ChoiceField
          {...props}
          name="by"
          label="Nodes"
          options={[
            { value: 'address', label: 'addresses' },
            { value: 'net', label: 'prefixes' },
            { value: 'outer', label: 'ends of tunnels' },
            { value: 'tenant', label: 'tenants', description: 'with the ends of the tunnels they use' },
          ]}
        />
        {props.query.by === 'net' && (
          <>
            <NumberField {...props} name="prefix_v4" label="IPv4 length" standard="24" min={0} max={32} />
            <NumberField {...props} name="prefix_v6" label="IPv6 length" standard="64" min={0} max={128} />
          </>
        )}
        <NumberField
          {...props}
          name="limit"
          label="Pairs"
          tooltip="Those with the most bytes"
          standard="200"
          max={5_000}
        />
        <SwitchField {...props} name="exact" label="Exact" tooltip={exactTooltip} standard={false} />
      </InlineFieldRow>
    </>
  );
}
