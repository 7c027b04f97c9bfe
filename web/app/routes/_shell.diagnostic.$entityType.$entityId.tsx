import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { reasoningChain } from '#server/contracts/reasoning.ts';
import { reasonedEntities, reasoningTypes } from '#workflows/domain/reasoning.ts';
import { Card, Empty } from '../components/card.tsx';
import { FilterLinks } from '../components/filter-links.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { ReasoningStep, stepName } from '../components/reasoning/step.tsx';
import { apiFor } from '../lib/api.server.ts';
import { useRefreshWhile } from '../lib/live.tsx';

export const meta: MetaFunction = () => [{ title: 'Why · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Why' }] };

export const loader = async (where: LoaderFunctionArgs) => {
  const entity_type = reasonedEntities.find((one) => one === where.params.entityType);
  if (!entity_type) throw new Response('There are no reasons of such a thing.', { status: 404 });
  const event_type = reasoningTypes.find((one) => one === new URL(where.request.url).searchParams.get('type'));
  return apiFor(where)(reasoningChain, {
    params: { entity_type, id: where.params.entityId ?? '' },
    query: { event_type, limit: 1000 },
  }).then((chain) => ({ ...chain, event_type }));
};

/** Why work is as it is: what was found, decided, changed and blocked, from its records alone. */
export default function Why() {
  const { entity_type, events, stats, event_type } = useLoaderData<typeof loader>();
  useRefreshWhile(true);
  const types = reasoningTypes.filter((type) => stats.by_type[type]);
  return (
    <div className="space-y-4">
      <PageTitle
        title={`Why this ${entity_type} is as it is`}
        note="From records alone, the newest step first. Each step leads to what shows it."
      />
      <FilterLinks
        name="type"
        label="Steps"
        chosen={event_type ?? ''}
        options={[
          { value: '', label: `All ${stats.total}` },
          ...types.map((value) => ({ value, label: `${stepName(value)} ${stats.by_type[value]}` })),
        ]}
      />
      <Card flush>
        {events.length === 0 ? (
          <Empty title="Nothing has happened yet" />
        ) : (
          <ol className="px-4 py-3" aria-label="Steps">
            {[...events].reverse().map((step, at) => (
              <ReasoningStep key={step.event_id ?? `${step.timestamp} ${step.type} ${at}`} step={step} />
            ))}
          </ol>
        )}
      </Card>
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
