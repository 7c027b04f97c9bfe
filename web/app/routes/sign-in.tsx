import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node';
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react';
import { login, signInLink } from '#server/contracts/auth.ts';
import { Button } from '../components/button.tsx';
import { Notice } from '../components/card.tsx';
import { Field, TextInput } from '../components/field.tsx';
import { Mark } from '../components/shell/mark.tsx';
import { ApiError, request as ask } from '#server/contracts/client.ts';
import { pathOr } from '../lib/own-path.ts';

export const meta: MetaFunction = () => [{ title: 'Sign in · OmoiOS' }];

/** The sign-in link works once. A prefetch by the browser does not use it up. */
export const loader = async ({ request, context }: LoaderFunctionArgs) => {
  const url = new URL(request.url);
  const to = pathOr('/command', url.searchParams.get('to'));
  const token = url.searchParams.get('token');
  if (!token) return context.accessToken ? redirect(to) : { problem: null, to };
  if (/prefetch|prerender/.test(request.headers.get('sec-purpose') ?? request.headers.get('purpose') ?? ''))
    return new Response(null, { status: 503 });
  try {
    const { headers } = await ask({ base: context.apiUrl }, signInLink, { body: { token } });
    return redirect(to, { headers: cookiesOf(headers) });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (context.accessToken) return redirect(to);
    return data({ problem: error.message, to }, { status: error.status || 503 });
  }
};

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const form = await request.formData();
  const email = String(form.get('email') ?? '').trim();
  try {
    const { headers } = await ask({ base: context.apiUrl }, login, {
      body: { email, password: String(form.get('password') ?? '') },
    });
    return redirect(pathOr('/command', String(form.get('to') ?? '')), { headers: cookiesOf(headers) });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return data({ problem: error.message, email }, { status: error.status || 503 });
  }
};

function cookiesOf(answered: Headers): Headers {
  const headers = new Headers();
  for (const cookie of answered.getSetCookie()) headers.append('set-cookie', cookie);
  return headers;
}

export default function SignIn() {
  const { problem, to } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state !== 'idle';
  const said = answer?.problem ?? problem;
  return (
    <main className="flex min-h-dvh items-center justify-center bg-side px-4 py-10">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex flex-col items-center gap-3 text-center">
          <Mark className="size-10" />
          <h1 className="text-xl font-semibold">Sign in to OmoiOS</h1>
        </div>
        <Form method="post" className="space-y-4 rounded-lg border bg-card p-5">
          {said && <Notice tone="bad">{said}</Notice>}
          <input type="hidden" name="to" value={to} />
          <Field label="E-mail">
            <TextInput
              type="email"
              name="email"
              autoComplete="username"
              required
              autoFocus
              defaultValue={answer?.email}
            />
          </Field>
          <Field label="Password">
            <TextInput type="password" name="password" autoComplete="current-password" required />
          </Field>
          <Button type="submit" look="primary" busy={busy} className="w-full">
            Sign in
          </Button>
        </Form>
        <p className="mt-4 text-center text-xs text-muted">
          On your own machine, npm start prints a sign-in link. To get a new one, run:{' '}
          <code className="rounded-sm bg-subtle px-1 py-0.5">npx omoios link</code>
        </p>
      </div>
    </main>
  );
}
