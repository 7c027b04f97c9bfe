import { AppError, notFound } from '#workflows/domain/errors.ts';
import { fixedPhases, phaseProblem, phasesOf, type BoardPhase } from '#workflows/domain/tasks/board-phases.ts';
import type { Body } from '../contracts/contract.ts';
import type * as contracts from '../contracts/board-phases.ts';
import type { Call } from '../http/context.ts';

const invalid = (field: string, message: string) =>
  new AppError('invalid_body', `${field} ${message}.`, [{ field, message }]);

/** @throws invalid_body unless it is a phase of the project's board. */
export async function requirePhase({ services, organization_id }: Call, project_id: string, phaseId: string) {
  const phases = await services.store.boardPhases.all({ organization_id, project_id });
  if (phases.some(({ id }) => id === phaseId)) return;
  throw new AppError('invalid_body', `${phaseId} is not a phase of the board.`, [
    { field: 'phase_id', message: `takes ${phases.map(({ id }) => id).join(', ')}` },
  ]);
}

const ownPhases = async ({ services, organization_id }: Call, project_id: string | undefined): Promise<BoardPhase[]> =>
  project_id ? services.store.boardPhases.own({ organization_id, project_id }) : [];

export async function listPhases(call: Call, projectId: string | undefined) {
  const own = await ownPhases(call, projectId);
  return { phases: phasesOf(own).map((phase) => ({ ...phase, own: own.some(({ id }) => id === phase.id) })) };
}

export async function getPhase(call: Call, id: string, projectId: string | undefined) {
  const { phases } = await listPhases(call, projectId);
  const phase = phases.find((one) => one.id === id);
  if (!phase) throw notFound('phase');
  return phase;
}

const newPhase = { done_definitions: [], expected_outputs: [], phase_prompt: '', next_steps_guide: [] };

export async function putPhase(call: Call, id: string, project_id: string, input: Body<typeof contracts.putPhase>) {
  const { services, organization_id, actor } = call;
  const { phases } = await listPhases(call, project_id);
  const known = phases.find((one) => one.id === id);
  const { own: _own, ...before } = known ?? {
    own: false,
    ...newPhase,
    seed: null,
    timeout_seconds: null,
    max_retries: null,
  };
  for (const field of ['name', 'sequence_order', 'status', 'allowed_transitions'] as const)
    if (!known && input[field] === undefined) throw invalid(field, 'is required: the project has no such phase yet');
  for (const field of ['status', 'allowed_transitions', 'seed'] as const)
    if (fixedPhases.includes(id) && input[field] !== undefined)
      throw invalid(field, `of ${id} cannot be changed: the platform ends and blocks tickets by it`);
  const wanted = { ...before, ...input, id } as BoardPhase;
  const phase = await services.store.boardPhases.put({ organization_id, project_id }, wanted, actor.email, (all) => {
    const problem = phaseProblem(wanted, all);
    if (problem) throw invalid(problem.field, problem.message);
  });
  return { ...phase, own: true };
}

export async function removePhase(
  { services, organization_id, actor }: Call,
  id: string,
  project_id: string,
): Promise<undefined> {
  const removed = await services.store.boardPhases.remove(
    { organization_id, project_id },
    id,
    actor.email,
    (phases, tickets) => {
      if (phases.some((phase) => phase.id === id)) return;
      if (tickets > 0)
        throw new AppError(
          'invalid_rule',
          `phase_id: ${tickets} open tickets are in ${id}. Move them to another phase first.`,
        );
      const leads = phases.find(({ allowed_transitions: next }) => next.includes(id));
      if (leads)
        throw new AppError(
          'invalid_rule',
          `phase_id: ${leads.id} leads to ${id}. Take it out of its allowed_transitions first.`,
        );
    },
  );
  if (!removed) throw notFound('definition of the phase by the project');
}
