import { randomUUID } from 'node:crypto';
import type { Run } from '#prisma/store/runs.ts';
import { isolationProblem } from '#workflows/domain/agent/isolation.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { SandboxError, type SandboxSpec } from '../ports/sandbox.ts';
import type { Services } from '../ports/services.ts';
import { originOf } from '../ports/sandbox-origin.ts';
import { requireCommit } from '../ports/lost-commit.ts';
import { instanceLabel } from './sandbox-key.ts';

export function sandboxLimits(config: Services['config']): SandboxSpec['limits'] {
  const { memory_mb, processes, file_size_mb, log_mb } = config.sandbox;
  return { memory_mb, processes, file_size_mb, log_mb };
}

/** @throws invalid_rule where commands run without isolation and a real model would write them. */
export function refuseUnsafe({ sandbox, model, config }: Pick<Services, 'sandbox' | 'model' | 'config'>): void {
  const problem = isolationProblem({
    isolated: sandbox.isolated,
    scripted: model.scripted,
    unsafe: config.sandbox.unsafe,
  });
  if (problem) throw new AppError('invalid_rule', problem);
}

/**
 * Whether a run's commands may not write its files either. Those of planners may: a checkout that is set up can be tried,
 * and it is thrown away.
 */
export const readsOnly = (run: Pick<Run, 'kind' | 'mode'>): boolean =>
  run.mode === 'exploration' && run.kind !== 'phase';

/** The parts of a run that decide how its sandbox is made. */
export type Housed = Pick<
  Run,
  | 'id'
  | 'organization_id'
  | 'project_id'
  | 'task_id'
  | 'kind'
  | 'mode'
  | 'phase'
  | 'sandbox_id'
  | 'branch'
  | 'start_sha'
  | 'head_sha'
>;

/** The files that a run's sandbox starts with. */
export const checkoutOf = (run: Housed) =>
  [readsOnly(run) ? 'read_only' : 'read_write', run.branch, run.start_sha, run.head_sha].join(' ');

/** Creates the run's sandbox, or starts its processes again. @returns a call that records it. The run's row exists then. */
export async function makeSandbox(
  services: Pick<Services, 'sandbox' | 'store' | 'config' | 'repositories' | 'model'>,
  run: Housed,
  ahead?: { made_ahead: string },
): Promise<() => Promise<void>> {
  const { sandbox, store, config } = services;
  refuseUnsafe(services);
  const labels = {
    project: 'omoios',
    organization_id: run.organization_id,
    project_id: run.project_id,
    run_id: run.id,
    task_id: run.task_id ?? '',
    phase_id: run.phase ?? run.kind,
    checkout: checkoutOf(run),
  };
  const limits = sandboxLimits(config);
  await requireCommit(services, run.project_id, run.head_sha);
  await sandbox.create({
    id: run.sandbox_id,
    project_id: run.project_id,
    base_sha: run.start_sha,
    restore_sha: run.head_sha ?? undefined,
    branch: run.branch,
    access: readsOnly(run) ? 'read_only' : 'read_write',
    labels: { ...labels, ...ahead, [instanceLabel]: randomUUID() },
    ...(await originOf(services, run.organization_id, run.project_id)),
    limits,
  });
  return () => store.sandboxes.start(run, { provider: sandbox.provider, labels, limits });
}

/** What was found or done: a sandbox that runs, one whose processes had died, or none. */
export type Ensured = 'running' | 'revived' | 'made';

/**
 * Ensures that the run has its sandbox: keeps a running one, revives one whose processes died, and creates a lost one
 * again from the newest checkpoint. The project is not set up in that one: `ensureSetUp` does it.
 */
export async function ensureSandbox(services: Services, run: Run): Promise<Ensured> {
  refuseUnsafe(services);
  const status = await services.sandbox.status(run.sandbox_id);
  if (status === 'running') return 'running';
  // What the lost one knew must not work on. The next command that may call the platform gets another key.
  if (status === 'absent') await services.store.sandboxes.endKey(run);
  const record = await makeSandbox(services, run);
  await record();
  return status === 'stopped' ? 'revived' : 'made';
}

export const isLost = (error: unknown): boolean => error instanceof SandboxError && error.code === 'lost';

/**
 * Runs an action on the run's sandbox. When the sandbox ended under the action, it is ensured, and the action runs once
 * more: on the same files if only the processes died, otherwise on those of the newest checkpoint.
 */
export async function inSandbox<T>(services: Services, run: Run, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!isLost(error)) throw error;
    await ensureSandbox(services, run);
    return action();
  }
}
