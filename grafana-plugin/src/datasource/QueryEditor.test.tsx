import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { backendAnswers, facts, newDataSource, variablesAre, type Answers } from '../test/collector';
import type { Verdict } from './model/facts';
import { queryTypes, type WireglassQuery } from './model/types';
import { QueryEditor } from './QueryEditor';

const right = (): Verdict => ({ ok: true });

/** The editor in a panel that keeps the query; returns the queries that ran. */
function show(given: Partial<WireglassQuery>, answers: Answers = {}) {
  const asked = backendAnswers({ 'query/fields': () => facts, 'query/validate': right, ...answers });
  const ran: WireglassQuery[] = [];
  const source = newDataSource();
  function Panel() {
    const [query, setQuery] = useState<WireglassQuery>({ refId: 'A', queryType: 'timeseries', ...given });
    return (
      <QueryEditor
        datasource={source}
        query={query}
        onChange={(next) => {
          setQuery(next);
          ran.push(next);
        }}
        onRunQuery={() => undefined}
      />
    );
  }
  render(<Panel />);
  return { ran, asked, user: userEvent.setup() };
}

beforeEach(() => variablesAre({}));

describe('the query editor', () => {
  it.each(queryTypes)('edits %s', async (queryType) => {
    show({ queryType });
    expect(await screen.findByLabelText('Query type')).toBeInTheDocument();
    expect(screen.getAllByRole('textbox').length + screen.getAllByRole('combobox').length).toBeGreaterThan(1);
    await waitFor(() => expect(screen.queryByRole('alert')).not.toBeInTheDocument());
  });

  it('changes numbers on Enter, and none that are out of bounds', async () => {
    const { ran, user } = show({});
    const top = await screen.findByLabelText('Top');
    await user.type(top, '5{Enter}');
    expect(ran.at(-1)).toMatchObject({ top: 5 });
    await user.clear(top);
    await user.type(top, '2000{Enter}');
    expect(ran.at(-1)).toMatchObject({ top: 5 });
    expect(screen.getByText('expected a whole number from 1 to 1000')).toBeInTheDocument();
    await user.clear(top);
    await user.tab();
    expect(ran.at(-1)).toMatchObject({ top: undefined });
  });

  it('reads intervals as durations', async () => {
    const { ran, user } = show({ interval_ms: 60_000 });
    const interval = await screen.findByLabelText('Interval');
    expect(interval).toHaveValue('1m');
    await user.clear(interval);
    await user.type(interval, '10s{Enter}');
    expect(ran.at(-1)).toMatchObject({ interval_ms: 10_000 });
    await user.type(interval, 'x{Enter}');
    expect(screen.getByText(/expected a duration/)).toBeInTheDocument();
    expect(ran.at(-1)).toMatchObject({ interval_ms: 10_000 });
  });

  it('keeps defaults out of the query', async () => {
    const { ran, user } = show({});
    await user.click(await screen.findByLabelText('Show other'));
    expect(ran.at(-1)).toMatchObject({ other: false });
    await user.click(screen.getByLabelText('Show other'));
    expect(ran.at(-1)).toMatchObject({ other: undefined });
  });

  it('edits as code, and saves only what the collector takes', async () => {
    const { ran, user } = show(
      { filter: 'tcp', top: 3 },
      {
        'query/validate': ({ data }): Verdict => {
          const { measure } = (data as { query: WireglassQuery }).query;
          return measure === 'bites'
            ? { ok: false, error: { code: 'bad_request', reason: 'no such measure' } }
            : right();
        },
      },
    );
    await user.click(await screen.findByLabelText('Code'));
    const code = screen.getByLabelText('Query');
    expect(JSON.parse((code as HTMLTextAreaElement).value)).toEqual({
      queryType: 'timeseries',
      filter: 'tcp',
      top: 3,
    });
    const before = ran.length;
    const write = async (text: string) => {
      await user.clear(code);
      await user.click(code);
      await user.paste(text);
      await user.tab();
    };
    await write('{');
    expect(await screen.findByRole('alert')).toBeInTheDocument();
    await write('{"queryType":"tops"}');
    expect(await screen.findByText(/expected one of timeseries, top/)).toBeInTheDocument();
    await write('{"queryType":"timeseries","measure":"bites"}');
    expect(await screen.findByText('no such measure')).toBeInTheDocument();
    expect(ran).toHaveLength(before);
    await write('{"queryType":"top","measures":["flows"]}');
    await waitFor(() =>
      expect(ran.at(-1)).toMatchObject({ queryType: 'top', measures: ['flows'], editor: { mode: 'code' } }),
    );
    expect(ran.at(-1)).not.toHaveProperty('filter');
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it('says when the collector does not answer', async () => {
    show({}, { 'query/fields': () => Promise.reject(new Error('never')) });
    backendAnswers({});
    render(
      <QueryEditor
        datasource={newDataSource()}
        query={{ refId: 'B' } as WireglassQuery}
        onChange={jest.fn()}
        onRunQuery={jest.fn()}
      />,
    );
    const alert = await screen.findByText('no query/fields here');
    expect(within(alert.parentElement ?? alert).getByText('no query/fields here')).toBeInTheDocument();
  });
});
