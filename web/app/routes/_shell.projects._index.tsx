import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { useCallback } from 'react';
import { listProjects } from '#server/contracts/projects.ts';
import { Card, Empty } from '../components/card.tsx';
import { MoreButton } from '../components/more-button.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { NewProject } from '../components/project/new-project.tsx';
import { ProjectRow } from '../components/project/project-row.tsx';
import { apiFor } from '../lib/api.server.ts';
import { call } from '../lib/browser-api.ts';
import { useRefreshOn } from '../lib/live.tsx';
import { useMore } from '../lib/use-more.ts';

export const meta: MetaFunction = () => [{ title: 'Projects · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Projects' }] };
export const loader = async (where: LoaderFunctionArgs) => apiFor(where)(listProjects, {});

export default function Projects() {
  const first = useLoaderData<typeof loader>();
  useRefreshOn((event) => event.type.startsWith('project.'));
  const list = useMore(
    first,
    useCallback((cursor: string) => call(listProjects, { query: { cursor } }), []),
    '',
  );
  return (
    <div className="mx-auto max-w-4xl">
      <PageTitle
        title="Projects"
        note="A project uses a Git repository. Agents work on their own branches; your checkout is never changed."
      >
        <NewProject />
      </PageTitle>
      <Card flush>
        {list.items.length === 0 ? (
          <Empty title="No projects yet">Add a repository, or launch a feature on one from the command page.</Empty>
        ) : (
          <ul className="divide-y">
            {list.items.map((project) => (
              <li key={project.id}>
                <ProjectRow project={project} />
              </li>
            ))}
          </ul>
        )}
        <MoreButton list={list} />
      </Card>
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
