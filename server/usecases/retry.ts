import { requestRetry, retryTicketWork } from '#activities/ports/act-on-ticket.ts';
import type { Spec } from '#prisma/store/specs.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { retrySpecUpdate } from '#workflows/contracts/spec.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { firstOpenPhase } from '#workflows/domain/phases/gate-policy.ts';
import type { Call } from '../http/context.ts';
import { specInput } from './launch-spec.ts';

const trying = { status: 'trying_again' };

export async function retryTicket(call: Call, id: string) {
  const ticket = await call.services.store.tickets.get(call.organization_id, id);
  if (!(await retryTicketWork(call.services, ticket)))
    throw new AppError('conflict', `Nothing in the ticket has failed that could be retried: it is ${ticket.status}.`);
  return trying;
}

/** A running spec retries every failed part. A spec that failed in planning continues at the failed phase. */
export async function retrySpec(call: Call, id: string, feedback: string | undefined) {
  const { store } = call.services;
  const spec = await store.specs.get(call.organization_id, id);
  const emitRetried = () =>
    store.specs.update(
      call.organization_id,
      id,
      {},
      {
        event: { type: 'spec.retried', data: { by: call.actor.email, feedback: feedback ?? null } },
      },
    );
  if (spec.status === 'failed') {
    await takeUpAgain(call, spec, feedback);
    await emitRetried();
    return trying;
  }
  if (feedback !== undefined)
    throw new AppError('invalid_rule', `feedback applies only to a failed phase; the spec is ${spec.status}.`, [
      { field: 'feedback', message: 'does not apply: no phase has failed' },
    ]);
  let any = await requestRetry(call.services, workflowId.spec(id), retrySpecUpdate);
  for (const ticket of await store.tickets.ofSpec(id))
    if (ticket.needs_review) any = (await retryTicketWork(call.services, ticket)) || any;
  if (any) {
    await emitRetried();
    return trying;
  }
  const instead =
    spec.waiting_for === 'gate'
      ? ` The phase ${spec.current_phase} waits at its gate: approve it, or ask for changes.`
      : '';
  throw new AppError(
    'conflict',
    `Nothing in the spec has failed that could be retried: it is ${spec.status}.${instead}`,
  );
}

/** Starts a failed plan again, at its first phase that has not passed. @throws conflict where its tickets failed with it. */
export async function takeUpAgain(call: Call, spec: Spec, feedback: string | undefined): Promise<void> {
  const { services, organization_id } = call;
  const { store } = services;
  if ((await store.tickets.ofSpec(spec.id)).length > 0)
    throw new AppError(
      'conflict',
      'The spec failed while its tickets were built, and they ended with it. Launch the feature again.',
    );
  const { plan, gate_policy: policy } = spec;
  const from = firstOpenPhase(plan.phases, await store.specs.attempts(spec.id), policy);
  if (feedback !== undefined && from === plan.phases.length)
    throw new AppError('invalid_rule', 'All phases have passed, so feedback does not apply.', [
      { field: 'feedback', message: 'does not apply: no phase has failed' },
    ]);
  // A chain needs a new number: under its old one it would find the runs of the chain before.
  const chains: Record<string, number> = {};
  for (const run of await store.runs.ofPhases(organization_id, spec.id))
    chains[run.phase] = Math.max(chains[run.phase] ?? 0, run.chain);
  // What it took was given back when it failed before its first turn.
  await store.billing.reserve({ ...spec, spec_id: spec.id });
  const status = await services.workflows.startSpec({
    ...specInput(spec),
    again: { from, chains, feedback: feedback ?? null },
  });
  if (status === 'already_running') throw new AppError('conflict', 'The spec is already being retried.');
}
