import type { DiagnosticRun } from '#prisma/store/diagnostics.ts';
import { refusedDiagnosis } from '#workflows/domain/diagnosis.ts';
import {
  analyseDiscoveries,
  blockingTypes,
  likelyBlockers,
  recommendedAgent,
} from '#workflows/domain/discovery/analysis.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type * as contracts from '../contracts/diagnostic.ts';
import type { Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { requireOpenTicket } from './tickets.ts';
import { at, toPageView } from './views.ts';

const toDiagnosticView = (run: DiagnosticRun) => ({
  id: run.id,
  project_id: run.project_id,
  ticket_id: run.ticket_id,
  task_id: run.task_id,
  trigger: run.trigger,
  triggered_by: run.triggered_by,
  status: run.status,
  diagnosis: run.diagnosis,
  reason: run.reason,
  tasks_created_ids: run.tasks_created_ids,
  created_at: at(run.created_at),
  completed_at: run.completed_at && at(run.completed_at),
});

export async function stuckWorkflows({ services, organization_id }: Call, projectId: string | undefined) {
  const { stuck_after } = services.config.diagnostic;
  const found = await services.store.diagnostics.stuck(organization_id, projectId, stuck_after);
  return {
    items: found.map(({ id, idle_since, ...ticket }) => ({ ...ticket, ticket_id: id, idle_since: at(idle_since) })),
  };
}

export const listDiagnostics = async (
  { services, organization_id }: Call,
  { ticket_id, project_id, ...page }: Query<typeof contracts.listDiagnostics>,
) =>
  toPageView(await services.store.diagnostics.page(organization_id, { ticket_id, project_id }, page), toDiagnosticView);

export const getDiagnostic = async ({ services, organization_id }: Call, id: string) =>
  toDiagnosticView(await services.store.diagnostics.get(organization_id, id));

/** Starts the diagnosis of a ticket, of its newest task that failed where one has. */
export async function triggerDiagnostic(call: Call, id: string) {
  const { services, organization_id, actor } = call;
  const { store, workflows, config } = services;
  await requireOpenTicket(call, id);
  const ticket = await store.tickets.get(organization_id, id);
  const failed = (await store.tasks.ofTicket(id)).findLast(({ status }) => status === 'failed');
  const history = await store.diagnostics.history(organization_id, id, failed?.id ?? null);
  const refused = refusedDiagnosis(history, config.diagnostic, 'person');
  if (refused) throw new AppError('conflict', refused);
  const diagnostic_id = call.newId('diagnostic');
  await workflows.startDiagnostic({
    ...{ diagnostic_id, organization_id, project_id: ticket.project_id, ticket_id: id },
    ...{ task_id: failed?.id ?? null, trigger: 'person', by: actor.email },
  });
  return { diagnostic_run_id: diagnostic_id, status: 'running' as const };
}

export async function resetDiagnostics({ services, organization_id }: Call, id: string): Promise<undefined> {
  await services.store.diagnostics.reset(organization_id, id);
}

/** Discoveries that are looked at, the newest ones. */
const most = 100;

export async function discoveryHealth({ services, organization_id }: Call, id: string) {
  const { store } = services;
  const ticket = await store.tickets.get(organization_id, id);
  const [found, tasks] = await Promise.all([
    store.discoveries.newest(organization_id, { ticket_id: ticket.id }, most),
    store.tasks.ofTicket(ticket.id),
  ]);
  const own = found.filter((one) => one.duplicate_of === null);
  const count = (is: (one: (typeof own)[number]) => boolean) => own.filter(is).length;
  const statuses = new Map<string, number>();
  for (const { status } of tasks) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  return {
    total: own.length,
    open: count(({ resolution_status }) => ['open', 'in_progress'].includes(resolution_status)),
    resolved: count(({ resolution_status }) => resolution_status === 'resolved'),
    bugs: count(({ discovery_type }) => discovery_type === 'bug'),
    blockers: count(({ discovery_type }) => discovery_type === 'blocker'),
    tasks_by_status: Object.fromEntries(statuses),
    ...analyseDiscoveries(own),
  };
}

export async function predictedBlockers({ services, organization_id }: Call, id: string) {
  const { store, embeddings, config } = services;
  const task = await store.tasks.get(organization_id, id);
  const filter = { project_id: task.project_id, spawn_phase_id: task.phase_id, types: blockingTypes };
  const found = await store.discoveries.newest(organization_id, filter, 10);
  const asked = await embeddings.queries(`${task.title} ${task.description}`, task, 'discoveries');
  const similarities = await store.discoveries.similarities(
    found.map((one) => one.id),
    asked,
  );
  return likelyBlockers(
    found,
    similarities,
    embeddings.semantic ? config.memory.similarity : config.memory.lexical_similarity,
  );
}

export async function recommendAgent({ services, organization_id }: Call, id: string) {
  const { discovery_type, title, description } = await services.store.discoveries.get(organization_id, id);
  return recommendedAgent(discovery_type, `${title} ${description}`);
}
