import type { Ticket } from '#prisma/store/tickets.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { nextPhase, seedOf, type BoardPhase } from '#workflows/domain/tasks/board-phases.ts';
import type { GateDecision, GateVerdict } from '#workflows/domain/tasks/gates.ts';
import { finishedTask } from '#workflows/domain/tasks/states.ts';
import { statusPath } from '#workflows/domain/tasks/ticket-moves.ts';
import type { Body } from '../contracts/contract.ts';
import type * as contracts from '../contracts/gates.ts';
import { createTask as createTaskContract } from '../contracts/tasks.ts';
import type { Call } from '../http/context.ts';
import { closedGate, phaseIn, standOf } from './gates.ts';
import { createTask } from './tasks.ts';
import { blockTicket, moveTicket } from './ticket-life.ts';
import { toTicketView } from './views.ts';

type Stand = Awaited<ReturnType<typeof standOf>>;

const refuse = (message: string) => new AppError('invalid_rule', `to_phase: ${message}`);

/** What is in the way of a move to a phase. A way back needs no gate. */
function obstacles({ ticket, phase, judged }: Stand, target: BoardPhase): { rule?: AppError; gate?: GateVerdict } {
  if (target.id === phase.id) return { rule: refuse(`${ticket.key} is in ${target.id} already.`) };
  const rule = phase.allowed_transitions.includes(target.id)
    ? undefined
    : refuse(`${ticket.key} cannot go from ${phase.id} to ${target.id}. ${waysOf(phase)}`);
  return { rule, gate: target.sequence_order >= phase.sequence_order ? judged(phase) : undefined };
}

const waysOf = ({ allowed_transitions: next }: BoardPhase) =>
  next.length > 0 ? `It may go to ${next.join(', ')}.` : 'It has ended. Create a new ticket for the work.';

interface PhaseMove {
  to_phase: string;
  reason?: string;
  force?: boolean;
  validation_feedback?: string;
}

/** Moves a ticket to a phase, by its gate. @throws invalid_rule with the reasons. */
async function moveToPhase(call: Call, stand: Stand, { to_phase, ...move }: PhaseMove): Promise<Ticket> {
  const { ticket, phase, phases } = stand;
  const target = phaseIn(phases, to_phase);
  const force = move.force === true;
  if (force && !move.reason)
    throw new AppError('invalid_rule', 'reason: say why the ticket passes its gate by force.', [
      { field: 'reason', message: 'is required with force' },
    ]);
  const { rule, gate } = obstacles(stand, target);
  if (rule && (!force || target.id === phase.id || phase.allowed_transitions.length === 0)) throw rule;
  const closed = gate?.gate_status === 'failed';
  if (closed && !force) throw closedGate('to_phase', ticket, phase, gate.blocking_reasons);
  const path = ticket.status === target.status ? [] : statusPath(ticket.status, target.status);
  if (!path && !force) throw refuse(`${ticket.key} is ${ticket.status} and cannot become ${target.status}.`);
  const decision: GateDecision | undefined = gate && {
    ...gate,
    id: call.newId('gate'),
    phase_id: phase.id,
    decision: closed ? 'overridden' : 'approved',
    reason: move.reason ?? null,
    decided_by: call.actor.email,
  };
  return moveTicket(call, ticket, {
    ...move,
    to_status: target.status,
    to_phase: target.id,
    from_phase: phase.id,
    via: path?.slice(0, -1) ?? [],
    gate: decision,
  });
}

export async function canTransition(call: Call, id: string, to_phase: string) {
  const stand = await standOf(call, id);
  const target = phaseIn(stand.phases, to_phase);
  const { rule, gate } = obstacles(stand, target);
  const blocking_reasons = [...(rule ? [rule.message] : []), ...(gate?.blocking_reasons ?? [])];
  const can_transition = blocking_reasons.length === 0;
  return { can_transition, from_phase: stand.phase.id, to_phase, blocking_reasons };
}

/** The order for the first task of a phase; a text where none is to be created. */
function seedFor({ ticket, inputs }: Stand, phase: BoardPhase): Body<typeof createTaskContract> | string {
  const open = Object.values(inputs).flatMap(({ tasks }) => tasks.filter(({ status }) => !finishedTask(status)));
  if (open.length > 0) return `These tasks are open: ${open.map(({ key }) => key).join(', ')}.`;
  const task_type = seedOf(phase, inputs[phase.id]?.artifacts ?? []);
  if (!task_type) return `${phase.name} begins with no task.`;
  const lines = (title: string, items: string[]) =>
    items.length > 0 ? [`${title}:\n${items.map((item) => `- ${item}`).join('\n')}`] : [];
  const outputs = phase.expected_outputs.map(({ type, validation_rule: rule }) => (rule ? `${type} (${rule})` : type));
  const done = phase.done_definitions.map(({ text }) => text);
  const parts = [phase.phase_prompt, ...lines('This phase should bring', outputs), ...lines('Done means', done)];
  return createTaskContract.body.parse({
    ticket_id: ticket.id,
    task_type,
    title: `${phase.name}: ${ticket.title}`.slice(0, 500),
    description: [...parts, `The ticket:\n${ticket.description}`].filter(Boolean).join('\n\n').slice(0, 50_000),
    phase_id: phase.id,
    priority: ticket.priority,
    ...(phase.timeout_seconds === null ? {} : { timeout_seconds: phase.timeout_seconds }),
    ...(phase.max_retries === null ? {} : { max_retries: phase.max_retries }),
  });
}

