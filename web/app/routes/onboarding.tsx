import { data, type ActionFunctionArgs, type MetaFunction } from '@remix-run/node';
import { Form, Link, useActionData, useLoaderData } from '@remix-run/react';
import { UnpaidProvider } from '../components/billing/unpaid-provider.tsx';
import { Button } from '../components/button.tsx';
import { Notice } from '../components/card.tsx';
import { steps as views } from '../components/onboarding/steps.tsx';
import { StepLine } from '../components/onboarding/step-line.tsx';
import { PageError } from '../components/page-error.tsx';
import { Mark } from '../components/shell/mark.tsx';
import { loadOnboarding, onboardingProblem, takeOnboardingStep } from '../lib/onboarding.server.ts';

export const meta: MetaFunction = () => [{ title: 'First steps · OmoiOS' }];

export const loader = loadOnboarding;

export const action = async (where: ActionFunctionArgs) => {
  try {
    return await takeOnboardingStep(where);
  } catch (error) {
    return data(onboardingProblem(error), { status: 400 });
  }
};

/** From a new account to its first pull request. A user without an organization begins here. */
export default function Onboarding() {
  const page = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const { title, intro, Body } = views[page.step];
  return (
    <main className="flex min-h-dvh justify-center bg-side px-4 py-10 sm:py-16">
      <div className="w-full max-w-lg">
        <div className="mb-8 flex items-center justify-between gap-4">
          <Mark className="size-8" />
          {page.found.organization.completed ? (
            <Link
              to={page.chosen?.checkout ?? '/command'}
              className="text-xs text-muted underline-offset-2 hover:text-text hover:underline"
            >
              Leave for now
            </Link>
          ) : (
            <Form method="post" action="/sign-out">
              <Button type="submit" look="quiet" size="sm">
                Sign out
              </Button>
            </Form>
          )}
        </div>
        <StepLine steps={page.steps} current={page.step} />
        <h1 className="mt-8 text-xl font-semibold">{title}</h1>
        <p className="mt-1 mb-5 text-sm text-muted">{intro}</p>
        {answer?.problem && (
          <div className="mb-4">
            <Notice tone="bad">{answer.problem}</Notice>
          </div>
        )}
        <UnpaidProvider>
          <Body key={page.step} page={page} />
        </UnpaidProvider>
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
