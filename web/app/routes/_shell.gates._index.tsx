import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { gateKinds, listGates } from '#server/contracts/gate-queue.ts';
import { listProjects } from '#server/contracts/projects.ts';
import { Card, Empty } from '../components/card.tsx';
import { FilterLinks } from '../components/filter-links.tsx';
import { GateRow } from '../components/gate/gate-row.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { apiFor } from '../lib/api.server.ts';
import { useRefreshOn } from '../lib/live.tsx';

export const meta: MetaFunction = () => [{ title: 'Gates · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Inbox', to: '/inbox' }, { label: 'Gates' }] };

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const asked = new URL(where.request.url).searchParams.get('kind');
  const [{ items }, projects] = await Promise.all([
    api(listGates, { query: {} }),
    api(listProjects, { query: { limit: 200 } }),
  ]);
  return {
    gates: items,
    kind: gateKinds.find((kind) => kind === asked) ?? '',
    projects: Object.fromEntries(projects.items.map(({ id, name }) => [id, name])),
  };
};

const labels = { phase: 'Plans', approval: 'Approvals', ticket: 'Tickets' } as const;
const listed = /^(spec\.|ticket\.|task\.|project\.)/;

export default function Gates() {
  const { gates, kind, projects } = useLoaderData<typeof loader>();
  useRefreshOn((event) => listed.test(event.type));
  const shown = gates.filter((gate) => kind === '' || gate.kind === kind);
  return (
    <div className="mx-auto max-w-4xl space-y-4">
      <PageTitle title="Gates" note="Points where work waits for a decision, by what they hold up." />
      <FilterLinks
        name="kind"
        label="Kind of gate"
        chosen={kind}
        options={[
          { value: '', label: 'All', count: gates.length },
          ...gateKinds.map((value) => ({
            value,
            label: labels[value],
            count: gates.filter((gate) => gate.kind === value).length,
          })),
        ]}
      />
      {shown.length === 0 ? (
        <Empty title="No gate waits">Phases of plans, approvals and tickets come here when they need a person.</Empty>
      ) : (
        <Card flush>
          <ul className="divide-y">
            {shown.map((gate) => (
              <GateRow key={gate.id} gate={gate} project={projects[gate.project_id] ?? ''} />
            ))}
          </ul>
        </Card>
      )}
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
