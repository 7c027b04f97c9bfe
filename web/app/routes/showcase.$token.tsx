import { data, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { showcase } from '#server/contracts/spec-life.ts';
import { StatusBadge } from '../components/badge.tsx';
import { Card, Notice, Stat } from '../components/card.tsx';
import { Progress } from '../components/progress.tsx';
import { Mark } from '../components/shell/mark.tsx';
import { TextLink } from '../components/text-link.tsx';
import { tryCall } from '../lib/entrance.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data: page }) => [
  { title: `${page?.spec?.title ?? 'Shared spec'} · OmoiOS` },
  { name: 'robots', content: 'noindex' },
];

export const loader = async (where: LoaderFunctionArgs) => {
  const { answer, refused } = await tryCall(where, showcase, { params: { token: where.params.token ?? '' } });
  return data(
    { spec: answer ?? null, problem: refused?.problem ?? null },
    { status: refused?.status ?? 200, headers: { 'referrer-policy': 'no-referrer' } },
  );
};

/** What a shared spec shows to everybody who has its link. */
export default function Showcase() {
  const { spec, problem } = useLoaderData<typeof loader>();
  return (
    <main className="min-h-dvh bg-side px-4 py-10">
      <div className="mx-auto max-w-2xl space-y-4">
        <Mark className="size-8" />
        {spec ? (
          <>
            <header>
              <p className="text-xs text-muted">{spec.project_name}</p>
              <h1 className="mt-1 flex flex-wrap items-center gap-3 text-xl font-semibold break-words">
                {spec.title} <StatusBadge status={spec.status} />
              </h1>
            </header>
            <Card>
              <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
                <Stat name="Requirements">
                  <span className="figures">{spec.stats.requirement_count}</span>
                </Stat>
                <Stat name="Tasks done">
                  <span className="figures">
                    {spec.stats.tasks_completed} of {spec.stats.task_count}
                  </span>
                </Stat>
                <Stat name="Views">
                  <span className="figures">{spec.share_view_count}</span>
                </Stat>
                {spec.pull_request && (
                  <Stat name="Pull request">
                    <TextLink to={spec.pull_request.url}>#{spec.pull_request.number}</TextLink>{' '}
                    <StatusBadge status={spec.pull_request.state} />
                  </Stat>
                )}
              </dl>
              {spec.stats.task_count > 0 && (
                <div className="mt-4">
                  <Progress label="Tasks done" share={spec.stats.tasks_completed / spec.stats.task_count} />
                </div>
              )}
            </Card>
            <Card title="Description">
              <p className="text-sm break-words whitespace-pre-wrap">{spec.description}</p>
            </Card>
          </>
        ) : (
          <>
            <h1 className="text-xl font-semibold">Shared spec</h1>
            <Notice tone="bad">{problem} The link may have been ended by whoever shared it.</Notice>
          </>
        )}
      </div>
    </main>
  );
}
