import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { resendVerification, verifyEmail } from '#server/contracts/mailed-links.ts';
import { Notice } from '../components/card.tsx';
import { Field, TextInput } from '../components/field.tsx';
import { Entrance, EntranceForm } from '../components/shell/entrance.tsx';
import { TextLink } from '../components/text-link.tsx';
import { problem, tryCall } from '../lib/entrance.server.ts';

export const meta: MetaFunction = () => [{ title: 'Verify your e-mail address · OmoiOS' }];

/** Programs that look into mails open links: only a press of the button uses this one. */
export const loader = ({ request }: LoaderFunctionArgs) => ({ token: new URL(request.url).searchParams.get('token') });

export const action = async (where: ActionFunctionArgs) => {
  const form = await where.request.formData();
  const token = form.get('token');
  if (token !== null) {
    const { answer, refused } = await tryCall(where, verifyEmail, { body: { token: String(token) } });
    return refused ? problem(refused) : { done: `${answer.email} is verified.` };
  }
  const email = String(form.get('email') ?? '').trim();
  const { answer, refused } = await tryCall(where, resendVerification, { body: { email } });
  return refused ? problem(refused) : { done: answer.message };
};

export default function VerifyEmail() {
  const { token } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>() as { problem?: string; done?: string } | undefined;
  const asks = token === null || answer?.problem !== undefined;
  return (
    <Entrance title="Verify your e-mail address" below={<TextLink to="/command">Continue to OmoiOS</TextLink>}>
      {answer?.done ? (
        <Notice tone="info">{answer.done}</Notice>
      ) : (
        <EntranceForm problem={answer?.problem} submit={asks ? 'Send the mail again' : 'Verify'}>
          {asks ? (
            <Field label="E-mail">
              <TextInput type="email" name="email" autoComplete="username" required />
            </Field>
          ) : (
            <input type="hidden" name="token" value={token} />
          )}
        </EntranceForm>
      )}
    </Entrance>
  );
}