type Spawned = { spawned: Awaited<ReturnType<typeof createTask>>[]; not_spawned: string | null };

/** Creates the first task of a phase. `through` has passed the door of calls that start work. */
async function spawn(through: Call, order: ReturnType<typeof seedFor>): Promise<Spawned> {
  if (typeof order === 'string') return { spawned: [], not_spawned: order };
  return { spawned: [await createTask(through, order)], not_spawned: null };
}

export async function transitionPhase(call: Call, id: string, input: Body<typeof contracts.transitionPhase>) {
  const { spawn_tasks, ...move } = input;
  if (move.to_phase === 'PHASE_BLOCKED') {
    if (!move.reason)
      throw new AppError('invalid_rule', 'reason: say why the ticket is blocked.', [
        { field: 'reason', message: 'is required for PHASE_BLOCKED' },
      ]);
    const kind = { reason: move.reason, blocker_type: 'waiting_on_clarification' as const };
    return { ticket: await blockTicket(call, id, kind), spawned: [], not_spawned: null };
  }
  const stand = await standOf(call, id);
  const order = spawn_tasks ? seedFor(stand, phaseIn(stand.phases, move.to_phase)) : undefined;
  // Before anything changes: whether the work may begin.
  const through = typeof order === 'object' ? await call.through(createTaskContract, { body: { ...order } }) : call;
  const ticket = toTicketView(await moveToPhase(call, stand, move));
  return { ticket, ...(order === undefined ? { spawned: [], not_spawned: null } : await spawn(through, order)) };
}

export async function checkAdvance(call: Call, id: string) {
  const stand = await standOf(call, id);
  const next = nextPhase(stand.phases, stand.phase);
  const stays = (blocking_reasons: string[]) => ({
    ...{ advanced: false, blocking_reasons },
    ticket: toTicketView(stand.ticket),
  });
  if (!next) return stays([`${stand.phase.id} is not followed by another phase.`]);
  const { blocking_reasons } = stand.judged(stand.phase);
  if (blocking_reasons.length > 0) return stays(blocking_reasons);
  const reason = `The gate of ${stand.phase.name} is open.`;
  const ticket = await moveToPhase(call, stand, { to_phase: next.id, reason });
  return { advanced: true, blocking_reasons, ticket: toTicketView(ticket) };
}

export async function fastTrack(call: Call, id: string, { reason }: Body<typeof contracts.fastTrack>) {
  const stand = await standOf(call, id);
  const { phase, phases, ticket } = stand;
  const target = phaseIn(phases, 'PHASE_IMPLEMENTATION');
  if (phase.sequence_order >= target.sequence_order)
    throw refuse(`${ticket.key} is in ${phase.id}: only a ticket before ${target.id} takes the fast track.`);
  const { rule, gate } = obstacles(stand, target);
  const force = rule !== undefined || gate?.gate_status === 'failed';
  const order = seedFor(stand, target);
  const why = reason ?? 'Fast track: the work is clear without a plan.';
  const moved = await moveToPhase(call, stand, { to_phase: target.id, reason: why, force });
  return { ticket: toTicketView(moved), ...(await spawn(call, order)) };
}

export async function completeTicket(call: Call, id: string, { reason }: Body<typeof contracts.completeTicket>) {
  const stand = await standOf(call, id);
  const { phase, phases, ticket, judged } = stand;
  const testing = phases.find((one) => one.id === 'PHASE_TESTING');
  // A ticket that was never tested is not done, whatever its phase allows.
  if (testing && phase.sequence_order < testing.sequence_order) {
    const { blocking_reasons } = judged(testing);
    if (blocking_reasons.length > 0) throw closedGate('to_phase', ticket, testing, blocking_reasons);
  }
  const why = reason ?? 'Completed.';
  return toTicketView(await moveToPhase(call, stand, { to_phase: 'PHASE_DONE', reason: why }));
}

export async function spawnPhaseTasks(call: Call, id: string) {
  const stand = await standOf(call, id);
  return spawn(call, seedFor(stand, stand.phase));
}
