import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { resetPassword } from '#server/contracts/mailed-links.ts';
import { Entrance, EntranceForm, NewPassword } from '../components/shell/entrance.tsx';
import { TextLink } from '../components/text-link.tsx';
import { enter, problem, tryCall } from '../lib/entrance.server.ts';

export const meta: MetaFunction = () => [{ title: 'New password · OmoiOS' }];

export const loader = ({ request }: LoaderFunctionArgs) => ({
  token: new URL(request.url).searchParams.get('token') ?? '',
});

export const action = async (where: ActionFunctionArgs) => {
  const form = await where.request.formData();
  const [token, password] = [String(form.get('token') ?? ''), String(form.get('password') ?? '')];
  const { answer, refused } = await tryCall(where, resetPassword, { body: { token, new_password: password } });
  return refused ? problem(refused) : enter(where, answer.email, password, '/command');
};

export default function ResetPassword() {
  const { token } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>() as { problem?: string } | undefined;
  return (
    <Entrance
      title="Set a new password"
      lead="All your sign-ins end, on every device."
      below={<TextLink to="/forgot-password">Ask for another link</TextLink>}
    >
      <EntranceForm problem={answer?.problem} submit="Set the password">
        <input type="hidden" name="token" value={token} />
        <NewPassword />
      </EntranceForm>
    </Entrance>
  );
}
