import { Command } from 'cmdk';
import { useNavigate, useSubmit } from '@remix-run/react';
import { Search, SunMoon, Rows3, Keyboard, PanelLeft, LogOut, Zap } from 'lucide-react';
import { useEffect, useState, type KeyboardEvent } from 'react';
import { listRuns } from '#server/contracts/runs.ts';
import { listSpecs } from '#server/contracts/specs.ts';
import { listTickets } from '#server/contracts/tickets.ts';
import type { Answer } from '#server/contracts/client.ts';
import { call } from '../../lib/browser-api.ts';
import { usePreference } from '../../lib/use-preference.ts';
import { orderText, readOrder, verbs, type Order } from '../../lib/verbs.ts';
import { Dialog } from '../dialog.tsx';
import { pages, sections } from './navigation.ts';
import { Entry, Hint, Part } from './palette-entry.tsx';
import { VerbPreview } from './verb-preview.tsx';

/**
 * Opens sections, projects, the newest specs and runs, and any ticket by its text; and does what needs no page. An order
 * such as `steer TSK-5: use port 8020` is shown with what it would change before it is done.
 */
export default function Palette({
  onClose,
  onHelp,
  projects,
}: {
  onClose: () => void;
  onHelp: () => void;
  projects: { id: string; name: string }[];
}) {
  const navigate = useNavigate();
  const [query, setQuery] = useState('');
  const { specs, runs } = useNewest();
  const tickets = useTickets(query);
  const actions = useActions(onHelp);
  const [order, setOrder] = useState<Order>();
  const typed = readOrder(query);
  const go = (to: string) => () => {
    onClose();
    navigate(to);
  };
  return (
    <Dialog open onClose={onClose} title="Search and commands" wide bare>
      {order && <VerbPreview order={order} onBack={() => setOrder(undefined)} onDone={onClose} />}
      {!order && (
        <Command label="Search" loop onKeyDown={openFirst}>
          <div className="flex items-center gap-2 border-b px-4">
            <Search aria-hidden className="size-4 shrink-0 text-muted" />
            <Command.Input
              autoFocus
              value={query}
              onValueChange={setQuery}
              placeholder="Project, spec, run, ticket or command such as: steer TSK-5: use port 8020"
              className="h-12 min-w-0 flex-1 bg-transparent text-base outline-none"
            />
          </div>
          <Command.List label="Results" className="max-h-[min(24rem,60vh)] overflow-y-auto p-2">
            <Command.Empty className="px-2 py-6 text-center text-sm text-muted">No results.</Command.Empty>
            {typed && (
              <Part title="Do">
                {'missing' in typed ? (
                  <Hint text={typed.missing} query={query} />
                ) : (
                  <Entry id="order" label={orderText(typed)} also={query} icon={Zap} onSelect={() => setOrder(typed)} />
                )}
              </Part>
            )}
            <Part title="Go to">
              {sections.map(({ to, label, icon, key }) => (
                <Entry key={to} id={to} label={label} icon={icon} keys={['g', key]} onSelect={go(to)} />
              ))}
              {pages.map(({ to, label, icon }) => (
                <Entry key={to} id={to} label={label} icon={icon} onSelect={go(to)} />
              ))}
            </Part>
            <Part title="Tickets">
              {tickets.map((ticket) => (
                <Entry
                  key={ticket.id}
                  id={ticket.id}
                  label={`${ticket.key} ${ticket.title}`}
                  // The API found it by texts that are not all in its title.
                  also={query}
                  status={ticket.status}
                  onSelect={go(`/board/${ticket.project_id}?of=tickets&open=${ticket.id}`)}
                />
              ))}
            </Part>
            <Part title="Specs">
              {specs.map((spec) => (
                <Entry
                  key={spec.id}
                  id={spec.id}
                  label={spec.title}
                  status={spec.status}
                  onSelect={go(`/projects/${spec.project_id}/specs/${spec.id}`)}
                />
              ))}
            </Part>
            <Part title="Runs">
              {runs.map((run) => (
                <Entry
                  key={run.id}
                  id={run.id}
                  label={run.title}
                  status={run.status}
                  onSelect={go(`/runs/${run.id}`)}
                />
              ))}
            </Part>
            <Part title="Projects">
              {projects.map(({ id, name }) => (
                <Entry key={id} id={id} label={name} onSelect={go(`/projects/${id}`)} />
              ))}
              {projects.map(({ id, name }) => (
                <Entry key={id} id={`board-${id}`} label={`Board of ${name}`} onSelect={go(`/board/${id}`)} />
              ))}
            </Part>
            <Part title="Commands">
              {verbs.map((verb) => (
                <Entry
                  key={verb.name}
                  id={`verb-${verb.name}`}
                  label={verb.does}
                  also={verb.name}
                  icon={Zap}
                  aside={verb.example}
                  onSelect={() => setQuery(verb.example)}
                />
              ))}
              {actions.map((action) => (
                <Entry
                  key={action.label}
                  id={action.label}
                  {...action}
                  onSelect={() => {
                    onClose();
                    action.act();
                  }}
                />
              ))}
            </Part>
          </Command.List>
        </Command>
      )}
    </Dialog>
  );
}

