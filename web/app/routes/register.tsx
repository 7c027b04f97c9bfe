import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { register } from '#server/contracts/auth.ts';
import { Field, TextInput } from '../components/field.tsx';
import { Entrance, EntranceForm, NewPassword } from '../components/shell/entrance.tsx';
import { TextLink } from '../components/text-link.tsx';
import { entranceTo, wantedPage } from '../lib/chosen-plan.ts';
import { enter, problem, tryCall } from '../lib/entrance.server.ts';
import { pathOr } from '../lib/own-path.ts';

export const meta: MetaFunction = () => [{ title: 'Register · OmoiOS' }];

export const loader = ({ request }: LoaderFunctionArgs) => {
  const to = wantedPage(request.url);
  return { to, sign_in: entranceTo('/sign-in', to) };
};

export const action = async (where: ActionFunctionArgs) => {
  const form = await where.request.formData();
  const [email, name, password] = ['email', 'name', 'password'].map((field) => String(form.get(field) ?? '').trim());
  const body = { email: email ?? '', password: password ?? '', full_name: name || undefined };
  const { refused } = await tryCall(where, register, { body });
  const to = pathOr('/command', String(form.get('to') ?? ''));
  return refused ? problem(refused, { email, name }) : enter(where, body.email, body.password, to);
};

export default function Register() {
  const { to, sign_in } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>() as { problem?: string; email?: string; name?: string } | undefined;
  return (
    <Entrance
      title="Register at OmoiOS"
      lead="A mail then asks you to verify your address."
      below={
        <>
          You have an account? <TextLink to={sign_in}>Sign in</TextLink>
        </>
      }
    >
      <EntranceForm problem={answer?.problem} submit="Register">
        <input type="hidden" name="to" value={to} />
        <Field label="Name">
          <TextInput name="name" autoComplete="name" maxLength={200} defaultValue={answer?.name} />
        </Field>
        <Field label="E-mail">
          <TextInput type="email" name="email" autoComplete="username" required defaultValue={answer?.email} />
        </Field>
        <NewPassword />
      </EntranceForm>
    </Entrance>
  );
}
