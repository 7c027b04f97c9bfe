import { getTicket, ticketMerges } from '#server/contracts/tickets.ts';
import { listDiagnostics } from '#server/contracts/diagnostic.ts';
import { ticketCommits } from '#server/contracts/commits.ts';
import { getSpec, listSpecs } from '#server/contracts/specs.ts';
import { listRuns } from '#server/contracts/runs.ts';
import { listTasks } from '#server/contracts/tasks.ts';
import { ticketDiscoveries } from '#server/contracts/discoveries.ts';
import { ticketWorkflowGraph } from '#server/contracts/graph.ts';
import type { apiFor } from './api.server.ts';
import { taskLine } from './lines.ts';
import { spentBudget } from './spent-budget.ts';

/** A ticket with its tasks, discoveries and merges. */
export async function loadTicket(api: ReturnType<typeof apiFor>, id: string) {
  const params = { id };
  const [ticket, tasks, discoveries, merges, commits, branches, waiting, paused, specs, diagnoses] = await Promise.all([
    api(getTicket, { params }),
    api(listTasks, { query: { ticket_id: id, limit: 200 } }),
    api(ticketDiscoveries, { params, query: { limit: 200 } }),
    api(ticketMerges, { params, query: { limit: 200 } }),
    api(ticketCommits, { params, query: { limit: 200 } }),
    api(ticketWorkflowGraph, { params }),
    api(listRuns, { query: { ticket_id: id, status: 'waiting', limit: 20 } }),
    api(listRuns, { query: { ticket_id: id, status: 'paused', limit: 20 } }),
    api(listSpecs, { query: { linked_ticket_id: id, limit: 20 } }),
    api(listDiagnostics, { query: { ticket_id: id, limit: 5 } }),
  ]);
  const otherId = ticket.merged_into ?? ticket.duplicate_of;
  // The ticket of a spec has the night of its spec.
  const night = ticket.spec_id ? (await api(getSpec, { params: { id: ticket.spec_id } })).night : ticket.night;
  const other = otherId ? await api(getTicket, { params: { id: otherId } }) : null;
  return {
    ticket,
    night,
    other: other && { id: other.id, key: other.key, title: other.title, merged: ticket.merged_into !== null },
    specs: specs.items.map(({ id: spec, title, status }) => ({ id: spec, title, status })),
    tasks: tasks.items.map(taskLine),
    diagnoses: diagnoses.items,
    /** The runs that wait for a person: for money, an answer, a higher limit, or since their night is over. */
    waiting: [...waiting.items, ...paused.items]
      .filter((run) => run.waiting_for === 'budget' || run.waiting_for === 'person')
      .map((run) => ({
        id: run.id,
        title: run.title,
        reason: run.waiting_reason,
        status: run.status,
        budget: spentBudget(run),
      })),
    discoveries: discoveries.items.map(({ id: key, title, discovery_type, resolution_status, blocking }) => ({
      id: key,
      title,
      discovery_type,
      resolution_status,
      blocking,
    })),
    branches: branches.edges.map(({ from, to, discovery_type: type }) => ({
      from,
      to,
      kind: 'found' as const,
      label: type.replace(/_/g, ' '),
    })),
    commits: commits.items.map(({ sha, message, author, committed_at }) => ({
      sha,
      subject: message.split('\n')[0] ?? '',
      author,
      at: committed_at,
    })),
    merges: merges.items.map((merge) => ({
      id: merge.id,
      status: merge.status,
      target: String(merge.target ?? ''),
      created_at: String(merge.created_at ?? ''),
    })),
  };
}
export type TicketDetails = Awaited<ReturnType<typeof loadTicket>>;
