import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { githubConnectionStatus } from '#server/contracts/github-connection.ts';
import { githubConnected } from '#server/contracts/github-projects.ts';
import { getProject } from '#server/contracts/projects.ts';
import { ProjectGithub } from '../components/github/project-github.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { apiFor } from '../lib/api.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `GitHub · ${data?.project.name ?? 'Project'} · OmoiOS` },
];
export const handle = {
  organization: ({ project }: { project: { organization_id: string } }) => project.organization_id,
  crumbs: ({ project }: { project: { id: string; name: string } }) => [
    { label: 'Projects', to: '/projects' },
    { label: project.name, to: `/projects/${project.id}` },
    { label: 'GitHub' },
  ],
};

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const id = where.params.projectId ?? '';
  const [{ id: projectId, name, organization_id }, connected, status] = await Promise.all([
    api(getProject, { params: { id } }),
    api(githubConnected, { query: { project_id: id } }),
    api(githubConnectionStatus, {}),
  ]);
  return { project: { id: projectId, name, organization_id }, connected: connected.items[0], status };
};

export default function GithubOfProject() {
  const { project, connected, status } = useLoaderData<typeof loader>();
  return (
    <div>
      <PageTitle title="GitHub" note={project.name} />
      <ProjectGithub projectId={project.id} connected={connected} status={status} />
    </div>
  );
}
