// What the collector tells editors (GET /query/fields, GET /query/values, POST /query/validate).

export interface FieldFacts {
  name: string;
  display: string;
  type: string;
  role: string;
  unit: string | null;
  meaning: string;
  operators: string[];
  values: string[] | null;
  group_by: boolean;
  rolled_up: boolean;
  measures: string[];
}

export interface Facts {
  fields: FieldFacts[];
  measures: { name: string; unit: string; meaning: string }[];
  types: { name: string; summary: string; keys: string[] }[];
}

export interface FieldValues {
  field: string;
  values: { value: string; records: number }[];
  more: boolean;
}

export interface Suggestion {
  text: string;
  kind: string;
  description: string;
}

export interface Verdict {
  ok: boolean;
  error?: { code: string; reason: string; column?: number; expected?: string[] };
  completion?: {
    from: number;
    word: string;
    expected: string[];
    suggestions: Suggestion[];
    values_of?: string;
  };
}
