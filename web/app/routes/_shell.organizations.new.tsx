import type { MetaFunction } from '@remix-run/node';
import { useState } from 'react';
import { createOrganization } from '#server/contracts/organizations.ts';
import { Card } from '../components/card.tsx';
import { CommandForm } from '../components/command-form.tsx';
import { Field, TextInput } from '../components/field.tsx';
import { aboutBody, aboutProblems, MoreAbout, NameField } from '../components/organization/about-fields.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { fieldProblem } from '../lib/field-problem.ts';
import { slugOf } from '../lib/slug.ts';
import { useChooseOrganization } from '../lib/use-choose-organization.ts';
import { useCommand } from '../lib/use-command.ts';

export const meta: MetaFunction = () => [{ title: 'New organization · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Organizations', to: '/organizations' }, { label: 'New' }] };
/** Crumbs are shown for pages with data. */
export const loader = () => ({});

/** Makes an organization, and chooses it. */
export default function NewOrganization() {
  const create = useCommand(createOrganization);
  const choose = useChooseOrganization();
  const [about, setAbout] = useState({ name: '', description: '', billing_email: '' });
  const [own, setOwn] = useState<string>();
  const slug = own ?? slugOf(about.name);
  const problem = /[^a-z0-9-]/.test(slug)
    ? 'The slug takes lower-case letters, digits and dashes.'
    : fieldProblem(create.error, 'slug', 'The slug');
  const submit = async () => {
    const made = await create.run({ body: { ...aboutBody(about), slug } });
    if (made) choose(made.id, `/organizations/${made.id}`);
  };
  return (
    <div>
      <PageTitle title="New organization" note="You become its owner, and invite the others." />
      <Card>
        <CommandForm
          command={create}
          act="Create"
          buttonAt="start"
          problemsAt={[...aboutProblems, 'slug']}
          onSubmit={submit}
        >
          <NameField about={about} error={create.error} onChange={setAbout} />
          <Field label="Slug" hint="Its name in addresses and commands. It cannot be changed later." error={problem}>
            <TextInput
              required
              maxLength={100}
              pattern="[a-z0-9\-]+"
              title="Lower-case letters, digits and dashes"
              className="figures"
              aria-invalid={problem !== undefined}
              value={slug}
              onChange={(event) => {
                setOwn(event.target.value || undefined);
                create.clear();
              }}
            />
          </Field>
          <MoreAbout about={about} error={create.error} onChange={setAbout} />
        </CommandForm>
      </Card>
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
