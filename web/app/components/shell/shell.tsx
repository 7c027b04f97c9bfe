import { Form, Link, NavLink, useNavigation } from '@remix-run/react';
import { LogOut, Search } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { IconButton } from '../button.tsx';
import { Dot } from '../badge.tsx';
import { plural } from '../../lib/format.ts';
import { useRefreshOn } from '../../lib/live.tsx';
import { Breadcrumbs } from './breadcrumbs.tsx';
import { ConnectionStatus } from './connection-status.tsx';
import { Mark } from './mark.tsx';
import { sections, type Section } from './navigation.ts';
import { OrganizationSwitch } from './organization-switch.tsx';
import { Palette } from './palette.tsx';
import { ThemeSwitch } from './theme-switch.tsx';
import { useShortcuts } from './use-shortcuts.ts';

export interface ShellProps {
  me: { email: string; full_name: string | null; organizations: { id: string; name: string }[] };
  organization: { id: string; name: string };
  runs: { active: number; waiting: number };
  waiting: number;
  projects: { id: string; name: string }[];
  more_projects: boolean;
  /** The shortest time between two refreshes of the counts, in milliseconds. */
  refreshMs: number;
  children: ReactNode;
}

const counted =
  /^(run\.(created|started|status_changed|ended)|spec\.(created|status_changed|gate_)|pull_request\.|ticket\.review|question\.|project\.)/;

/**
 * The frame of every page: sections at the left (at the bottom on a phone), a bar with breadcrumbs and status, the
 * page.
 */
export function Shell({
  me,
  organization,
  runs,
  waiting,
  projects,
  more_projects: moreProjects,
  refreshMs,
  children,
}: ShellProps) {
  const [palette, setPalette] = useState(false);
  const navigating = useNavigation().state === 'loading';
  useRefreshOn((event) => counted.test(event.type), refreshMs);
  useShortcuts(() => setPalette(true));
  return (
    <div className="min-h-dvh md:grid md:grid-cols-[14rem_minmax(0,1fr)]">
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-ink px-3 py-2 text-sm text-on-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to content
      </a>
      <aside className="sticky top-0 hidden h-dvh flex-col border-r bg-side md:flex">
        <div className="flex h-12 items-center gap-2.5 px-4">
          <Link to="/command" className="flex items-center gap-2.5 text-sm font-semibold -outline-offset-2">
            <Mark /> OmoiOS
          </Link>
          <OrganizationSwitch chosen={organization} organizations={me.organizations} />
        </div>
        <nav aria-label="Sections" className="flex flex-col gap-0.5 px-2 py-2">
          {sections.map((section) => (
            <SectionLink key={section.to} section={section} count={section.to === '/command' ? waiting : undefined} />
          ))}
        </nav>
        <nav aria-label="Projects" className="min-h-0 flex-1 overflow-y-auto px-2 py-2">
          <p className="px-2 pb-1 text-xs font-medium text-muted">Projects</p>
          {projects.map((project) => (
            <NavLink
              key={project.id}
              to={`/projects/${project.id}`}
              className={({ isActive }) =>
                `block truncate rounded-md px-2 py-1 text-sm ${isActive ? 'bg-hover font-medium' : 'text-soft hover:bg-hover'}`
              }
            >
              {project.name}
            </NavLink>
          ))}
          {projects.length === 0 && <p className="px-2 text-xs text-muted">None yet</p>}
          {moreProjects && (
            <Link to="/projects" className="block rounded-md px-2 py-1 text-xs text-muted hover:bg-hover">
              All projects
            </Link>
          )}
        </nav>
        <div className="flex items-center gap-1 border-t p-2">
          <span className="min-w-0 flex-1 truncate px-2 text-xs text-muted" title={me.email}>
            {me.full_name ?? me.email}
          </span>
          <ThemeSwitch />
          <Form method="post" action="/sign-out">
            <IconButton type="submit" label="Sign out">
              <LogOut aria-hidden className="size-4" />
            </IconButton>
          </Form>
        </div>
      </aside>
      <div className="flex min-w-0 flex-col pb-14 md:pb-0">
        <header className="sticky top-0 z-20 flex h-12 items-center justify-between gap-3 border-b bg-ground/95 px-3 backdrop-blur md:px-6">
          {navigating && (
            <div aria-hidden className="absolute inset-x-0 -bottom-px h-0.5 animate-working bg-gold-deep" />
          )}
          <div className="flex min-w-0 items-center gap-2">
            <Link to="/command" aria-label="Start page" className="md:hidden">
              <Mark />
            </Link>
            {me.organizations.length > 1 && (
              <span className="max-w-28 md:hidden">
                <OrganizationSwitch chosen={organization} organizations={me.organizations} />
              </span>
            )}
            <Breadcrumbs />
          </div>
          <div className="flex shrink-0 items-center gap-1 sm:gap-2">
            <RunsNow active={runs.active} waiting={runs.waiting} />
            <ConnectionStatus />
            <IconButton label="Search and commands (Control or Command K)" onClick={() => setPalette(true)}>
              <Search aria-hidden className="size-4" />
            </IconButton>
            <span className="md:hidden">
              <ThemeSwitch />
            </span>
          </div>
        </header>
        <main
          id="content"
          tabIndex={-1}
          className="mx-auto w-full max-w-[90rem] min-w-0 flex-1 px-3 py-5 outline-none md:px-6"
        >
          {children}
        </main>
      </div>
      <nav
        aria-label="Sections"
        className="fixed inset-x-0 bottom-0 z-20 grid h-14 grid-cols-5 border-t bg-side md:hidden"
      >
        {sections.map((section) => (
          <TabLink key={section.to} section={section} />
        ))}
      </nav>
      <Palette open={palette} onClose={() => setPalette(false)} projects={projects} />
    </div>
  );
}

function SectionLink({ section: { to, label, icon: Icon, key }, count }: { section: Section; count?: number }) {
  return (
    <NavLink
      to={to}
      title={`${label} (g ${key})`}
      className={({ isActive }) =>
        `flex h-8 items-center gap-2.5 rounded-md px-2 text-sm ${isActive ? 'bg-hover font-medium' : 'text-soft hover:bg-hover'}`
      }
    >
      <Icon aria-hidden className="size-4 text-muted" />
      <span className="flex-1">{label}</span>
      {count ? (
        <span
          className="figures rounded-sm bg-warn-soft px-1.5 text-2xs text-warn"
          title={`${plural(count, 'item')} waiting for you`}
        >
          {count}
          <span className="sr-only"> waiting for you</span>
        </span>
      ) : null}
    </NavLink>
  );
}

function TabLink({ section: { to, label, icon: Icon } }: { section: Section }) {
  return (
    <NavLink
      to={to}
      className={({ isActive }) =>
        `flex flex-col items-center justify-center gap-0.5 text-2xs -outline-offset-2 ${isActive ? 'font-medium text-text' : 'text-muted'}`
      }
    >
      <Icon aria-hidden className="size-4.5" />
      {label === 'Pull requests' ? 'Pulls' : label}
    </NavLink>
  );
}

function RunsNow({ active, waiting }: { active: number; waiting: number }) {
  const summary = `${plural(active, 'run')} working${waiting > 0 ? `, ${waiting} waiting` : ''}`;
  return (
    <Link
      to="/runs"
      title={summary}
      className="hidden h-6 items-center gap-1.5 rounded-md px-1.5 text-xs text-muted hover:bg-hover sm:inline-flex"
    >
      <Dot tone={active > 0 ? 'working' : 'neutral'} pulse={active > 0} />
      {summary}
    </Link>
  );
}
