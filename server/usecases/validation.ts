import type { z } from 'zod';
import { unknownCriteria } from '#activities/ports/unknown-criteria.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { reviewUpdate } from '#workflows/contracts/run.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { changeTexts } from '#workflows/domain/text.ts';
import { reviewsOf } from '#workflows/domain/tasks/review-rounds.ts';
import type * as contracts from '../contracts/validation.ts';
import type { Body } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { reachRun } from './reach-run.ts';
import { sendMessage } from './runs.ts';
import { iso } from './views.ts';

/** The run that works on a task now: of its agent, or of its validator. */
async function workingOn({ services: { store }, organization_id }: Call, taskId: string) {
  const active = await store.runs.activeOfTask(taskId);
  return active ? store.runs.get(organization_id, active) : undefined;
}

/** The validator of a task that works now. */
async function validatorOf(call: Call, taskId: string) {
  const run = await workingOn(call, taskId);
  return run?.kind === 'validation' ? run : undefined;
}

/** EXEC-37. The verdict ends the iteration of the validator's run, as its tool would; the task's workflow acts on it. */
async function review(call: Call, taskId: string, validatorId: string, input: z.input<typeof reviewUpdate.schema>) {
  const { services, organization_id, actor } = call;
  if (actor.agent && actor.agent.run_id !== validatorId.toLowerCase())
    throw new AppError('forbidden', `This key belongs to the run ${actor.agent.run_id}, which gives no other verdict.`);
  const run = await services.store.runs.get(organization_id, validatorId);
  if (run.kind !== 'validation' || run.task_id !== taskId.toLowerCase())
    throw new AppError('forbidden', 'Only a validator of the task may give a review of it.');
  if (run.ended_at) throw new AppError('invalid_rule', `The review has ended (${run.status}), so it takes no verdict.`);
  if (!input.passed && input.feedback.trim() === '')
    throw new AppError('invalid_rule', 'A review that does not pass needs feedback.', [
      { field: 'feedback', message: 'is needed: say what is wrong and how to see it' },
    ]);
  const unknown = await unknownCriteria(services, run, input.criteria ?? []);
  if (unknown)
    throw new AppError('invalid_rule', unknown, [
      { field: 'criteria', message: 'names criteria that the task does not serve' },
    ]);
  const verdict = changeTexts(input, services.redact);
  return reachRun(call, run.id, () => services.workflows.update(workflowId.run(run.id), reviewUpdate, verdict));
}

export const giveReview = (
  call: Call,
  { task_id, validator_agent_id, validation_passed: passed, ...rest }: Body<typeof contracts.giveReview>,
) => review(call, task_id, validator_agent_id, { passed, ...rest });

export const validationResult = (
  call: Call,
  id: string,
  { task_id, ...verdict }: Body<typeof contracts.validationResult>,
) => review(call, task_id, id, verdict);

/** Plans a review of work that has none: the task's workflow starts the validator when the work is handed in. */
export async function spawnValidator(call: Call, taskId: string) {
  const { services, organization_id } = call;
  const task = await services.store.tasks.get(organization_id, taskId);
  const validator = await validatorOf(call, task.id);
  const refuse = (why: string) => new AppError('conflict', `${task.key} ${why}`);
  if (validator) throw refuse(`is reviewed by the validator ${validator.id} already.`);
  if (['completed', 'cancelled'].includes(task.status))
    throw refuse(`is ${task.status}. Add a task that reviews or corrects its work.`);
  if (task.validation_enabled) throw refuse('is reviewed by itself when its work is handed in.');
  await services.store.tasks.patch(organization_id, task.id, { validation_enabled: true });
  return { status: 'planned' };
}

export async function sendFeedback(call: Call, { task_id, feedback }: Body<typeof contracts.sendFeedback>) {
  const { services, organization_id } = call;
  const task = await services.store.tasks.get(organization_id, task_id);
  const run = await workingOn(call, task.id);
  if (run?.kind !== 'task')
    throw new AppError(
      'conflict',
      `No agent works on ${task.key} now (${task.status}). A review that does not pass gives its feedback to the next one.`,
    );
  return sendMessage(call, run.id, { kind: 'user_message', content: feedback });
}

export async function validationStatus(call: Call, taskId: string) {
  const { services, organization_id } = call;
  const task = await services.store.tasks.get(organization_id, taskId);
  const validator = await validatorOf(call, task.id);
  const { items: reviews } = await services.store.tasks.reviewsPage(organization_id, task.id, { limit: 200 });
  return {
    task_id: task.id,
    state: task.status,
    enabled: task.validation_enabled,
    iteration: task.validation_iteration,
    max_iterations: reviewsOf(services.config.task.validation_rounds),
    review_done: task.validation_iteration > 0 && !validator && task.status !== 'validating',
    last_feedback: reviews.at(-1)?.feedback ?? task.last_validation_feedback,
    validator_agent_id: validator?.id ?? null,
    validator_started_at: iso(validator?.started_at ?? null),
  };
}
