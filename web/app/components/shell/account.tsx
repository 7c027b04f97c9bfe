import { Form, useSubmit } from '@remix-run/react';
import type { PreferenceName, Preference } from '../../lib/preferences.ts';
import { choices } from '../../lib/preferences.ts';
import { sentence } from '../../lib/format.ts';
import { useRoomForTwo } from '../../lib/use-media.ts';
import { usePreference } from '../../lib/use-preference.ts';
import { Button } from '../button.tsx';
import { Segments, Switch } from '../field.tsx';
import { Popover } from '../menu.tsx';
import type { ShellData } from './shell.tsx';

/** The chosen organization. A member of several can choose another one. */
export function OrganizationName({
  chosen,
  organizations,
}: {
  chosen: { id: string; name: string };
  organizations: { id: string; name: string }[];
}) {
  const submit = useSubmit();
  if (organizations.length < 2)
    return (
      <span className="truncate text-sm font-semibold" title={chosen.name}>
        {chosen.name}
      </span>
    );
  return (
    <select
      aria-label="Organization"
      value={chosen.id}
      onChange={(event) =>
        void submit({ organization: event.target.value }, { method: 'post', action: '/organization' })
      }
      className="-ml-1.5 h-8 max-w-full min-w-0 truncate rounded-md bg-transparent px-1 text-sm font-semibold hover:bg-hover pointer-coarse:min-h-11"
    >
      {organizations.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}

const initials = (name: string) =>
  name
    .split(/[\s@._-]+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');

/** The person: who they are, how the pages look to them, and the way out. */
export function Account({ shell: { me, organization }, onHelp }: { shell: ShellData; onHelp: () => void }) {
  const name = me.full_name ?? me.email;
  const wide = useRoomForTwo();
  return (
    <Popover
      title="Account"
      trigger={
        <button
          type="button"
          aria-label={`Account of ${name}`}
          className="flex size-8 shrink-0 items-center justify-center rounded-full pointer-coarse:size-11"
        >
          <span className="flex size-7 items-center justify-center rounded-full border bg-subtle text-xs font-medium text-soft">
            {initials(name)}
          </span>
        </button>
      }
    >
      <div className="border-b px-4 py-3">
        <p className="truncate text-sm font-medium">{name}</p>
        <p className="truncate text-xs text-muted">{me.full_name ? me.email : organization.name}</p>
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
