import { sentence } from '../../lib/format.ts';
import { choices, type PersonalName, type Preference } from '../../lib/preferences.ts';
import { usePreference, usePreferenceProblem } from '../../lib/use-preference.ts';
import { Card, Notice } from '../card.tsx';
import { Segments, Switch } from '../field.tsx';

/** How the pages look to the person, and their keys. */
export const Appearance = () => (
  <Card title="Look">
    <div className="max-w-md space-y-3">
      <Choice name="theme" label="Theme" />
      <Choice name="density" label="Density" />
      <Choice name="font" label="Font" />
      <Choice name="contrast" label="Contrast" />
      <Choice name="motion" label="Motion" />
      <SingleKeys />
      <NotKept />
    </div>
  </Card>
);

function Choice({ name, label }: { name: Exclude<PersonalName, 'keys'>; label: string }) {
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

function NotKept() {
  const problem = usePreferenceProblem();
  if (!problem) return null;
  return (
    <Notice tone="bad">
      {problem} This choice holds until the page is loaded again. Choose it again to keep it with your account.
    </Notice>
  );
}
