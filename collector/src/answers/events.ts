import { Type } from '@sinclair/typebox';
import { strictObject, stringEnum } from '../model/shapes.js';
import { eventKinds, severities, type HistoryEvent, type Severity } from '../stores/history/history-store.js';
import type { Frame } from './frame.js';
import { historyOf, listMeta } from './history.js';
import { queryType } from './query-type.js';

const schema = strictObject({
  kinds: Type.Array(stringEnum(eventKinds), {
    maxItems: eventKinds.length,
    default: [],
    description: 'empty: all',
  }),
  severity: stringEnum(severities, { default: 'info', description: 'this one and worse' }),
  limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 100, description: 'rows, the latest first' }),
});

const colors: Readonly<Record<Severity, string>> = { info: 'blue', warning: 'orange', error: 'red' };

/** As Grafana's annotations have it: tags are one text with commas. */
function toFrame(entries: readonly HistoryEvent[], more: boolean): Frame {
  const tagsOf = ({ kind, severity, tags }: HistoryEvent): string =>
    [kind, severity, ...Object.entries(tags).map(([name, value]) => `${name}:${value}`)]
      .map((tag) => tag.replaceAll(',', ' '))
      .join(',');
  return {
    name: 'events',
    meta: { ...listMeta(entries.length, more), dataTopic: 'annotations' },
    fields: [
      { name: 'time', type: 'time', values: entries.map(({ timeNs }) => timeNs) },
      { name: 'timeEnd', type: 'time', values: entries.map(({ endNs }) => endNs) },
      { name: 'title', type: 'string', values: entries.map(({ title }) => title) },
      { name: 'text', type: 'string', values: entries.map(({ text }) => text) },
      { name: 'tags', type: 'string', values: entries.map(tagsOf) },
      { name: 'id', type: 'string', values: entries.map(({ id }) => id) },
      { name: 'color', type: 'string', values: entries.map(({ severity }) => colors[severity]) },
      { name: 'kind', type: 'string', values: entries.map(({ kind }) => kind) },
      { name: 'severity', type: 'string', values: entries.map(({ severity }) => severity) },
    ],
  };
}

export const events = queryType({
  name: 'events',
  summary: 'what happened: starts, ends, losses, stores and sinks that fail, as annotations',
  schema,
  answer: async (query, context) => {
    const { fromNs, toNs, signal } = context;
    const { kinds, severity, limit } = query;
    const answer = await historyOf(context, limit).events(
      { fromNs, toNs, limit, severity, ...(kinds.length === 0 ? {} : { kinds }) },
      signal,
    );
    return [toFrame(answer.entries, answer.more)];
  },
});
