import type { Store } from '#activities/ports/store.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Contract } from '../contracts/contract.ts';
import type { Actor } from './context.ts';

type Keyed = Pick<Actor, 'agent' | 'place'>;

/** AUTH-13: an agent may call only what lists it. @throws forbidden */
export function requireListed(
  { agent, place }: Keyed,
  { agent: permission, registered }: Pick<Contract, 'agent' | 'registered'>,
): void {
  if (agent && !permission)
    throw new AppError(
      'forbidden',
      'The key of a sandbox may not make this call. Use an API key of a person, or sign in.',
    );
  if (place && !registered)
    throw new AppError(
      'forbidden',
      'The key of an agent may not make this call. Use an API key of a person, or sign in.',
    );
}

/** An agent reaches only its own run, task and project; a registered one itself and its runs. @throws forbidden */
export async function requireOwn(
  store: Pick<Store, 'runs'>,
  { agent, place }: Keyed,
  record: { kind: string; id: string } | undefined,
  organizationId: string,
): Promise<void> {
  if (place) {
    // A call that names no record of these kinds checks by itself what the agent may see.
    if (!record || !['run', 'sandbox', 'agent'].includes(record.kind) || record.id.toLowerCase() === place.agent_id)
      return;
    const run = record.kind === 'run' ? await store.runs.get(organizationId, record.id) : undefined;
    if (run?.agent_id === place.agent_id) return;
    throw new AppError(
      'forbidden',
      `The key of ${place.name} reaches only this agent, ${place.agent_id}, and its runs.`,
    );
  }
  if (!agent) return;
  const own: Record<string, (string | null)[]> = {
    run: [agent.run_id],
    agent: [agent.run_id],
    sandbox: [agent.run_id, agent.sandbox_id],
    task: [agent.task_id],
    project: [agent.project_id],
  };
  if (record && own[record.kind]?.includes(record.id.toLowerCase())) return;
  throw new AppError('forbidden', `The key of a sandbox reaches only its own run, which is ${agent.run_id}.`);
}
