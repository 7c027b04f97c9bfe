import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { login, signInLink } from '#server/contracts/auth.ts';
import { oauthProviders, oauthSignIn } from '#server/contracts/oauth.ts';
import { passSecondFactor } from '#server/contracts/second-factor.ts';
import { buttonShape } from '../components/button.tsx';
import { Field, TextInput } from '../components/field.tsx';
import { TextLink } from '../components/text-link.tsx';
import { Entrance, EntranceForm } from '../components/shell/entrance.tsx';
import { addressOf, ApiError, request as ask } from '#server/contracts/client.ts';
import { entranceTo, wantedPage } from '../lib/chosen-plan.ts';
import { visitorOf } from '../lib/entrance.server.ts';
import { pathOr } from '../lib/own-path.ts';

export const meta: MetaFunction = () => [{ title: 'Sign in · OmoiOS' }];

/** Why a provider led the browser back without a sign-in. */
const problems: Record<string, string> = {
  invalid_state: 'This sign-in was not begun in this browser, took too long or was used. Begin again.',
  oauth_failed: 'The provider did not confirm the sign-in. Try again.',
  account_inactive: 'This account was deactivated. Ask an administrator of this installation to activate it.',
  not_configured: 'Sign-in with this provider is not set up here.',
  email_unverified: 'The provider has no verified e-mail address of yours. Verify one there, then try again.',
  account_unverified:
    'An account with this e-mail address exists, and the address is not verified here. Verify it first.',
  linked_elsewhere:
    'This account is connected to another user, or yours to another account there. Disconnect it first.',
};

/** The sign-in link works once. A prefetch by the browser does not use it up. */
export const loader = async ({ request, context }: LoaderFunctionArgs) => {
  const url = new URL(request.url);
  const to = wantedPage(request.url);
  const token = url.searchParams.get('token');
  const error = url.searchParams.get('error');
  if (context.accessToken && !token && !error) return redirect(to);
  if (token && /prefetch|prerender/.test(request.headers.get('sec-purpose') ?? request.headers.get('purpose') ?? ''))
    return new Response(null, { status: 503 });
  const via = visitorOf({ context });
  const page = async (problem: string | null, status = 200) => {
    const providers = (await ask(via, oauthProviders, {})).answer.items;
    const asksForCode = url.searchParams.get('step') === 'code';
    const [inside, register] = [Boolean(context.accessToken), entranceTo('/register', to)];
    return data({ problem, to, register, asksForCode, providers, inside }, { status });
  };
  if (!token) return page(error && (problems[error] ?? problems.oauth_failed ?? null));
  try {
    return signedIn(await ask(via, signInLink, { body: { token } }), to);
  } catch (caught) {
    if (!(caught instanceof ApiError)) throw caught;
    if (context.accessToken) return redirect(to);
    return page(caught.message, caught.status || 503);
  }
};

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const form = await request.formData();
  const email = String(form.get('email') ?? '').trim();
  const to = pathOr('/command', String(form.get('to') ?? ''));
  const code = form.get('code');
  // The challenge of a sign-in that waits for its code is in a cookie.
  const headers: Record<string, string> = code === null ? {} : { cookie: request.headers.get('cookie') ?? '' };
  const via = { base: context.apiUrl, headers: { ...visitorOf({ context }).headers, ...headers } };
  try {
    return signedIn(
      code === null
        ? await ask(via, login, { body: { email, password: String(form.get('password') ?? '') } })
        : await ask(via, passSecondFactor, { body: { code: String(code) } }),
      to,
    );
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return data({ problem: error.message, email }, { status: error.status || 503 });
  }
};

/** Leads to the wanted page, or to the second factor, with the cookies of the answer. */
function signedIn({ answer, headers: answered }: { answer: object; headers: Headers }, to: string) {
  const headers = new Headers();
  for (const cookie of answered.getSetCookie()) headers.append('set-cookie', cookie);
  return redirect('challenge' in answer ? `/sign-in?step=code&to=${encodeURIComponent(to)}` : to, { headers });
}

function CodeField() {
  return (
    <>
      <Field label="Code" hint="The six digits that your authenticator app shows, or one of your recovery codes.">
        <TextInput name="code" autoComplete="one-time-code" required autoFocus maxLength={50} className="figures" />
      </Field>
      <p className="text-xs">
        <TextLink to="/sign-in">Start again</TextLink>
      </p>
    </>
  );
}

function PasswordFields({ email }: { email?: string }) {
  return (
    <>
      <Field label="E-mail">
        <TextInput type="email" name="email" autoComplete="username" required autoFocus defaultValue={email} />
      </Field>
      <Field label="Password">
        <TextInput type="password" name="password" autoComplete="current-password" required />
      </Field>
    </>
  );
}

/** Links, not forms: the API leads the browser on to the provider. */
function Providers({ providers, to }: { providers: { provider: string; title: string }[]; to: string }) {
  return (
    <div className="mt-3 space-y-2">
      {providers.map(({ provider, title }) => (
        <a
          key={provider}
          href={addressOf(oauthSignIn, { params: { provider }, query: { to } })}
          className={buttonShape('secondary', 'md', 'w-full')}
        >
          Continue with {title}
        </a>
      ))}
    </div>
  );
}

export default function SignIn() {
  const { problem, to, register, asksForCode, providers, inside } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  return (
    <Entrance
      title="Sign in to OmoiOS"
      below={
        <>
          On your own machine, npm start prints a sign-in link. To get a new one, run:{' '}
          <code className="rounded-sm bg-subtle px-1 py-0.5">npx omoios link</code>
        </>
      }
    >
      <EntranceForm problem={answer?.problem ?? problem} submit="Sign in">
        <input type="hidden" name="to" value={to} />
        {asksForCode ? <CodeField /> : <PasswordFields email={answer?.email} />}
      </EntranceForm>
      {!asksForCode && <Providers providers={providers} to={to} />}
      {!asksForCode && (
        <p className="mt-4 flex justify-center gap-4 text-sm">
          <TextLink to={register}>Register</TextLink>
          <TextLink to="/forgot-password">Forgot the password?</TextLink>
        </p>
      )}
      {inside && (
        <p className="mt-4 text-center text-sm">
          <TextLink to={to}>Back to OmoiOS</TextLink>
        </p>
      )}
    </Entrance>
  );
}
