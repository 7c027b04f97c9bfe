import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node';
import { Form, useActionData, useNavigation } from '@remix-run/react';
import { me } from '#server/contracts/auth.ts';
import { createOrganization } from '#server/contracts/organizations.ts';
import { Button } from '../components/button.tsx';
import { Notice } from '../components/card.tsx';
import { Field, TextInput } from '../components/field.tsx';
import { PageError } from '../components/page-error.tsx';
import { Mark } from '../components/shell/mark.tsx';
import { ApiError } from '#server/contracts/client.ts';
import { apiFor, apiOf } from '../lib/api.server.ts';
import { organizationHeader } from '../lib/preferences.ts';

export const meta: MetaFunction = () => [{ title: 'Welcome · OmoiOS' }];

export const loader = async (where: LoaderFunctionArgs) =>
  (await apiFor(where)(me, {})).organizations.length > 0 ? redirect('/command') : null;

/** Used in addresses; a name without Latin letters gets a random one. */
const slugOf = (name: string) =>
  name
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 100) || `organization-${crypto.randomUUID().slice(0, 8)}`;

export const action = async (where: ActionFunctionArgs) => {
  const name = String((await where.request.formData()).get('name') ?? '').trim();
  try {
    const { id } = await apiOf(where)(createOrganization, { body: { name, slug: slugOf(name) } });
    return redirect('/command', { headers: { 'Set-Cookie': organizationHeader(id) } });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // The form does not ask for a slug: it is derived from the name.
    const taken =
      Array.isArray(error.details) && (error.details as { field?: string }[]).some(({ field }) => field === 'slug');
    return data(
      { problem: taken ? 'An organization with this name already exists. Choose another name.' : error.message, name },
      { status: error.status || 503 },
    );
  }
};

/** Shown to a user without an organization: everything in OmoiOS belongs to one. */
export default function Welcome() {
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state !== 'idle';
  return (
    <main className="flex min-h-dvh items-center justify-center bg-side px-4 py-10">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex flex-col items-center gap-3 text-center">
          <Mark className="size-10" />
          <h1 className="text-xl font-semibold">Create an organization</h1>
          <p className="text-sm text-muted">
            Projects, runs and costs belong to an organization. To join an existing one, ask its owner to add you.
          </p>
        </div>
        <Form method="post" className="space-y-4 rounded-lg border bg-card p-5">
          {answer?.problem && <Notice tone="bad">{answer.problem}</Notice>}
          <Field label="Name">
            <TextInput name="name" required autoFocus maxLength={255} defaultValue={answer?.name} />
          </Field>
          <Button type="submit" look="primary" busy={busy} className="w-full">
            Create
          </Button>
        </Form>
        <Form method="post" action="/sign-out" className="mt-4 text-center">
          <Button type="submit" look="quiet" size="sm">
            Sign out
          </Button>
        </Form>
      </div>
    </main>
  );
}

export function ErrorBoundary() {
  return (
    <main className="px-4 pt-16">
      <PageError />
    </main>
  );
}
