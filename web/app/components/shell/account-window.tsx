import { Form } from '@remix-run/react';
import { sentence } from '../../lib/format.ts';
import { choices, type Preference, type PreferenceName } from '../../lib/preferences.ts';
import { useRoomForTwo } from '../../lib/use-media.ts';
import { useLacks } from '../../lib/viewer.ts';
import { usePreference } from '../../lib/use-preference.ts';
import { Button } from '../button.tsx';
import { Segments, Switch } from '../field.tsx';
import { ClosesPopover, Popover } from '../menu.tsx';
import { TextLink } from '../text-link.tsx';
import { AccountButton } from './account-button.tsx';
import { OrganizationName } from './organization-name.tsx';
import type { AccountParts } from './account.tsx';

/** The person: who they are, how the pages look to them, and the way out. */
export default function AccountWindow({ shell: { me, organization }, onHelp, onSecurity }: AccountParts) {
  const name = me.full_name ?? me.email;
  const wide = useRoomForTwo();
  const lacksMembers = useLacks('org:members:read');
  const lacksBilling = useLacks('org:billing:read');
  return (
    <Popover title="Account" opened trigger={<AccountButton name={name} />}>
      <div className="border-b px-4 py-3">
        <p className="truncate text-sm font-medium">{name}</p>
        <p className="truncate text-xs text-muted">{me.full_name ? me.email : organization.name}</p>
        <p className="mt-1 flex flex-wrap gap-x-3 text-xs">
          {lacksMembers === undefined && (
            <ClosesPopover>
              <TextLink to={`/organizations/${organization.id}/members`}>Members of {organization.name}</TextLink>
            </ClosesPopover>
          )}
          {lacksBilling === undefined && (
            <ClosesPopover>
              <TextLink to={`/organizations/${organization.id}/billing`}>Billing</TextLink>
            </ClosesPopover>
          )}
          {me.is_super_admin && (
            <ClosesPopover>
              <TextLink to="/mailbox">Mailbox</TextLink>
            </ClosesPopover>
          )}
        </p>
        {!wide && me.organizations.length > 1 && (
          <div className="mt-2">
            <OrganizationName chosen={organization} organizations={me.organizations} />
          </div>
        )}
      </div>
      <div className="space-y-2 border-b px-4 py-3">
        <Choice name="theme" label="Theme" />
        <Choice name="density" label="Density" />
        <Choice name="contrast" label="Contrast" />
        <Choice name="motion" label="Motion" />
        <SingleKeys />
      </div>
      <div className="flex justify-between px-2 py-2">
        <Button look="quiet" size="sm" onClick={onSecurity}>
          Security
        </Button>
        <Button look="quiet" size="sm" onClick={onHelp}>
          Keyboard shortcuts
        </Button>
        <Form method="post" action="/sign-out">
          <Button look="quiet" size="sm" type="submit">
            Sign out
          </Button>
        </Form>
      </div>
    </Popover>
  );
}

function Choice({ name, label }: { name: Exclude<PreferenceName, 'panel' | 'keys' | 'diff'>; label: string }) {
  const [value, choose] = usePreference(name);
  return (
    <div className="flex items-center justify-between gap-3 text-sm">
      <span>{label}</span>
      <Segments<Preference<typeof name>>
        label={label}
        chosen={value}
        onChoose={choose}
        options={choices[name].map((option) => ({ value: option, label: sentence(option) }))}
      />
    </div>
  );
}

function SingleKeys() {
  const [keys, choose] = usePreference('keys');
  return (
    <Switch
      label="Single-key shortcuts"
      checked={keys === 'on'}
      onChange={(event) => choose(event.target.checked ? 'on' : 'off')}
    />
  );
}
