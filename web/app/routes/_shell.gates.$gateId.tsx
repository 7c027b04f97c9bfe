import type { MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { ButtonLink } from '../components/button.tsx';
import { Card, Notice } from '../components/card.tsx';
import { Present } from '../components/gate/present.tsx';
import { SpecGate } from '../components/gate/spec-gate.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { TicketBody } from '../components/ticket/body.tsx';
import { TicketComments } from '../components/ticket/comments.tsx';
import { TicketGate } from '../components/ticket/gate.tsx';
import { loadGatePage, type GatePage } from '../lib/gate-page.server.ts';
import { useRefreshOn } from '../lib/live.tsx';
import type { TicketPage } from '../lib/ticket-page.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: `Gate of ${data?.title ?? 'work'} · OmoiOS` }];
export const handle = {
  organization: ({ project }: GatePage) => project.organization_id,
  crumbs: ({ title }: GatePage) => [
    { label: 'Inbox', to: '/inbox' },
    { label: 'Gates', to: '/gates' },
    { label: title },
  ],
};

export const loader = loadGatePage;

export default function GateRoute() {
  const shown = useLoaderData<typeof loader>();
  const { kind, id, project, gate } = shown;
  useRefreshOn((event) => event.project_id === project.id && /^(spec|ticket|task|question)\./.test(event.type), 900);
  const place =
    kind === 'phase'
      ? { to: `/projects/${project.id}/specs/${id}`, label: 'Open the spec' }
      : { to: `/board/${project.id}/${id}`, label: 'Open the ticket' };
  return (
    <div className="space-y-4">
      <PageTitle
        title={shown.title}
        note={`${gate ? `${gate.from} to ${gate.to ?? 'a phase of your choice'}, ` : ''}${project.name}`}
      >
        <ButtonLink to="/gates">All gates</ButtonLink>
        <ButtonLink to={place.to}>{place.label}</ButtonLink>
      </PageTitle>
      <Present at={`gate:${kind}:${id}`} />
      {!gate && (
        <Notice tone="info">
          This gate does not wait for anybody now: it is decided, or work goes on before it. What was decided stands
          below.
        </Notice>
      )}
      {gate?.kind === 'phase' && gate.reasons.length > 0 && (
        <Notice tone="warn">
          <ul className="list-disc pl-5">
            {gate.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </Notice>
      )}
      {shown.kind === 'phase' ? <SpecGate page={shown.page} /> : <OfTicket page={shown.page as TicketPage} />}
    </div>
  );
}

/** The gate of a ticket beside the work that it judges. */
const OfTicket = ({ page }: { page: TicketPage }) => (
  <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
    <div className="min-w-0 space-y-4">
      <TicketGate key={page.gate.phase_id} page={page} />
      <TicketComments page={page} />
    </div>
    <Card title="Work">
      <TicketBody details={page.details} />
    </Card>
  </div>
);

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
