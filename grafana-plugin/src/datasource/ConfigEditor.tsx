import {
  onUpdateDatasourceJsonDataOption,
  onUpdateDatasourceSecureJsonDataOption,
  updateDatasourcePluginResetOption,
  type DataSourcePluginOptionsEditorProps,
} from '@grafana/data';
import {
  Field,
  FieldSet,
  Input,
  RadioButtonGroup,
  SecretInput,
  SecretTextArea,
  Stack,
  Switch,
} from '@grafana/ui';
import { useId } from 'react';
import {
  activities,
  type Activity,
  type Role,
  type WireglassOptions,
  type WireglassSecrets,
} from './model/types';

type Props = DataSourcePluginOptionsEditorProps<WireglassOptions, WireglassSecrets>;

const width = 60;
const roles = ['Viewer', 'Editor', 'Admin'] as const;
const least: Record<Activity, { role: Role; does: string }> = {
  query: { role: 'Viewer', does: 'Query flows, metrics and history' },
  packets: { role: 'Editor', does: 'Read and download packets' },
  capture: { role: 'Editor', does: 'Start and stop captures' },
  settings: { role: 'Admin', does: "Change the collector's settings" },
};

/** Settings of a data source. The token and keys go to secureJsonData only, which browsers never get back. */
export function ConfigEditor(props: Props) {
  const { options, onOptionsChange } = props;
  const id = useId();
  return (
    <>
      <FieldSet label="Collector">
        <Stack direction="column" gap={2}>
          <Field label="URL" description="Where Grafana's server reaches the collector" required noMargin>
            <Input
              id={`${id}-url`}
              width={width}
              value={options.url}
              placeholder="http://127.0.0.1:8000"
              onChange={({ currentTarget }) => onOptionsChange({ ...options, url: currentTarget.value })}
            />
          </Field>
          <Field
            label="API token"
            description="On the collector: wireglass token new --role operator (admin, where Grafana's admins shall change settings)"
            required
            noMargin
          >
            <SecretInput
              id={`${id}-token`}
              width={width}
              isConfigured={options.secureJsonFields.apiToken === true}
              value={options.secureJsonData?.apiToken ?? ''}
              placeholder="wg_…"
              onReset={() => updateDatasourcePluginResetOption(props, 'apiToken')}
              onChange={onUpdateDatasourceSecureJsonDataOption(props, 'apiToken')}
            />
          </Field>
          <Field label="Timeout of queries" description="Seconds; downloads have none" noMargin>
            <Input
              id={`${id}-timeout`}
              width={20}
              type="number"
              min={1}
              value={options.jsonData.timeout ?? ''}
              placeholder="30"
              onChange={({ currentTarget }) => {
                const timeout = currentTarget.value === '' ? undefined : Number(currentTarget.value);
                onOptionsChange({ ...options, jsonData: { ...options.jsonData, timeout } });
              }}
            />
          </Field>
        </Stack>
      </FieldSet>
      <TlsFields {...props} />
      <RoleFields {...props} />
    </>
  );
}

function TlsSwitch({
  name,
  label,
  ...props
}: Props & { name: 'tlsSkipVerify' | 'tlsAuth' | 'tlsAuthWithCACert'; label: string }) {
  const { options, onOptionsChange } = props;
  const id = useId();
  return (
    <Field label={label} noMargin>
      <Switch
        id={id}
        value={options.jsonData[name] ?? false}
        onChange={({ currentTarget }) =>
          onOptionsChange({ ...options, jsonData: { ...options.jsonData, [name]: currentTarget.checked } })
        }
      />
    </Field>
  );
}

function SecretText({ name, label, ...props }: Props & { name: keyof WireglassSecrets; label: string }) {
  const { options } = props;
  const id = useId();
  return (
    <Field label={label} noMargin>
      <SecretTextArea
        id={id}
        cols={width}
        rows={5}
        isConfigured={options.secureJsonFields[name] === true}
        placeholder="-----BEGIN"
        onReset={() => updateDatasourcePluginResetOption(props, name)}
        onChange={onUpdateDatasourceSecureJsonDataOption(props, name)}
      />
    </Field>
  );
}

function TlsFields(props: Props) {
  const { tlsAuth, tlsAuthWithCACert, serverName } = props.options.jsonData;
  const id = useId();
  return (
    <FieldSet label="TLS">
      <Stack direction="column" gap={2}>
        <TlsSwitch {...props} name="tlsAuthWithCACert" label="Own certificate authority" />
        {tlsAuthWithCACert === true && <SecretText {...props} name="tlsCACert" label="CA certificate" />}
        <TlsSwitch {...props} name="tlsAuth" label="TLS client authentication" />
        {tlsAuth === true && (
          <>
            <SecretText {...props} name="tlsClientCert" label="Client certificate" />
            <SecretText {...props} name="tlsClientKey" label="Client key" />
          </>
        )}
        {(tlsAuth === true || tlsAuthWithCACert === true) && (
          <Field
            label="Server name"
            description="Name in the certificate, where it is not the URL's"
            noMargin
          >
            <Input
              id={`${id}-name`}
              width={width}
              value={serverName ?? ''}
              onChange={onUpdateDatasourceJsonDataOption(props, 'serverName')}
            />
          </Field>
        )}
        <TlsSwitch {...props} name="tlsSkipVerify" label="Skip verification of the certificate (unsafe)" />
      </Stack>
    </FieldSet>
  );
}

/** Roles can be raised; the backend refuses lower ones. */
function RoleFields({ options, onOptionsChange }: Props) {
  const { minimumRoles = {} } = options.jsonData;
  const choose = (activity: Activity, role: Role): void => {
    const { [activity]: _, ...others } = minimumRoles;
    const raised = role === least[activity].role ? others : { ...others, [activity]: role };
    onOptionsChange({ ...options, jsonData: { ...options.jsonData, minimumRoles: raised } });
  };
  return (
    <FieldSet label="Least roles">
      <Stack direction="column" gap={2}>
        {activities.map((activity) => {
          const { role, does } = least[activity];
          return (
            <Field key={activity} label={does} noMargin>
              <RadioButtonGroup
                aria-label={does}
                options={roles.slice(roles.indexOf(role)).map((value) => ({ value, label: value }))}
                value={minimumRoles[activity] ?? role}
                onChange={(value) => choose(activity, value)}
              />
            </Field>
          );
        })}
      </Stack>
    </FieldSet>
  );
}
