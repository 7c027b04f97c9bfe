import { redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node';
import { useActionData, useLoaderData, useLocation } from '@remix-run/react';
import { me, register } from '#server/contracts/auth.ts';
import { acceptInvitation, viewInvitation } from '#server/contracts/invitations.ts';
import { ApiError } from '#server/contracts/client.ts';
import { Notice } from '../components/card.tsx';
import { Field, TextInput } from '../components/field.tsx';
import { Entrance, EntranceForm, NewPassword } from '../components/shell/entrance.tsx';
import { TextLink } from '../components/text-link.tsx';
import { apiOf } from '../lib/api.server.ts';
import { enter, problem, tryCall } from '../lib/entrance.server.ts';
import { organizationHeader } from '../lib/preferences.ts';

export const meta: MetaFunction = () => [{ title: 'Invitation · OmoiOS' }];

const tokenOf = (request: Request) => new URL(request.url).searchParams.get('token') ?? '';

export const loader = async (where: LoaderFunctionArgs) => {
  const { answer, refused } = await tryCall(where, viewInvitation, { body: { token: tokenOf(where.request) } });
  const viewer = where.context.accessToken ? (await apiOf(where)(me, {})).email : null;
  return { invitation: answer ?? null, problem: refused?.problem ?? null, viewer };
};

export const action = async (where: ActionFunctionArgs) => {
  const token = tokenOf(where.request);
  if (where.context.accessToken) {
    try {
      const { organization_id: id } = await apiOf(where)(acceptInvitation, { body: { token } });
      return redirect('/command', { headers: { 'Set-Cookie': organizationHeader(id) } });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return problem({ problem: error.message, status: error.status || 503 });
    }
  }
  const form = await where.request.formData();
  const [email, name, password] = ['email', 'name', 'password'].map((field) => String(form.get(field) ?? '').trim());
  const body = { email: email ?? '', password: password ?? '', full_name: name || undefined, invitation: token };
  const { refused } = await tryCall(where, register, { body });
  return refused ? problem(refused) : enter(where, body.email, body.password, '/command');
};

export default function Invitation() {
  const { invitation, problem: dead, viewer } = useLoaderData<typeof loader>();
  const { pathname, search } = useLocation();
  const here = `${pathname}${search}`;
  const answer = useActionData<typeof action>() as { problem?: string } | undefined;
  if (!invitation)
    return (
      <Entrance title="Invitation" below={<TextLink to="/command">Continue to OmoiOS</TextLink>}>
        <Notice tone="bad">{dead}</Notice>
      </Entrance>
    );
  const { organization, role, email, has_account: known } = invitation;
  const lead = `${email} is invited as ${role}.`;
  if (viewer === null && known)
    return (
      <Entrance title={`Join ${organization}`} lead={lead}>
        <Notice tone="info">
          This address has an account. <TextLink to={`/sign-in?to=${encodeURIComponent(here)}`}>Sign in</TextLink> to
          accept.
        </Notice>
      </Entrance>
    );
  return (
    <Entrance title={`Join ${organization}`} lead={lead} below={viewer && `You are signed in as ${viewer}.`}>
      <EntranceForm problem={answer?.problem} submit={viewer === null ? 'Register and join' : 'Join'}>
        {viewer === null && (
          <>
            <input type="hidden" name="email" value={email} />
            <Field label="Name">
              <TextInput name="name" autoComplete="name" maxLength={200} />
            </Field>
            <NewPassword />
          </>
        )}
      </EntranceForm>
    </Entrance>
  );
}
