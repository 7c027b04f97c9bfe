import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { useState } from 'react';
import { listPhases } from '#server/contracts/board-phases.ts';
import { getProject } from '#server/contracts/projects.ts';
import { Badge } from '../components/badge.tsx';
import { Button, ButtonLink } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { Fold } from '../components/fold.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { PhaseForm } from '../components/project/phase-form.tsx';
import { apiFor } from '../lib/api.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `Phases · ${data?.name ?? 'Project'} · OmoiOS` },
];
export const handle = {
  organization: ({ organization_id: id }: { organization_id: string }) => id,
  crumbs: ({ id, name }: { id: string; name: string }) => [
    { label: 'Projects', to: '/projects' },
    { label: name, to: `/projects/${id}` },
    { label: 'Settings', to: `/projects/${id}/settings` },
    { label: 'Phases' },
  ],
};

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const project_id = where.params.projectId ?? '';
  const { id, name, organization_id } = await api(getProject, { params: { id: project_id } });
  const { phases } = await api(listPhases, { query: { project_id } });
  return { id, name, organization_id, phases };
};

/** The phases of a project's tickets: what each asks for, and where its tickets go on to. */
export default function Phases() {
  const { id, name, phases } = useLoaderData<typeof loader>();
  const [adding, setAdding] = useState(false);
  return (
    <div className="space-y-4">
      <PageTitle title="Phases" note={name}>
        <ButtonLink to={`/projects/${id}/settings`}>Settings</ButtonLink>
      </PageTitle>
      <Card title="Phases of tickets" flush>
        <ul className="divide-y">
          {phases.map((phase) => (
            <li key={phase.id}>
              <Fold
                summaryClass="cursor-pointer px-4 py-3 text-sm"
                summary={
                  <span className="inline-flex flex-wrap items-center gap-2">
                    <span className="font-medium">{phase.name}</span>
                    {phase.own && <Badge>own</Badge>}
                    <span className="figures text-xs text-muted">{phase.id}</span>
                  </span>
                }
              >
                {() => (
                  <div className="px-4 pb-4">
                    <PhaseForm key={JSON.stringify(phase)} projectId={id} phases={phases} phase={phase} />
                  </div>
                )}
              </Fold>
            </li>
          ))}
        </ul>
      </Card>
      {adding ? (
        <Card title="New phase">
          <PhaseForm projectId={id} phases={phases} onSaved={() => setAdding(false)} />
        </Card>
      ) : (
        <Button onClick={() => setAdding(true)}>Add a phase</Button>
      )}
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
