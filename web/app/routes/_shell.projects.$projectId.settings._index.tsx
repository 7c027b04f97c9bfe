import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { getProject } from '#server/contracts/projects.ts';
import { ButtonLink } from '../components/button.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { BoardSettings, boardSettingsOf } from '../components/project/board-settings.tsx';
import { WorkSettings, workSettingsOf } from '../components/project/work-settings.tsx';
import { apiFor } from '../lib/api.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `Settings · ${data?.name ?? 'Project'} · OmoiOS` },
];
export const handle = {
  organization: ({ organization_id: id }: { organization_id: string }) => id,
  crumbs: ({ id, name }: { id: string; name: string }) => [
    { label: 'Projects', to: '/projects' },
    { label: name, to: `/projects/${id}` },
    { label: 'Settings' },
  ],
};

export const loader = async (where: LoaderFunctionArgs) => {
  const { id, name, organization_id, settings } = await apiFor(where)(getProject, {
    params: { id: where.params.projectId ?? '' },
  });
  return { id, name, organization_id, settings: workSettingsOf(settings), board: boardSettingsOf(settings) };
};

/** How the work on a project is carried out. */
export default function ProjectSettings() {
  const { id, name, settings, board } = useLoaderData<typeof loader>();
  return (
    <div>
      <PageTitle title="Settings" note={name}>
        <ButtonLink to={`/projects/${id}/settings/phases`}>Phases</ButtonLink>
        <ButtonLink to={`/projects/${id}/settings/github`}>GitHub</ButtonLink>
      </PageTitle>
      <div className="space-y-4">
        <WorkSettings key={id} projectId={id} settings={settings} />
        <BoardSettings key={`board ${id}`} projectId={id} settings={board} />
      </div>
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
