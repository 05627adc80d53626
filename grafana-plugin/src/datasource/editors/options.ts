import type { ComboboxOption } from '@grafana/ui';
import type { Facts } from '../model/facts';

// Choices that come from what the collector tells.

export const fieldOptions = (facts: Facts | null): ComboboxOption[] =>
  (facts?.fields ?? []).map(({ name, meaning }) => ({ value: name, label: name, description: meaning }));

/** Fields to group by; those that roll-ups know come first, as long ranges answer fast by them. */
export function groupOptions(facts: Facts | null): ComboboxOption[] {
  const fields = (facts?.fields ?? []).filter(({ group_by }) => group_by);
  const sorted = [...fields].sort((a, b) => Number(b.rolled_up) - Number(a.rolled_up));
  return sorted.map(({ name, meaning, rolled_up }) => ({
    value: name,
    label: name,
    description: rolled_up ? `${meaning} (fast over long ranges)` : meaning,
  }));
}

export function measureOptions(facts: Facts | null): ComboboxOption[] {
  const named = (facts?.measures ?? []).map(({ name, meaning }) => ({
    value: name,
    label: name,
    description: meaning,
  }));
  const known = new Set(named.map(({ value }) => value));
  const ofFields = (facts?.fields ?? []).flatMap(({ measures, meaning }) =>
    measures
      .filter((name) => !known.has(name))
      .map((name) => ({ value: name, label: name, description: meaning })),
  );
  return [...named, ...ofFields];
}

/** Orders of a table: each field down and up. */
export const sortOptions = (facts: Facts | null): ComboboxOption[] =>
  (facts?.fields ?? []).flatMap(({ name, meaning }) => [
    { value: `-${name}`, label: `-${name}`, description: `${meaning}, largest first` },
    { value: name, label: name, description: `${meaning}, smallest first` },
  ]);
