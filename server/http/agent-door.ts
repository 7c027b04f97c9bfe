import type { Store } from '#activities/ports/store.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Contract } from '../contracts/contract.ts';
import type { Actor } from './context.ts';

type Keyed = Pick<Actor, 'agent' | 'place'>;

/** Whether a call only reads what a role lets read, whoever has it. */
const isReadByRole = ({ method, auth, personal }: Contract) => method === 'get' && auth.includes(':') && !personal;

/**
 * Whether a call reaches the whole project of the agent. The key of a sandbox only reads there: a model that a repository
 * talked into it could start or end the work of others otherwise. What its work turns out to need, it reports.
 */
const isOfProject = ({ agent }: Keyed, { agents_of_project: shared, method }: Contract) =>
  shared !== undefined && (!agent || method === 'get');

/** AUTH-13: an agent may call only what lists it, and as a member also read. @throws forbidden */
export function requireListed({ agent, place }: Keyed, contract: Contract): void {
  const { agent: permission, registered } = contract;
  if (isOfProject({ agent, place }, contract)) return;
  if (agent && !permission)
    throw new AppError(
      'forbidden',
      'The key of a sandbox may not make this call. Use an API key of a person, or sign in.',
    );
  if (place && !registered && !(place.is_member && isReadByRole(contract)))
    throw new AppError(
      'forbidden',
      'The key of an agent may not make this call. Use an API key of a person, or sign in.',
    );
}

/** @throws forbidden for a record of another project than that of the agent. */
async function requireOwnProject(
  store: Pick<Store, 'scopes'>,
  { agent, place }: Keyed,
  record: { kind: string; id: string } | undefined,
): Promise<void> {
  const own = (agent ?? place)?.project_id;
  if (!own) return;
  if (record && (await store.scopes.projectOf(record.kind, record.id)) === own) return;
  throw new AppError(
    'forbidden',
    `The key of an agent reaches only its own project, which is ${own}. Name it by project_id, or name a record of it.`,
  );
}

/** An agent reaches only its own run, task and project; a registered one itself and its runs. @throws forbidden */
export async function requireOwn(
  store: Pick<Store, 'runs' | 'scopes'>,
  { agent, place }: Keyed,
  contract: Contract,
  record: { kind: string; id: string } | undefined,
  organizationId: string,
): Promise<void> {
  const { registered } = contract;
  if (isOfProject({ agent, place }, contract) && !(place?.is_member && isReadByRole(contract)))
    return requireOwnProject(store, { agent, place }, record);
  if (place) {
    // What does not list agents was let through for a member, who reads it as people do.
    if (!registered) return;
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
