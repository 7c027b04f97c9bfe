import { cutRun } from '#activities/ports/bus.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { claimUpdate, wakeSignal } from '#workflows/contracts/run.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type * as contracts from '../contracts/validation.ts';
import type { Body } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { reachRun } from './reach-run.ts';

/** EXEC-25. What a sandbox says is a claim: the run's workflow checks it, and lets the agent continue if it is refused. */
export async function completeTask(call: Call, id: string, input: Body<typeof contracts.completeTask>) {
  const { services, organization_id, actor } = call;
  const { store, workflows, redact } = services;
  const run = await store.runs.get(organization_id, id);
  if (run.task_id !== input.task_id.toLowerCase())
    throw new AppError('forbidden', `The task ${input.task_id} is not the task of this run.`);
  if (run.kind !== 'task')
    throw new AppError('conflict', `This is a run of the kind ${run.kind}, which does not complete the task.`);
  const answer = async (claim: 'taken' | 'known') => {
    const { status } = await store.tasks.get(organization_id, input.task_id);
    const unblocked = status === 'completed' ? await store.events.unblockedBy(organization_id, run.task_id ?? '') : [];
    return { task_id: input.task_id, new_status: status, claim, unblocked_tasks: unblocked };
  };
  if (run.ended_at) {
    // A claim that is sent again after it was accepted.
    if (run.status === (input.success ? 'completed' : 'failed')) return answer('known');
    throw new AppError('conflict', `The run has ended (${run.status}).`);
  }
  if (input.success) {
    const { result } = input;
    const { summary, evidence } = typeof result === 'object' ? result : { summary: result ?? '', evidence: [] };
    const report = { summary: redact(summary) || 'Reported as done.', evidence };
    const { status } = await reachRun(call, id, () => workflows.update(workflowId.run(id), claimUpdate, report));
    return answer(status);
  }
  const message = redact(input.error_message ?? '');
  const stop = { by: actor.email, reason: 'reported_failure', message };
  await reachRun(call, id, () => workflows.signal(workflowId.run(id), wakeSignal, { stop }));
  cutRun(services.bus, organization_id, id);
  return answer('taken');
}
