import { Link, NavLink, useMatches, useLocation } from '@remix-run/react';
import { PanelLeftClose, PanelLeftOpen } from 'lucide-react';
import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { listSpecs } from '#server/contracts/specs.ts';
import type { Answer } from '#server/contracts/client.ts';
import { call } from '../../lib/browser-api.ts';
import { useEvents } from '../../lib/live.tsx';
import { StatusIcon } from '../badge.tsx';
import { IconButton } from '../button.tsx';
import { Skeleton } from '../skeleton.tsx';
import { pages } from './navigation.ts';
import { OrganizationName } from './organization-name.tsx';
import type { ShellData } from './shell.tsx';

/** Beside the page on a wide window. Closed, it leaves the button that opens it. */
export function Panel({ shell, open, onToggle }: { shell: ShellData; open: boolean; onToggle: () => void }) {
  if (!open)
    return (
      <div className="sticky top-0 hidden h-dvh w-10 flex-col items-center border-r bg-side pt-2 lg:flex">
        <IconButton label="Open the panel (Ctrl B)" side="right" onClick={onToggle}>
          <PanelLeftOpen aria-hidden className="size-4" />
        </IconButton>
      </div>
    );
  return (
    <aside aria-label="Panel" className="sticky top-0 hidden h-dvh w-64 flex-col border-r bg-side lg:flex">
      <PanelContent shell={shell} onClose={onToggle} />
    </aside>
  );
}

/** What goes with the page: the newest runs, or the projects with the parts of the current one. */
export function PanelContent({ shell, onClose }: { shell: ShellData; onClose: () => void }) {
  const { pathname } = useLocation();
  return (
    <>
      <div className="flex h-12 shrink-0 items-center justify-between gap-2 pr-2 pl-4">
        <OrganizationName chosen={shell.organization} organizations={shell.me.organizations} />
        <IconButton label="Close the panel (Ctrl B)" side="bottom" onClick={onClose}>
          <PanelLeftClose aria-hidden className="size-4" />
        </IconButton>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-4">
        {/^\/(command|runs)/.test(pathname) ? <Runs shell={shell} /> : <Projects shell={shell} />}
      </div>
    </>
  );
}

const Group = ({ title, children }: { title: string; children: ReactNode }) => (
  <section aria-label={title} className="mt-3 first:mt-1">
    <h2 className="px-2 pb-1 text-xs font-medium text-muted">{title}</h2>
    {children}
  </section>
);

const row = (on: boolean, extra = '') =>
  `flex min-h-7 items-center gap-2 rounded-md px-2 text-sm -outline-offset-2 pointer-coarse:min-h-11 ${on ? 'bg-subtle font-medium text-text' : 'text-soft hover:bg-hover'} ${extra}`;

const PanelLink = ({ to, children, indent = false }: { to: string; children: ReactNode; indent?: boolean }) => {
  const { pathname, search } = useLocation();
  const [path, query = ''] = to.split('?');
  const on = pathname === path && (query === '' ? !search.includes('tab=') : search.includes(query));
  return (
    <Link to={to} aria-current={on ? 'page' : undefined} className={row(on, indent ? 'pl-5' : '')}>
      {children}
    </Link>
  );
};

const groups = [
  { title: 'Waiting', statuses: ['waiting', 'paused'] },
  { title: 'Working', statuses: ['running', 'pending'] },
  { title: 'Finished', statuses: ['completed', 'failed', 'cancelled'] },
];

function Runs({ shell: { recent_runs: runs } }: { shell: ShellData }) {
  if (runs.length === 0) return <p className="px-2 pt-1 text-xs text-muted">No runs yet</p>;
  return (
    <>
      {groups.map(({ title, statuses }) => {
        const own = runs.filter((run) => statuses.includes(run.status)).slice(0, 12);
        if (own.length === 0) return null;
        return (
          <Group key={title} title={title}>
            {own.map((run) => (
              <NavLink
                key={run.id}
                to={`/runs/${run.id}`}
                className={({ isActive }) => row(isActive)}
                title={run.title}
              >
                <StatusIcon status={run.status} className="size-3.5" />
                <span className="truncate">{run.title}</span>
              </NavLink>
            ))}
          </Group>
        );
      })}
      <Link to="/runs" className={row(false, 'mt-2 text-xs text-muted')}>
        All runs
      </Link>
    </>
  );
}

/** The project of the page: its own address names it, else the record that the page shows. */
function useProject(): string | undefined {
  for (const { params, data } of useMatches().reverse()) {
    if (params.projectId) return params.projectId === 'all' ? undefined : params.projectId;
    const project = (data as { project?: { id?: string } } | undefined)?.project;
    if (project?.id) return project.id;
  }
  return undefined;
}

function Projects({ shell: { projects, more_projects: more } }: { shell: ShellData }) {
  const current = useProject();
  return (
    <>
      <Group title="Projects">
        {projects.length === 0 && <p className="px-2 text-xs text-muted">None yet</p>}
        {projects.map((project) => (
          <div key={project.id}>
            <PanelLink to={`/projects/${project.id}`}>
              <span className="truncate">{project.name}</span>
            </PanelLink>
            {project.id === current && <ProjectParts id={project.id} />}
          </div>
        ))}
        {more && (
          <Link to="/projects" className={row(false, 'text-xs text-muted')}>
            All projects
          </Link>
        )}
      </Group>
      <Group title="Organization">
        {pages.map(({ to, label }) => (
          <PanelLink key={to} to={to}>
            {label}
          </PanelLink>
        ))}
      </Group>
    </>
  );
}

function ProjectParts({ id }: { id: string }) {
  const [specs, setSpecs] = useState<Answer<typeof listSpecs>['items']>();
  const read = useCallback(() => {
    void call(listSpecs, { query: { project_id: id, limit: 10 } }).then(
      ({ items }) => setSpecs(items),
      () => setSpecs((known) => known ?? []),
    );
  }, [id]);
  useEffect(read, [read]);
  useEvents((event) => {
    if (event.project_id === id && /^spec\.(created|status_changed|gate_)/.test(event.type)) read();
  });
  return (
    <div className="mb-2">
      <PanelLink to={`/projects/${id}/specs`} indent>
        Specs
      </PanelLink>
      <PanelLink to={`/projects/${id}/explore`} indent>
        Explore
      </PanelLink>
      <PanelLink to={`/graph/${id}`} indent>
        Dependencies
      </PanelLink>
      <PanelLink to={`/board/${id}`} indent>
        Board
      </PanelLink>
      {!specs && <Skeleton rows={2} label="Loading specs" />}
      {specs?.map((spec) => (
        <NavLink
          key={spec.id}
          to={`/projects/${id}/specs/${spec.id}`}
          title={spec.title}
          className={({ isActive }) => row(isActive, 'pl-5')}
        >
          <StatusIcon status={spec.status} className="size-3.5" />
          <span className="truncate">{spec.title}</span>
        </NavLink>
      ))}
    </div>
  );
}
