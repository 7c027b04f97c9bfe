import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { ButtonLink } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { TicketBody } from '../components/ticket/body.tsx';
import { TicketComments } from '../components/ticket/comments.tsx';
import { TicketGate } from '../components/ticket/gate.tsx';
import { TicketHistory } from '../components/ticket/history.tsx';
import { apiFor } from '../lib/api.server.ts';
import { useRefreshOn } from '../lib/live.tsx';
import { loadTicketPage, type TicketPage } from '../lib/ticket-page.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.details.ticket.key ?? 'Ticket'} · OmoiOS` },
];
export const handle = {
  organization: ({ project }: TicketPage) => project.organization_id,
  crumbs: ({ project, details }: TicketPage) => [
    { label: 'Projects', to: '/projects' },
    { label: project.name, to: `/projects/${project.id}` },
    { label: 'Board', to: `/board/${project.id}?of=tickets` },
    { label: details.ticket.key },
  ],
};

export const loader = (where: LoaderFunctionArgs) => loadTicketPage(apiFor(where), where.params.ticketId ?? '');

export default function Ticket() {
  const page = useLoaderData<typeof loader>() as TicketPage;
  const { ticket } = page.details;
  useRefreshOn((event) => /^(ticket|task|run|discovery)/.test(event.type) && event.project_id === ticket.project_id);
  return (
    <div>
      <PageTitle title={`${ticket.key} ${ticket.title}`} note={page.project.name}>
        <ButtonLink to={`/graph/${ticket.project_id}/${ticket.id}`}>Dependencies</ButtonLink>
        <ButtonLink to={`/board/${ticket.project_id}?of=tickets`}>Board</ButtonLink>
      </PageTitle>
      <div className="grid gap-4 lg:grid-cols-2">
        <div className="min-w-0 space-y-4">
          <Card title="Work">
            <TicketBody details={page.details} />
          </Card>
        </div>
        <div className="min-w-0 space-y-4">
          <TicketGate key={page.gate.phase_id} page={page} />
          <TicketComments page={page} />
          <TicketHistory page={page} />
        </div>
      </div>
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
