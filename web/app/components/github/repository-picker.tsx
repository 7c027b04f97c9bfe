import { useLocation } from '@remix-run/react';
import { Lock } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { z } from 'zod';
import type { ApiError } from '#server/contracts/client.ts';
import type { githubConnectionStatus } from '#server/contracts/github-connection.ts';
import { githubRepositories, type githubRepository } from '#server/contracts/github-repositories.ts';
import { call } from '../../lib/browser-api.ts';
import { useAnswer } from '../../lib/use-answer.ts';
import { useMore } from '../../lib/use-more.ts';
import { Badge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { Empty, Notice } from '../card.tsx';
import { Field, TextInput } from '../field.tsx';
import { MoreButton } from '../more-button.tsx';
import { Skeleton } from '../skeleton.tsx';
import { Ago } from '../time.tsx';
import { ConnectGithub } from './connect-github.tsx';

export type Repository = z.output<typeof githubRepository>;
type Status = z.output<(typeof githubConnectionStatus)['response']>;

/** Where the repository of a project may come from. */
export const repositorySources = [
  { value: 'github', label: 'GitHub' },
  { value: 'address', label: 'Address or folder' },
] as const;

/** Waits until typing has paused, since each search may be several requests at GitHub. */
const pauseMs = 300;
const rows = 30;

interface Picks {
  /** The project for which it is chosen, once it exists. */
  projectId?: string;
  chosen: Repository | undefined;
  onChoose: (repository: Repository) => void;
}

/** Finds a repository of the viewer's connection to GitHub. Those that a project has already cannot be chosen. */
export function RepositoryPicker({ status, ...picks }: { status: Status } & Picks) {
  const { pathname, search } = useLocation();
  if (!status.connected)
    return (
      <div className="space-y-3 rounded-md border p-4 text-sm">
        <p>
          Connect your account at GitHub to choose from your repositories. Agents push branches and open pull requests.
        </p>
        <ConnectGithub to={`${pathname}${search}`} />
      </div>
    );
  return <Search login={status.login ?? ''} {...picks} />;
}

function Search({ login, ...picks }: { login: string } & Picks) {
  const [typed, setTyped] = useState('');
  const [query, setQuery] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setQuery(typed.trim()), pauseMs);
    return () => clearTimeout(timer);
  }, [typed]);
  const { answer, error, reload } = useAnswer(githubRepositories, { query: { query, limit: rows } });
  return (
    <div className="space-y-2">
      <Field label="Search repositories" hint={`Those that ${login} may read at GitHub, the last pushed first.`}>
        <TextInput type="search" value={typed} autoFocus onChange={(event) => setTyped(event.target.value)} />
      </Field>
      {error ? (
        <Problem error={error} onRetry={reload} />
      ) : answer ? (
        <Found key={query} query={query} page={answer} {...picks} />
      ) : (
        <Skeleton label="Loading repositories" />
      )}
    </div>
  );
}

function Problem({ error, onRetry }: { error: ApiError; onRetry: () => Promise<void> }) {
  const { pathname, search } = useLocation();
  const { reason } = (error.details ?? {}) as { reason?: unknown };
  return (
    <Notice tone="bad">
      <p className="mb-2">{error.message}</p>
      {reason === 'reconnect' ? (
        <ConnectGithub again to={`${pathname}${search}`} />
      ) : (
        <Button size="sm" onClick={() => void onRetry()}>
          Try again
        </Button>
      )}
    </Notice>
  );
}

type Page = z.output<(typeof githubRepositories)['response']>;

function Found({ query, page, chosen, onChoose, projectId }: { query: string; page: Page } & Picks) {
  const identified = ({ items, next_cursor }: Page) => ({
    items: items.map((item) => ({ ...item, id: item.full_name })),
    next_cursor,
  });
  const list = useMore(
    identified(page),
    async (cursor) => identified(await call(githubRepositories, { query: { query, limit: rows, cursor } })),
    page,
  );
  if (list.items.length === 0 && !list.more)
    return (
      <Empty title={query ? `No repository is called "${query}"` : 'Your account shows no repositories'}>
        {query
          ? 'Search for a part of its name, or of its owner.'
          : 'An organization at GitHub may have to allow OmoiOS first. Create a repository there, or use an address.'}
      </Empty>
    );
  return (
    <fieldset className="max-h-72 overflow-y-auto rounded-md border">
      <legend className="sr-only">Repositories</legend>
      <ul className="divide-y">
        {list.items.map((repository) => (
          <li key={repository.id}>
            <Row
              repository={repository}
              checked={chosen?.full_name === repository.full_name}
              onChoose={onChoose}
              projectId={projectId}
            />
          </li>
        ))}
      </ul>
      <MoreButton list={list} />
    </fieldset>
  );
}

function Row({
  repository,
  checked,
  onChoose,
  projectId,
}: {
  repository: Repository;
  checked: boolean;
  onChoose: (repository: Repository) => void;
  projectId?: string;
}) {
  const { full_name: name, private: isPrivate, language, stars, pushed_at: pushed, project, description } = repository;
  const because =
    project && project.id !== projectId
      ? `The project ${project.name} has it`
      : repository.archived
        ? 'It is archived'
        : repository.may_push
          ? undefined
          : 'You may only read it';
  return (
    <label className="flex cursor-pointer items-start gap-3 px-3 py-2 text-sm hover:bg-hover has-checked:bg-subtle has-disabled:cursor-not-allowed">
      <input
        type="radio"
        name="picked"
        className="mt-1 size-4 shrink-0 accent-ink"
        checked={checked}
        disabled={because !== undefined}
        onChange={() => onChoose(repository)}
      />
      <span className="min-w-0 flex-1">
        <span className="flex flex-wrap items-center gap-x-2">
          <span className={`min-w-0 font-medium break-words ${because ? 'text-muted' : ''}`}>{name}</span>
          {isPrivate && (
            <Badge>
              <Lock aria-hidden className="size-3" /> Private
            </Badge>
          )}
        </span>
        {description && <span className="block truncate text-xs text-muted">{description}</span>}
        <span className="flex flex-wrap gap-x-3 text-xs text-muted">
          {because && <span className="text-warn">{because}</span>}
          {language && <span>{language}</span>}
          {stars > 0 && <span>{stars} stars</span>}
          {pushed && (
            <span>
              pushed <Ago at={pushed} />
            </span>
          )}
        </span>
      </span>
    </label>
  );
}
