import type { Ticket } from '#prisma/store/tickets.ts';
import type { GateArtifact } from '#prisma/store/gates.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { BoardPhase } from '#workflows/domain/tasks/board-phases.ts';
import { judgeGate, type GateInput } from '#workflows/domain/tasks/gates.ts';
import { phaseOfStatus } from '#workflows/domain/tasks/ticket-moves.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type * as contracts from '../contracts/gates.ts';
import type { Call } from '../http/context.ts';
import { requirePhase } from './phases.ts';
import { at, toPageView } from './views.ts';

const nothing: GateInput = { artifacts: [], tasks: [] };

/** A phase of the project by its id. */
export const phaseIn = (phases: readonly BoardPhase[], id: string): BoardPhase => {
  const phase = phases.find((one) => one.id === id);
  if (phase) return phase;
  throw new AppError('invalid_body', `${id} is not a phase of the board.`, [
    { field: 'to_phase', message: `takes ${phases.map((one) => one.id).join(', ')}` },
  ]);
};

/** A ticket with the phases of its project, its own phase, and what its phases brought. */
export async function standOf(call: Call, id: string) {
  const { services, organization_id } = call;
  const ticket = await services.store.tickets.get(organization_id, id);
  const [phases, inputs] = await Promise.all([
    services.store.boardPhases.all({ organization_id, project_id: ticket.project_id }),
    services.store.gates.inputs(organization_id, id),
  ]);
  const phase = phaseIn(phases, ticket.phase_id);
  const judged = (one: BoardPhase) => judgeGate(one, inputs[one.id] ?? nothing);
  return { ticket, phases, phase, inputs, judged };
}

async function viewOf(call: Call, id: string) {
  const { ticket, phases, phase, judged } = await standOf(call, id);
  const verdict = judged(phase);
  const next_phases = phases.flatMap(({ id: next, name }) =>
    phase.allowed_transitions.includes(next) ? [{ id: next, name }] : [],
  );
  const requirements_met = verdict.gate_status !== 'failed';
  return { ...verdict, ticket_id: ticket.id, phase_id: phase.id, requirements_met, next_phases };
}

export const gateStatus = viewOf;

export async function validateGate(call: Call, id: string) {
  const { services, organization_id, actor, newId } = call;
  const view = await viewOf(call, id);
  const { phase_id, gate_status, blocking_reasons, checklist } = view;
  const { attempt } = await services.store.gates.record(organization_id, id, {
    ...{ id: newId('gate'), phase_id, gate_status, blocking_reasons, checklist },
    ...{ decision: 'judged', reason: null, decided_by: actor.email },
  });
  return { ...view, attempt };
}

/**
 * A project that says itself what done means in a phase holds every move by people out of it to that, whatever the call.
 * @throws invalid_rule with what is missing.
 */
export async function requireOwnGate(call: Call, ticket: Ticket, toStatus: string): Promise<void> {
  const { services, organization_id } = call;
  if (toStatus === 'cancelled') return;
  const own = await services.store.boardPhases.own({ organization_id, project_id: ticket.project_id });
  if (!own.some(({ id }) => id === ticket.phase_id)) return;
  const { phases, phase, judged } = await standOf(call, ticket.id);
  const target = phases.find(({ id }) => id === phaseOfStatus[toStatus]);
  if (!target || target.sequence_order < phase.sequence_order || target.id === phase.id) return;
  const { blocking_reasons } = judged(phase);
  if (blocking_reasons.length > 0) throw closedGate('to_status', ticket, phase, blocking_reasons);
}

/** The refusal of a move past a closed gate. */
export const closedGate = (field: string, { key }: Ticket, { name }: BoardPhase, blocking_reasons: string[]) =>
  new AppError(
    'invalid_rule',
    `${field}: the gate of ${name} is closed for ${key}. ${blocking_reasons.join(' ')} Add what is missing, or let an owner or admin force it with a reason.`,
    { blocking_reasons },
  );

export async function gateResults(
  { services, organization_id }: Call,
  id: string,
  page: Query<typeof contracts.gateResults>,
) {
  return toPageView(
    await services.store.gates.results(organization_id, id, page),
    ({ ticket_id: _ticket, organization_id: _organization, created_at, gate_status, ...result }) => ({
      ...result,
      gate_status: gate_status as 'none' | 'passed' | 'failed',
      created_at: at(created_at),
    }),
  );
}

const toArtifactView = ({ organization_id: _organization, created_at, ...artifact }: GateArtifact) => ({
  ...artifact,
  artifact_content: artifact.artifact_content as unknown,
  created_at: at(created_at),
});

export async function addArtifact(call: Call, id: string, input: Body<typeof contracts.addArtifact>) {
  const { services, organization_id, actor, newId } = call;
  const ticket = await services.store.tickets.get(organization_id, id);
  const { phase_id = ticket.phase_id, artifact_path = null, ...rest } = input;
  await requirePhase(call, ticket.project_id, phase_id);
  const artifact = { ...rest, id: newId('artifact'), phase_id, artifact_path, submitted_by: actor.email };
  return toArtifactView(await services.store.gates.addArtifact(organization_id, id, artifact));
}

export const listArtifacts = async (
  { services, organization_id }: Call,
  id: string,
  page: Query<typeof contracts.listArtifacts>,
) => toPageView(await services.store.gates.artifacts(organization_id, id, page), toArtifactView);

export async function ticketContext(call: Call, id: string, phaseId: string | undefined) {
  const { services, organization_id } = call;
  const ticket = await services.store.tickets.get(organization_id, id);
  const phase_id = phaseId ?? ticket.phase_id;
  await requirePhase(call, ticket.project_id, phase_id);
  const handed_over = await services.store.gates.handedOver(ticket, phase_id);
  return { phase_id, handed_over };
}
