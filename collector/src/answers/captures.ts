import { Type } from '@sinclair/typebox';
import { strictObject } from '../model/shapes.js';
import type { CaptureEntry, HistoryAnswer } from '../stores/history/history-store.js';
import { historyOf, listMeta } from './history.js';
import type { Frame, FrameField, Value } from './frame.js';
import { queryType } from './query-type.js';

const schema = strictObject({
  limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 100, description: 'rows, the latest first' }),
});

type Column = [name: string, type: FrameField['type'], of: (entry: CaptureEntry) => Value];

const seconds = ({ startNs, endNs }: CaptureEntry): number | null =>
  endNs === null ? null : Number(endNs - startNs) / 1e9;

const columns: readonly Column[] = [
  ['start', 'time', ({ startNs }) => startNs],
  ['end', 'time', ({ endNs }) => endNs],
  ['run', 'string', ({ run }) => String(run)],
  ['state', 'string', ({ state }) => state],
  ['source', 'string', ({ source }) => source],
  ['interfaces', 'string', ({ interfaces }) => interfaces.join(', ')],
  ['backend', 'string', ({ backend }) => backend],
  ['started_by', 'string', ({ startedBy }) => startedBy],
  ['ended_by', 'string', ({ endedBy }) => endedBy],
  ['duration_s', 'float64', seconds],
  ['offered_packets', 'float64', ({ counters }) => counters?.offered_packets ?? null],
  ['captured_packets', 'float64', ({ counters }) => counters?.captured_packets ?? null],
  ['metered_packets', 'float64', ({ counters }) => counters?.metered_packets ?? null],
  ['packets_recorded', 'float64', ({ counters }) => counters?.packets_recorded ?? null],
  [
    'ledger_holds',
    'bool',
    ({ ledger }) => (ledger === null ? null : ledger.metering.holds && ledger.recording.holds),
  ],
  [
    'failures',
    'string',
    ({ failures }) => failures.map((failure) => Object.values(failure).join(': ')).join('; '),
  ],
];

function toFrame({ entries, more }: HistoryAnswer<CaptureEntry>): Frame {
  return {
    name: 'captures',
    meta: listMeta(entries.length, more),
    fields: columns.map(([name, type, of]) => ({ name, type, values: entries.map(of) })),
  };
}

export const captures = queryType({
  name: 'captures',
  summary: 'captures that touch the range: who started them, what became of their packets',
  schema,
  answer: async (query, context) => {
    const { fromNs, toNs, signal } = context;
    return [
      toFrame(await historyOf(context, query.limit).captures({ fromNs, toNs, limit: query.limit }, signal)),
    ];
  },
});
