import { gateResults, gateStatus } from '#server/contracts/gates.ts';
import { listPhases } from '#server/contracts/board-phases.ts';
import { listComments } from '#server/contracts/ticket-comments.ts';
import { ticketHistory } from '#server/contracts/ticket-life.ts';
import { getProject } from '#server/contracts/projects.ts';
import type { apiFor } from './api.server.ts';
import { loadTicket } from './ticket-details.server.ts';

/** A ticket with its gate, comments and history. */
export async function loadTicketPage(api: ReturnType<typeof apiFor>, id: string) {
  const details = await loadTicket(api, id);
  const { project_id } = details.ticket;
  const params = { id };
  const [project, gate, results, comments, history, { phases }] = await Promise.all([
    api(getProject, { params: { id: project_id } }),
    api(gateStatus, { params }),
    api(gateResults, { params, query: { limit: 20 } }),
    api(listComments, { params, query: { limit: 200 } }),
    api(ticketHistory, { params, query: { limit: 200 } }),
    api(listPhases, { query: { project_id } }),
  ]);
  return {
    details,
    project: { id: project.id, name: project.name, organization_id: project.organization_id },
    gate,
    results: results.items,
    comments: comments.items,
    history: history.items.toReversed(),
    phases: phases.map(({ id: phase, name, sequence_order }) => ({ id: phase, name, sequence_order })),
  };
}
export type TicketPage = Awaited<ReturnType<typeof loadTicketPage>>;
