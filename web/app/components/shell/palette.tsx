import { useNavigate } from '@remix-run/react';
import { useEffect, useId, useMemo, useState } from 'react';
import { listRuns } from '#server/contracts/runs.ts';
import { listSpecs } from '#server/contracts/specs.ts';
import { listTickets } from '#server/contracts/tickets.ts';
import { Dialog } from '../dialog.tsx';
import { TextInput } from '../field.tsx';
import { call } from '../../lib/browser-api.ts';
import { sections } from './navigation.ts';

interface Entry {
  id: string;
  kind: string;
  label: string;
  to: string;
}

const matches = (query: string) => (entry: Entry) =>
  entry.kind === 'Ticket' ||
  query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => entry.label.toLowerCase().includes(word) || entry.kind.toLowerCase().includes(word));

/** Opens sections, projects, the newest specs and runs, and any ticket by its text. */
export function Palette({
  open,
  onClose,
  projects,
}: {
  open: boolean;
  onClose: () => void;
  projects: { id: string; name: string }[];
}) {
  return (
    <Dialog open={open} onClose={onClose} title="Go to" wide>
      <PaletteSearch onClose={onClose} projects={projects} />
    </Dialog>
  );
}

function PaletteSearch({ onClose, projects }: { onClose: () => void; projects: { id: string; name: string }[] }) {
  const navigate = useNavigate();
  const list = useId();
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const found = useFound(query);
  const entries = useMemo(() => {
    const fixed: Entry[] = [
      ...sections.map(({ to, label }) => ({ id: to, kind: 'Section', label, to })),
      ...projects.map(({ id, name }) => ({ id, kind: 'Project', label: name, to: `/projects/${id}` })),
      ...projects.map(({ id, name }) => ({ id: `board-${id}`, kind: 'Board', label: name, to: `/board/${id}` })),
    ];
    return [...fixed, ...found].filter(matches(query)).slice(0, 12);
  }, [projects, found, query]);
  const chosen = Math.min(at, Math.max(0, entries.length - 1));
  const go = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    navigate(entry.to);
  };
  return (
    <>
      <TextInput
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={entries[chosen] ? `${list}-${chosen}` : undefined}
        aria-label="Search"
        placeholder="Project, spec, run, ticket"
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault();
            setAt((chosen + (event.key === 'ArrowDown' ? 1 : entries.length - 1)) % Math.max(1, entries.length));
          }
          if (event.key === 'Enter') go(entries[chosen]);
        }}
      />
      <ul id={list} role="listbox" aria-label="Results" className="mt-2 max-h-80 overflow-y-auto">
        {entries.map((entry, index) => (
          <li
            key={`${entry.kind}-${entry.id}`}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === chosen}
            onMouseMove={() => setAt(index)}
            onClick={() => go(entry)}
            className={`flex h-9 cursor-pointer items-center gap-3 rounded-md px-2 text-sm ${index === chosen ? 'bg-hover' : ''}`}
          >
            <span className="w-16 shrink-0 text-xs text-muted">{entry.kind}</span>
            <span className="truncate">{entry.label}</span>
          </li>
        ))}
      </ul>
      {entries.length === 0 && <p className="px-2 py-4 text-sm text-muted">No results.</p>}
      <p className="mt-2 hidden border-t pt-2 text-xs text-muted md:block">
        Keys: {sections.map(({ key, label }) => `g ${key} ${label}`).join(', ')}; on a run s steers, p pauses; at a gate
        a approves, r requests changes; in a review j, k, v.
      </p>
    </>
  );
}

/** Results from the API: the newest records without a query, tickets that match a query. */
function useFound(query: string): Entry[] {
  const [newest, setNewest] = useState<Entry[]>([]);
  const [tickets, setTickets] = useState<Entry[]>([]);
  useEffect(() => {
    void Promise.all([call(listSpecs, { query: { limit: 20 } }), call(listRuns, { query: { limit: 20 } })])
      .then(([specs, runs]) =>
        setNewest([
          ...specs.items.map((spec) => ({
            id: spec.id,
            kind: 'Spec',
            label: spec.title,
            to: `/projects/${spec.project_id}/specs/${spec.id}`,
          })),
          ...runs.items.map((run) => ({ id: run.id, kind: 'Run', label: run.title, to: `/runs/${run.id}` })),
        ]),
      )
      .catch(() => undefined);
  }, []);
  useEffect(() => {
    if (query.trim().length < 2) return setTickets([]);
    // The slow answer to an older query must not replace that of a newer one.
    let wanted = true;
    const timer = setTimeout(() => {
      void call(listTickets, { query: { search: query.trim(), limit: 6 } })
        .then(
          ({ items }) =>
            wanted &&
            setTickets(
              items.map((ticket) => ({
                id: ticket.id,
                kind: 'Ticket',
                label: `${ticket.key} ${ticket.title}`,
                to: `/board/${ticket.project_id}?of=tickets&open=${ticket.id}`,
              })),
            ),
        )
        .catch(() => undefined);
    }, 150);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [query]);
  return [...newest, ...tickets];
}
