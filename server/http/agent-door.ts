import { AppError } from '#workflows/domain/errors.ts';
import type { Contract } from '../contracts/contract.ts';
import type { Actor } from './context.ts';

/** AUTH-13: an agent may call only what lists it. @throws forbidden */
export function requireListed({ agent }: Pick<Actor, 'agent'>, { agent: permission }: Pick<Contract, 'agent'>): void {
  if (agent && !permission)
    throw new AppError(
      'forbidden',
      'The key of a sandbox may not make this call. Use an API key of a person, or sign in.',
    );
}

/** An agent reaches only its own run, task and project. @throws forbidden */
export function requireOwn({ agent }: Pick<Actor, 'agent'>, record: { kind: string; id: string } | undefined): void {
  if (!agent) return;
  const own: Record<string, (string | null)[]> = {
    run: [agent.run_id],
    sandbox: [agent.run_id, agent.sandbox_id],
    task: [agent.task_id],
    project: [agent.project_id],
  };
  if (record && own[record.kind]?.includes(record.id.toLowerCase())) return;
  throw new AppError('forbidden', `The key of a sandbox reaches only its own run, which is ${agent.run_id}.`);
}
