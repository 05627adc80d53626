import type { DataSourceSettings } from '@grafana/data';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { ConfigEditor } from './ConfigEditor';
import type { WireglassOptions, WireglassSecrets } from './model/types';

type Options = DataSourceSettings<WireglassOptions, WireglassSecrets>;

function show(given: Partial<Options> = {}) {
  const saved: Options[] = [];
  function Page() {
    const [options, setOptions] = useState({
      url: '',
      jsonData: {},
      secureJsonFields: {},
      ...given,
    } as Options);
    return (
      <ConfigEditor
        options={options}
        onOptionsChange={(next) => {
          setOptions(next);
          saved.push(next);
        }}
      />
    );
  }
  render(<Page />);
  return { last: () => saved.at(-1), user: userEvent.setup() };
}

describe('the config editor', () => {
  it('keeps the token out of jsonData', async () => {
    const { last, user } = show();
    await user.type(screen.getByLabelText(/URL/), 'http://127.0.0.1:8000');
    await user.type(screen.getByLabelText(/API token/), 'wg_x');
    expect(last()).toMatchObject({ url: 'http://127.0.0.1:8000', secureJsonData: { apiToken: 'wg_x' } });
    expect(JSON.stringify(last()?.jsonData)).not.toContain('wg_x');
  });

  it('resets a token that is set and never shows it', async () => {
    const { last, user } = show({ secureJsonFields: { apiToken: true } });
    expect(screen.getByLabelText(/API token/)).toBeDisabled();
    await user.click(screen.getByRole('button', { name: 'Reset' }));
    expect(last()).toMatchObject({ secureJsonFields: { apiToken: false }, secureJsonData: { apiToken: '' } });
  });

  it('asks for certificates where TLS options want them', async () => {
    const { last, user } = show();
    expect(screen.queryByLabelText('CA certificate')).not.toBeInTheDocument();
    await user.click(screen.getByLabelText('Own certificate authority'));
    expect(last()?.jsonData).toEqual({ tlsAuthWithCACert: true });
    await user.click(screen.getByLabelText('TLS client authentication'));
    for (const [label, name] of [
      ['CA certificate', 'tlsCACert'],
      ['Client certificate', 'tlsClientCert'],
      ['Client key', 'tlsClientKey'],
    ] as const) {
      await user.type(screen.getByLabelText(label), 'x');
      expect(last()?.secureJsonData).toMatchObject({ [name]: 'x' });
    }
    await user.type(screen.getByLabelText(/Server name/), 'w');
    expect(last()?.jsonData.serverName).toBe('w');
  });

  it('raises least roles, and forgets them at their default', async () => {
    const { last, user } = show();
    const of = within(screen.getByRole('radiogroup', { name: 'Start and stop captures' }));
    expect(of.getAllByRole('radio')).toHaveLength(2);
    expect(of.getByLabelText('Editor')).toBeChecked();
    await user.click(of.getByLabelText('Admin'));
    expect(last()?.jsonData).toEqual({ minimumRoles: { capture: 'Admin' } });
    await user.click(of.getByLabelText('Editor'));
    expect(last()?.jsonData).toEqual({ minimumRoles: {} });
  });

  it('takes a timeout in seconds, and none', async () => {
    const { last, user } = show();
    await user.type(screen.getByLabelText(/Timeout/), '60');
    expect(last()?.jsonData).toEqual({ timeout: 60 });
    await user.clear(screen.getByLabelText(/Timeout/));
    expect(last()?.jsonData.timeout).toBeUndefined();
  });
});
