import type { Services } from '#activities/ports/services.ts';
import { sandboxQueue } from '#workflows/contracts/ids.ts';
import type { RunKind } from '#workflows/domain/agent/run.ts';
import { sandboxId } from '#workflows/domain/agent/sandbox-ids.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { StartOptions } from '#activities/ports/workflows.ts';
import type * as contracts from '../contracts/runs.ts';
import type { Body } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';

/**
 * Creates a run from another run's state after a turn: same conversation, same files, a new instruction. It waits for
 * a slot of the project, and its accepted work goes to its own branch, never to the task or phase of the other run.
 */
export async function forkRun(call: Call, id: string, input: Body<typeof contracts.forkRun>) {
  const { services, organization_id, actor } = call;
  const { store, repositories, config } = services;
  const source = await store.runs.get(organization_id, id);
  if (source.settings.runner)
    throw new AppError(
      'invalid_rule',
      `A run of the ${source.settings.runner} is not forked: its session is the program's own. Retry its task, or start a new one.`,
    );
  const { settings } = await store.projects.get(organization_id, source.project_id);
  if (input.turn > source.turn)
    throw new AppError(
      'invalid_rule',
      `The run has ${source.turn} finished turns; turn ${input.turn} is not one of them.`,
      [{ field: 'turn', message: `1 to ${source.turn}` }],
    );
  const runId = call.newId('run');
  const branch = `fork/${runId.slice(0, 8)}`;
  const head = await filesAfter(services, source, input.turn);
  await repositories.updateRef(source.project_id, `refs/heads/${branch}`, head);
  const fork = await store.transcripts.fork(organization_id, {
    source_id: id,
    turn: input.turn,
    run_id: runId,
    branch,
    head_sha: head,
    sandbox_id: sandboxId(runId, runId),
    sandbox_host: services.sandbox.host ?? null,
    max_usd: settings.limits?.max_usd ?? config.run.max_usd,
    title: `${source.title} (fork of turn ${input.turn})`,
    instruction: { content: services.redact(input.instruction), actor: actor.email },
  });
  await startFork(services, fork);
  return { run_id: runId };
}

/** The commit with a run's files after a turn; after one that the run took over, those of the run that it continues. */
async function filesAfter(services: Services, run: Run, turn: number): Promise<string> {
  const { store } = services;
  const { continues } = run.settings;
  if (continues && turn <= continues.turn)
    return filesAfter(services, await store.runs.get(run.organization_id, continues.run_id), turn);
  return (await store.toolCalls.checkpointAt(run.id, turn))?.sha ?? run.start_sha;
}

/** Starts the workflow of a stored fork, unless it runs. */
export const startFork = (services: Services, fork: Run, options?: StartOptions) =>
  services.workflows.startRun(
    {
      run_id: fork.id,
      organization_id: fork.organization_id,
      project_id: fork.project_id,
      spec_id: fork.spec_id,
      ticket_id: fork.ticket_id,
      task_id: null,
      kind: fork.kind as RunKind,
      sandbox_queue: sandboxQueue(fork.sandbox_host ?? undefined),
      limits: fork.limits,
      start_turn: fork.turn,
      own_slot: true,
    },
    options,
  );
