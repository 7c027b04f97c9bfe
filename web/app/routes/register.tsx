import type { ActionFunctionArgs, MetaFunction } from '@remix-run/node';
import { useActionData } from '@remix-run/react';
import { register } from '#server/contracts/auth.ts';
import { Field, TextInput } from '../components/field.tsx';
import { Entrance, EntranceForm, NewPassword } from '../components/shell/entrance.tsx';
import { TextLink } from '../components/text-link.tsx';
import { enter, problem, tryCall } from '../lib/entrance.server.ts';

export const meta: MetaFunction = () => [{ title: 'Register · OmoiOS' }];

export const action = async (where: ActionFunctionArgs) => {
  const form = await where.request.formData();
  const [email, name, password] = ['email', 'name', 'password'].map((field) => String(form.get(field) ?? '').trim());
  const body = { email: email ?? '', password: password ?? '', full_name: name || undefined };
  const { refused } = await tryCall(where, register, { body });
  return refused ? problem(refused, { email, name }) : enter(where, body.email, body.password, '/command');
};

export default function Register() {
  const answer = useActionData<typeof action>() as { problem?: string; email?: string; name?: string } | undefined;
  return (
    <Entrance
      title="Register at OmoiOS"
      lead="A mail then asks you to verify your address."
      below={
        <>
          You have an account? <TextLink to="/sign-in">Sign in</TextLink>
        </>
      }
    >
      <EntranceForm problem={answer?.problem} submit="Register">
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
