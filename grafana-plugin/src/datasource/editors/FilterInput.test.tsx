import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { backendAnswers, newDataSource, variablesAre } from '../../test/collector';
import type { Verdict } from '../model/facts';
import { FilterInput } from './FilterInput';

const suggestions = [
  { text: 'src_addr', kind: 'field', description: "the initiator's address" },
  { text: 'src_port', kind: 'field', description: "the initiator's port" },
];

function show(value: string, verdict: (filter: string, cursor: number) => Verdict) {
  const asked = backendAnswers({
    'query/validate': ({ data }) => {
      const { filter, cursor } = data as { filter: string; cursor: number };
      return verdict(filter, cursor);
    },
    'query/values': () => ({
      field: 'dns_query',
      values: [{ value: 'a b.example', records: 4 }],
      more: false,
    }),
  });
  const onChange = jest.fn();
  render(<FilterInput datasource={newDataSource()} id="filter" value={value} onChange={onChange} />);
  return { asked, onChange, user: userEvent.setup(), field: screen.getByRole('combobox') };
}

const completing = (filter: string, cursor: number): Verdict => {
  const word = /\w*$/.exec(filter.slice(0, cursor))?.[0] ?? '';
  const fitting = suggestions.filter(({ text }) => text.startsWith(word));
  return { ok: true, completion: { from: cursor - word.length, word, expected: [], suggestions: fitting } };
};

beforeEach(() => variablesAre({ host: ['10.0.0.1', '::1'] }));

describe('the filter field', () => {
  it('takes a suggestion by the keyboard, in place of the word at the cursor', async () => {
    const { user, field, onChange } = show('', completing);
    await user.type(field, 'tcp and src');
    expect(await screen.findAllByRole('option')).toHaveLength(2);
    expect(field).toHaveAttribute('aria-expanded', 'true');
    await user.keyboard('{ArrowDown}{ArrowDown}');
    expect(screen.getByRole('option', { selected: true })).toHaveTextContent('src_port');
    expect(field).toHaveAttribute('aria-activedescendant', screen.getByRole('option', { selected: true }).id);
    await user.keyboard('{Enter}');
    expect(field).toHaveValue('tcp and src_port ');
    expect(onChange).not.toHaveBeenCalled();
    await user.keyboard('= 1{Enter}');
    expect(onChange).toHaveBeenCalledWith('tcp and src_port = 1');
  });

  it('takes a suggestion by the mouse and keeps the focus', async () => {
    const { user, field } = show('', completing);
    await user.type(field, 's');
    await user.click((await screen.findAllByRole('option'))[0]!);
    expect(field).toHaveValue('src_addr ');
    expect(field).toHaveFocus();
  });

  it('closes on Escape and commits on leaving', async () => {
    const { user, field, onChange } = show('', completing);
    await user.type(field, 'src');
    await screen.findAllByRole('option');
    await user.keyboard('{Escape}');
    expect(field).toHaveAttribute('aria-expanded', 'false');
    await user.tab();
    expect(onChange).toHaveBeenCalledWith('src');
  });

  it('tells a mistake with its column', async () => {
    const { field } = show('tcp and bites > 5', () => ({
      ok: false,
      error: { code: 'bad_filter', reason: '"bites" is no field; did you mean bytes?', column: 9 },
    }));
    const mistake = await screen.findByRole('alert');
    expect(mistake).toHaveTextContent('column 9: "bites" is no field; did you mean bytes?');
    expect(field).toHaveAttribute('aria-invalid', 'true');
    expect(field).toHaveAttribute('aria-describedby', mistake.id);
  });

  it('asks with variables filled in', async () => {
    const { asked } = show('host $host', () => ({ ok: true }));
    await waitFor(() => expect(asked).toHaveLength(1));
    expect(asked[0]?.data).toEqual({ filter: '(host 10.0.0.1 or host ::1)', cursor: 27 });
  });

  it('offers values that traffic had, quoted where they must be', async () => {
    const { user, field } = show('', (_, cursor) => ({
      ok: true,
      completion: { from: cursor, word: '', expected: [], suggestions: [], values_of: 'dns_query' },
    }));
    await user.type(field, 'dns_query = ');
    expect(await screen.findByRole('option')).toHaveTextContent('"a b.example" 4 flow records');
  });

  it('says when the collector does not answer, and still commits', async () => {
    backendAnswers({});
    const onChange = jest.fn();
    render(<FilterInput datasource={newDataSource()} id="filter" value="tcp" onChange={onChange} />);
    expect(await screen.findByRole('alert')).toHaveTextContent('no query/validate here');
    const user = userEvent.setup();
    await user.type(screen.getByRole('combobox'), ' or udp{Enter}');
    expect(onChange).toHaveBeenCalledWith('tcp or udp');
  });
});
