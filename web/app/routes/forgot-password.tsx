import type { ActionFunctionArgs, MetaFunction } from '@remix-run/node';
import { useActionData } from '@remix-run/react';
import { forgotPassword } from '#server/contracts/mailed-links.ts';
import { Notice } from '../components/card.tsx';
import { Field, TextInput } from '../components/field.tsx';
import { Entrance, EntranceForm } from '../components/shell/entrance.tsx';
import { TextLink } from '../components/text-link.tsx';
import { problem, tryCall } from '../lib/entrance.server.ts';

export const meta: MetaFunction = () => [{ title: 'New password · OmoiOS' }];

export const action = async (where: ActionFunctionArgs) => {
  const email = String((await where.request.formData()).get('email') ?? '').trim();
  const { answer, refused } = await tryCall(where, forgotPassword, { body: { email } });
  return refused ? problem(refused) : { done: answer.message };
};

export default function ForgotPassword() {
  const answer = useActionData<typeof action>() as { problem?: string; done?: string } | undefined;
  return (
    <Entrance
      title="Set a new password"
      lead="A mail brings you a link, which works once within the hour."
      below={<TextLink to="/sign-in">Sign in</TextLink>}
    >
      {answer?.done ? (
        <Notice tone="info">{answer.done}</Notice>
      ) : (
        <EntranceForm problem={answer?.problem} submit="Send the mail">
          <Field label="E-mail">
            <TextInput type="email" name="email" autoComplete="username" required />
          </Field>
        </EntranceForm>
      )}
    </Entrance>
  );
}
