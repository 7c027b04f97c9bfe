import { redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node';
import { Form, Link, useLoaderData } from '@remix-run/react';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { report } from '#server/contracts/report.ts';
import { StatusBadge } from '../components/badge.tsx';
import { Button, ButtonLink } from '../components/button.tsx';
import { Card, Stat } from '../components/card.tsx';
import { FilterLinks } from '../components/filter-links.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { Ago } from '../components/time.tsx';
import { apiFor } from '../lib/api.server.ts';
import { count, money, plural } from '../lib/format.ts';
import { useRefreshOn } from '../lib/live.tsx';
import { reportSeenAt, reportSeenHeader } from '../lib/preferences.ts';

export const meta: MetaFunction = () => [{ title: 'Morning report · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Morning report' }] };

const day = 86_400_000;
/** The spans that a person may choose, beside the time since they last looked. */
const spans = { day, week: 7 * day } as const;

export async function loader(where: LoaderFunctionArgs) {
  const search = new URL(where.request.url).searchParams;
  const seen = reportSeenAt(where.request.headers.get('cookie'));
  const named = search.get('since');
  const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
  const preset = named === 'day' || named === 'week' || (named === 'seen' && seen) ? named : undefined;
  const span = preset ?? (named ? undefined : seen ? 'seen' : 'day');
  const since = span === 'day' || span === 'week' ? ago(spans[span]) : span ? seen : named;
  return { span: span ?? 'other', seen, facts: await apiFor(where)(report, { query: { since: since ?? undefined } }) };
}

/** Notes until when the person has read. */
export const action = async ({ request }: ActionFunctionArgs) => {
  const until = String((await request.formData()).get('until'));
  return redirect('/report', { headers: { 'set-cookie': reportSeenHeader(new Date(until)) } });
};

const moved = /^(spec\.|run\.(created|ended|status_changed)|pull_request\.|question\.)/;

/** What happened while nobody looked (WEB-20). */
export default function Report() {
  const { facts, span, seen } = useLoaderData<typeof loader>();
  useRefreshOn((event) => moved.test(event.type), 2000);
  const { runs, pull_requests: pulls, waiting_on_you: waiting, decisions, failures, night_raises: raises } = facts;
  const merged = pulls.filter((pull) => pull.state === 'merged').length;
  return (
    <div className="mx-auto max-w-4xl space-y-4">
      <PageTitle
        title="Morning report"
        note={
          <>
            Since <Ago at={facts.since} />.
          </>
        }
      >
        <Form method="post">
          <input type="hidden" name="until" value={facts.until} />
          <Button type="submit" look="primary">
            <Check aria-hidden className="size-4" /> I have read this
          </Button>
        </Form>
      </PageTitle>
      <FilterLinks
        label="Since when"
        name="since"
        chosen={span}
        options={[
          ...(seen ? [{ value: 'seen', label: 'Since I last read' }] : []),
          { value: 'day', label: '24 hours' },
          { value: 'week', label: '7 days' },
        ]}
      />
      <dl className="grid grid-cols-2 gap-x-4 gap-y-3 rounded-lg border bg-card px-4 py-3 sm:grid-cols-5">
        <Stat name="Shipped">
          <span className="figures">{plural(merged, 'pull request')}</span>
        </Stat>
        <Stat name="Waiting for you">
          <span className="figures">{count(waiting.length)}</span>
        </Stat>
        <Stat name="Decided alone">
          <span className="figures">{count(decisions.length)}</span>
        </Stat>
        <Stat name="Runs" title="Ended well, of those that began">
          <span className="figures">
            {count(runs.completed)} of {count(runs.started)}
          </span>
        </Stat>
        <Stat name="Spent" title="Cost of the model at list price">
          <span className="figures">{money(facts.money.cost_micros)}</span>
        </Stat>
      </dl>
      <Section title="Pull requests" none="No pull request was opened or merged." rows={pulls.length}>
        {pulls.map((pull) => (
          <li key={pull.id} className="flex items-center justify-between gap-3 px-4 py-2.5">
            <Link to={`/pull-requests/${pull.id}`} className="min-w-0 truncate hover:underline">
              <span className="figures mr-2 text-muted">#{pull.number}</span>
              {pull.title}
            </Link>
            <StatusBadge status={pull.state} />
          </li>
        ))}
      </Section>
      <Section
        title="Waiting for you"
        none="Nothing waits for you."
        rows={waiting.length}
        aside={waiting.length > 0 && <ButtonLink to="/inbox">Open the inbox</ButtonLink>}
      >
        {waiting.slice(0, 10).map((item) => (
          <li key={`${item.kind} ${item.id}`} className="px-4 py-2.5">
            <p className="font-medium break-words">{item.title}</p>
            <p className="text-xs break-words text-muted">
              {item.kind.replace('_', ' ')}: {item.reason}
            </p>
          </li>
        ))}
      </Section>
      <Section title="Decided alone" none="No plan assumed anything in your place." rows={decisions.length}>
        {decisions.map((one) => (
          <li key={`${one.spec_id} ${one.question}`} className="px-4 py-2.5">
            <Link
              to={`/projects/${one.project_id}/specs/${one.spec_id}`}
              className="text-xs text-muted hover:underline"
            >
              {one.title}
            </Link>
            <p className="break-words">{one.question}</p>
            <p className="text-sm break-words text-soft">
              {one.assumption ? `Assumed: ${one.assumption}` : 'No assumption is stated.'}
            </p>
          </li>
        ))}
      </Section>
      <Section title="Failures" none="No run failed." rows={failures.length}>
        {failures.map((one) => (
          <li key={one.run_id} className="px-4 py-2.5">
            <Link to={`/runs/${one.run_id}`} className="font-medium break-words hover:underline">
              {one.title}
            </Link>
            <p className="text-sm break-words text-soft">{one.reason}</p>
          </li>
        ))}
      </Section>
      <Section title="Money" none="No model was called." rows={facts.money.models.length}>
        {facts.money.models.map((one) => (
          <li key={one.model} className="flex justify-between gap-3 px-4 py-2.5">
            <span className="figures min-w-0 truncate">{one.model}</span>
            <span className="figures">{money(one.cost_micros)}</span>
          </li>
        ))}
        {raises.map((raise) => (
          <li key={`${raise.run_id} ${raise.at}`} className="px-4 py-2.5 text-sm">
            The limit of{' '}
            <Link to={`/runs/${raise.run_id}`} className="underline">
              {raise.title}
            </Link>{' '}
            was raised by {money(raise.raised_micros)} in the night.
          </li>
        ))}
      </Section>
    </div>
  );
}

function Section({
  title,
  none,
  rows,
  aside,
  children,
}: {
  title: string;
  none: string;
  rows: number;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Card title={title} aside={aside} flush={rows > 0}>
      {rows > 0 ? <ul className="divide-y">{children}</ul> : <p className="text-sm text-muted">{none}</p>}
    </Card>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
