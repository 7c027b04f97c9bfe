import { useState } from 'react';
import type { Answer } from '#server/contracts/client.ts';
import { updateOrganization, type getOrganization } from '#server/contracts/organizations.ts';
import { useLocation } from '@remix-run/react';
import { fieldProblem } from '../../lib/field-problem.ts';
import { useChooseOrganization } from '../../lib/use-choose-organization.ts';
import { useCommand } from '../../lib/use-command.ts';
import { lackOf, useOrganization, useRightsIn } from '../../lib/viewer.ts';
import { Card, Notice } from '../card.tsx';
import { CommandForm } from '../command-form.tsx';
import { Field, TextInput } from '../field.tsx';
import { aboutBody, aboutProblems, MoreAbout, NameField } from './about-fields.tsx';

export type Organization = Answer<typeof getOrganization>;

/** What an organization is called, who pays, and how much its agents may do at once and in one run. */
export function OrganizationForm({ organization }: { organization: Organization }) {
  const rights = useRightsIn(organization);
  const save = useCommand(updateOrganization);
  const choose = useChooseOrganization();
  const chosen = useOrganization();
  const here = useLocation().pathname;
  const lacks = lackOf(rights, 'org:write');
  const [about, setAbout] = useState({
    name: organization.name,
    description: organization.description ?? '',
    billing_email: organization.billing_email ?? '',
  });
  const [agents, setAgents] = useState(String(organization.max_concurrent_agents));
  const [hours, setHours] = useState(String(organization.max_agent_runtime_hours));
  const submit = async () => {
    const body = {
      ...aboutBody(about),
      max_concurrent_agents: Number(agents),
      max_agent_runtime_hours: Number(hours),
    };
    const saved = await save.run({ params: { id: organization.id }, body });
    // Its name is in the frame around the page too.
    if (saved && saved.name !== organization.name) choose(chosen.id, here);
    return saved;
  };
  return (
    <Card title="Organization">
      {lacks && (
        <div className="mb-3">
          <Notice tone="info">{lacks}. Owners and admins change the settings.</Notice>
        </div>
      )}
      <CommandForm
        command={save}
        act="Save"
        saved="Settings saved"
        because={lacks}
        buttonAt="start"
        problemsAt={[...aboutProblems, 'max_concurrent_agents', 'max_agent_runtime_hours']}
        onSubmit={submit}
      >
        <fieldset disabled={Boolean(lacks)} className="space-y-3">
          <legend className="sr-only">Name and limits</legend>
          <NameField about={about} error={save.error} onChange={setAbout} />
          <Field label="Slug" hint="It stays as it was made.">
            <TextInput readOnly value={organization.slug} className="figures text-muted" />
          </Field>
          <MoreAbout about={about} error={save.error} onChange={setAbout} />
          <LimitField
            label="Agents at once"
            hint="From 1 to 100. Further tasks wait in the queue. The plan may allow fewer."
            error={fieldProblem(save.error, 'max_concurrent_agents', 'The number')}
            max={100}
            value={agents}
            onChange={setAgents}
          />
          <LimitField
            label="Hours of a run"
            hint="From 1 to 10,000: the longest that one run may take. It holds for runs that start from now on."
            error={fieldProblem(save.error, 'max_agent_runtime_hours', 'The number')}
            max={10_000}
            value={hours}
            onChange={setHours}
          />
        </fieldset>
      </CommandForm>
    </Card>
  );
}

/** A whole number from 1 to `max`. */
const LimitField = ({
  max,
  value,
  onChange,
  ...about
}: {
  label: string;
  hint: string;
  error: string | undefined;
  max: number;
  value: string;
  onChange: (value: string) => void;
}) => (
  <Field {...about}>
    <TextInput
      type="number"
      required
      min={1}
      max={max}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  </Field>
);
