import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Link, useLoaderData, useNavigate, useSearchParams, type ShouldRevalidateFunction } from '@remix-run/react';
import { useCallback, useState } from 'react';
import {
  deleteConversation,
  getConversation,
  keyFiles,
  listConversations,
  suggestions,
} from '#server/contracts/explore.ts';
import { getProject } from '#server/contracts/projects.ts';
import { Button, ButtonLink } from '../components/button.tsx';
import { Card, Empty } from '../components/card.tsx';
import { AlertDialog } from '../components/dialog.tsx';
import { AskForm } from '../components/explore/ask-form.tsx';
import { LinesDialog, type WantedLines } from '../components/explore/lines-dialog.tsx';
import { Question } from '../components/explore/question.tsx';
import { MoreButton } from '../components/more-button.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { Ago } from '../components/time.tsx';
import { apiFor } from '../lib/api.server.ts';
import { call } from '../lib/browser-api.ts';
import { useRefreshOn } from '../lib/live.tsx';
import { useCommand } from '../lib/use-command.ts';
import { useMore } from '../lib/use-more.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `Explore ${data?.project.name ?? 'a project'} · OmoiOS` },
];
export const handle = {
  organization: ({ project }: { project: { organization_id: string } }) => project.organization_id,
  crumbs: ({ project }: { project: { id: string; name: string } }) => [
    { label: 'Projects', to: '/projects' },
    { label: project.name, to: `/projects/${project.id}` },
    { label: 'Explore' },
  ],
};

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const id = where.params.projectId ?? '';
  const chosen = new URL(where.request.url).searchParams.get('c');
  const params = { id };
  const [project, conversations, { items: files }, { items: ideas }, conversation] = await Promise.all([
    api(getProject, { params }),
    api(listConversations, { params, query: {} }),
    // A repository that cannot be read now is named by the answer.
    api(keyFiles, { params }).catch(() => ({ items: [] })),
    api(suggestions, { params }).catch(() => ({ items: [] })),
    chosen ? api(getConversation, { params: { id, conversation_id: chosen } }) : null,
  ]);
  const { name, organization_id, default_branch } = project;
  return { project: { id, name, organization_id, default_branch }, conversations, files, ideas, conversation };
};

/** The lines that the address of the page asks for. */
function linesOf(asked: URLSearchParams): WantedLines | undefined {
  const [, path, line, end] = /^(.+):(\d{1,7})(?:-(\d{1,7}))?$/.exec(asked.get('lines') ?? '') ?? [];
  if (!path || !Number(line)) return undefined;
  return { path, line: Number(line), end: Number(end ?? line), sha: asked.get('at') ?? undefined };
}

/** Lines that open or close change nothing else. */
export const shouldRevalidate: ShouldRevalidateFunction = ({ currentUrl, nextUrl, defaultShouldRevalidate }) =>
  currentUrl.pathname === nextUrl.pathname &&
  currentUrl.search !== nextUrl.search &&
  currentUrl.searchParams.get('c') === nextUrl.searchParams.get('c')
    ? false
    : defaultShouldRevalidate;

const about = /^(explore\.|run\.(created|status_changed|ended|limits_raised))/;

export default function Explore() {
  const { project, conversations, files, ideas, conversation } = useLoaderData<typeof loader>();
  useRefreshOn((event) => event.project_id === project.id && about.test(event.type));
  const [asked, setAsked] = useSearchParams();
  const linesAt = (place: string, sha: string | null) => {
    const params = new URLSearchParams(conversation ? { c: conversation.id } : {});
    params.set('lines', place);
    if (sha) params.set('at', sha);
    return `?${params}`;
  };
  const wanted = linesOf(asked);
  const load = useCallback(
    (cursor: string) => call(listConversations, { params: { id: project.id }, query: { cursor } }),
    [project.id],
  );
  const list = useMore(conversations, load, project.id);
  return (
    <div>
      <PageTitle
        title={`Explore ${project.name}`}
        note="Questions about the code. Only you see your conversations; their runs are in the list of runs."
      >
        {conversation && <DeleteButton projectId={project.id} conversationId={conversation.id} />}
        {conversation && <ButtonLink to="?">New conversation</ButtonLink>}
      </PageTitle>
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,1fr)_18rem]">
        <div className="min-w-0 space-y-4">
          {conversation?.messages.map((message) => (
            <Question
              key={message.id}
              asked={message}
              projectId={project.id}
              conversationId={conversation.id}
              linesAt={linesAt}
            />
          ))}
          <AskForm
            key={conversation?.id}
            projectId={project.id}
            conversationId={conversation?.id}
            suggestions={conversation ? [] : ideas}
          />
        </div>
        <div className="min-w-0 space-y-4">
          <Card title="Conversations" flush>
            {list.items.length === 0 ? (
              <Empty title="None yet" />
            ) : (
              <ul className="divide-y">
                {list.items.map(({ id, title, created_at: at }) => (
                  <li key={id}>
                    <Link
                      to={`?c=${id}`}
                      data-row
                      aria-current={id === conversation?.id ? 'page' : undefined}
                      className="block min-h-11 px-4 py-2 -outline-offset-2 hover:bg-hover aria-[current]:bg-subtle"
                    >
                      <span className="block truncate text-sm">{title}</span>
                      <Ago at={at} className="text-xs text-muted" />
                    </Link>
                  </li>
                ))}
              </ul>
            )}
            <MoreButton list={list} />
          </Card>
          <Card title="Key files" flush>
            {files.length === 0 ? (
              <Empty title="None found by their names" />
            ) : (
              <ul className="divide-y">
                {files.map(({ path, why }) => (
                  <li key={path}>
                    <Link
                      to={linesAt(`${path}:1`, null)}
                      preventScrollReset
                      className="block min-h-11 px-4 py-2 -outline-offset-2 hover:bg-hover"
                    >
                      <span className="figures block truncate text-xs">{path}</span>
                      <span className="text-xs text-muted">{why}</span>
                    </Link>
                  </li>
                ))}
              </ul>
            )}
          </Card>
        </div>
      </div>
      {wanted && (
        <LinesDialog
          key={asked.get('lines')}
          projectId={project.id}
          wanted={wanted}
          onClose={() =>
            setAsked(
              (known) => {
                const params = new URLSearchParams(known);
                params.delete('lines');
                params.delete('at');
                return params;
              },
              { preventScrollReset: true },
            )
          }
        />
      )}
    </div>
  );
}

function DeleteButton({ projectId, conversationId }: { projectId: string; conversationId: string }) {
  const [open, setOpen] = useState(false);
  const command = useCommand(deleteConversation);
  const navigate = useNavigate();
  const act = async () => {
    const params = { id: projectId, conversation_id: conversationId };
    if (!(await command.run({ params }))) return;
    setOpen(false);
    navigate('?');
  };
  return (
    <>
      <Button look="danger" onClick={() => setOpen(true)}>
        Delete
      </Button>
      <AlertDialog
        open={open}
        onClose={() => setOpen(false)}
        title="Delete this conversation?"
        act="Delete conversation"
        busy={command.busy}
        error={command.error}
        onAct={() => void act()}
      >
        Its questions and answers are deleted. The runs that answered stay in the list of runs.
      </AlertDialog>
    </>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
