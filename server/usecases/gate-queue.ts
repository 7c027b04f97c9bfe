import type { WorkItem } from '#prisma/store/inbox.ts';
import type { TicketAtGate } from '#prisma/store/gate-queue.ts';
import { phaseIds, phaseTitle } from '#workflows/domain/phases/names.ts';
import { judgeGate } from '#workflows/domain/tasks/gates.ts';
import type { Answer } from '../contracts/client.ts';
import type * as contracts from '../contracts/gate-queue.ts';
import type { Call } from '../http/context.ts';
import { at, iso } from './views.ts';

type Gate = Answer<typeof contracts.listGates>['items'][number];

/** The gate after a phase of a spec's plan. */
async function ofSpec({ services, organization_id }: Call, item: WorkItem): Promise<Gate> {
  const { store } = services;
  const phase = item.phase ?? '';
  const [spec, last] = await Promise.all([
    store.specs.get(organization_id, item.id),
    store.specs.lastAttempt(item.id, phase),
  ]);
  const since = last?.ended_at ?? item.since;
  const { timeout_seconds: seconds } = spec.gate_policy;
  const after = phaseIds.slice(phaseIds.findIndex((id) => id === phase) + 1);
  return {
    ...{ id: `phase:${item.id}`, kind: 'phase', title: item.title, project_id: item.project_id },
    ...{ from: phaseTitle(phase), to: after[0] ? phaseTitle(after[0]) : 'Work' },
    verdict: last?.status === 'passed' ? 'passed' : 'failed',
    score: last?.score ?? null,
    reasons: (last?.vetoes ?? []).map(({ message }) => message),
    since: at(since),
    blocks: item.blocks,
    decides_at: seconds ? new Date(since.getTime() + seconds * 1000).toISOString() : null,
    then: seconds ? 'Without a decision by then the spec ends.' : null,
    inbox_id: `${item.kind}:${item.id}`,
  };
}

/** The approval of a ticket before its work. */
async function ofApproval({ services, organization_id }: Call, item: WorkItem): Promise<Gate> {
  const { approval_deadline_at: deadline } = await services.store.tickets.get(organization_id, item.id);
  return {
    ...{ id: `approval:${item.id}`, kind: 'approval', title: item.title, project_id: item.project_id },
    ...{ from: 'Approval', to: 'Work', verdict: 'open', score: null, reasons: [], since: at(item.since) },
    blocks: item.blocks,
    decides_at: iso(deadline),
    then: deadline ? 'Without a decision by then the ticket is cancelled.' : null,
    inbox_id: `${item.kind}:${item.id}`,
  };
}

/** The gate of a ticket's phase; none where the phase has no gate. */
async function ofTicket({ services, organization_id }: Call, ticket: TicketAtGate): Promise<Gate | undefined> {
  const { boardPhases, gates } = services.store;
  const [phases, inputs] = await Promise.all([
    boardPhases.all({ organization_id, project_id: ticket.project_id }),
    gates.inputs(organization_id, ticket.id),
  ]);
  const phase = phases.find(({ id }) => id === ticket.phase_id);
  const judged = phase && judgeGate(phase, inputs[phase.id] ?? { artifacts: [], tasks: [] });
  if (!judged || judged.gate_status === 'none') return undefined;
  const ways = phases.filter(({ id }) => phase.allowed_transitions.includes(id) && id !== 'PHASE_BLOCKED');
  const forward = ways.filter(({ sequence_order: order }) => order > phase.sequence_order);
  return {
    ...{ id: `ticket:${ticket.id}`, kind: 'ticket', title: `${ticket.key}: ${ticket.title}` },
    ...{ project_id: ticket.project_id, from: phase.name, to: forward[0]?.name ?? null },
    ...{ verdict: judged.gate_status, score: null, reasons: judged.blocking_reasons, since: at(ticket.since) },
    ...{ blocks: 0, decides_at: null, then: null, inbox_id: null },
  };
}

/** The gates that wait for a person (WEB-09). */
export async function listGates(call: Call, projectId: string | undefined) {
  const { services, organization_id } = call;
  const [items, tickets] = await Promise.all([
    services.store.inbox.items(organization_id),
    services.store.gates.ticketsAtGates(organization_id, projectId),
  ]);
  const wanted = items.filter(({ project_id }) => !projectId || project_id === projectId);
  const gates = await Promise.all([
    ...wanted.flatMap((item) => (item.kind === 'gate' ? [ofSpec(call, item)] : [])),
    ...wanted.flatMap((item) => (item.kind === 'approval' ? [ofApproval(call, item)] : [])),
    ...tickets.map((ticket) => ofTicket(call, ticket)),
  ]);
  return {
    items: gates
      .filter((gate) => gate !== undefined)
      .sort((a, b) => b.blocks - a.blocks || a.since.localeCompare(b.since)),
  };
}