/** Enter opens the first result also in the moment after a letter, in which cmdk has none selected and would drop it. */
function openFirst(event: KeyboardEvent<HTMLElement>) {
  if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
  if (event.currentTarget.querySelector('[cmdk-item][aria-selected=true]')) return;
  event.preventDefault();
  event.currentTarget.querySelector<HTMLElement>('[cmdk-item]:not([aria-disabled=true])')?.click();
}

/** Commands that need no page of their own. */
function useActions(onHelp: () => void) {
  const [theme, setTheme] = usePreference('theme');
  const [density, setDensity] = usePreference('density');
  const [panel, setPanel] = usePreference('panel');
  const submit = useSubmit();
  const dark = theme === 'dark' || (theme === 'system' && window.matchMedia('(prefers-color-scheme: dark)').matches);
  return [
    { label: dark ? 'Light theme' : 'Dark theme', icon: SunMoon, act: () => setTheme(dark ? 'light' : 'dark') },
    {
      label: density === 'compact' ? 'Comfortable lists' : 'Compact lists',
      icon: Rows3,
      act: () => setDensity(density === 'compact' ? 'comfortable' : 'compact'),
    },
    {
      label: panel === 'open' ? 'Close the panel' : 'Open the panel',
      icon: PanelLeft,
      act: () => setPanel(panel === 'open' ? 'closed' : 'open'),
    },
    { label: 'Keyboard shortcuts', icon: Keyboard, keys: ['?'], act: onHelp },
    { label: 'Sign out', icon: LogOut, act: () => void submit(null, { method: 'post', action: '/sign-out' }) },
  ] as const;
}

/** The newest specs and runs. */
function useNewest() {
  const [newest, setNewest] = useState<{
    specs: Answer<typeof listSpecs>['items'];
    runs: Answer<typeof listRuns>['items'];
  }>({ specs: [], runs: [] });
  useEffect(() => {
    void Promise.all([call(listSpecs, { query: { limit: 20 } }), call(listRuns, { query: { limit: 20 } })])
      .then(([specs, runs]) => setNewest({ specs: specs.items, runs: runs.items }))
      .catch(() => undefined);
  }, []);
  return newest;
}

/** Tickets that match the query, from the API. */
function useTickets(query: string) {
  const [tickets, setTickets] = useState<Answer<typeof listTickets>['items']>([]);
  useEffect(() => {
    if (query.trim().length < 2) return setTickets([]);
    // The slow answer to an older query must not replace that of a newer one.
    let wanted = true;
    const timer = setTimeout(() => {
      void call(listTickets, { query: { search: query.trim(), limit: 6 } })
        .then(({ items }) => wanted && setTickets(items))
        .catch(() => undefined);
    }, 150);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [query]);
  return tickets;
}
