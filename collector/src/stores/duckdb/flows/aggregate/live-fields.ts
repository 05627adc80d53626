import type { FlowRecord } from '@wireglass/native';
import { fieldNamed } from '../../../../model/columns.js';
import type { AggregateQuery, ValuesQuery } from '../../../flows/flow-aggregate.js';
import { groupKeys } from './aggregation.js';
import { neededFields } from './cells-sql.js';

/** Fields that a sum reads of live flows. Throws `bad_request`. */
export const aggregateFields = ({ groupBy, measures, filter }: AggregateQuery): (keyof FlowRecord)[] =>
  neededFields({ keys: groupKeys(groupBy), measures, filter });

/** The same for a list of values. */
export function valuesFields({ field: name }: ValuesQuery): (keyof FlowRecord)[] {
  const field = fieldNamed(name);
  return ['start_ns', 'end_ns', ...(field === undefined ? [] : [field.name])];
}
