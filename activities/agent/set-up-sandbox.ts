import { Context } from '@temporalio/activity';
import type { Run } from '#prisma/store/runs.ts';
import { setupFailed } from '#workflows/domain/agent/notices.ts';
import { oneLine } from '#workflows/domain/agent/untrusted.ts';
import { cutStart } from '#workflows/domain/text.ts';
import type { Services } from '../ports/services.ts';
import { projectCommands, type ProjectCommands } from '../project/project-commands.ts';
import { setUp } from '../project/set-up.ts';
import { deterministicId } from '../support/ids.ts';
import { ensureSandbox, isLost, readsOnly, type Ensured } from './sandbox.ts';

/**
 * Sets up the project in the run's sandbox, unless the run only reads.
 * @param beforeEnd is called for a set-up that failed, before the sandbox counts as set up.
 * @returns the command that failed, also when an earlier try of the caller ran it.
 */
export async function setUpSandbox(
  services: Services,
  run: Run,
  { setup, hopeless, network }: ProjectCommands,
  beforeEnd: (failed: string) => Promise<unknown> = async () => {},
): Promise<string | undefined> {
  const { sandbox, log } = services;
  const { cancellationSignal: signal } = Context.current();
  const id = run.sandbox_id;
  if (readsOnly(run)) {
    await sandbox.settle(id, false);
    return undefined;
  }
  const sha = run.head_sha ?? run.start_sha;
  const plans = run.kind === 'phase';
  // A review's base is the work itself: what that leaves is not kept.
  const keep = (plans || run.mode === 'implementation') && sha === run.base_sha;
  const subject = { sandbox_id: id, project_id: run.project_id, sha, keep };
  // A plan does not wait for what is known to fail. The opening message says so.
  const commands = { network, setup: plans ? setup.filter((command) => !hopeless.includes(command)) : setup };
  const failed = await setUp(services, subject, commands, signal).catch(async (error: unknown) => {
    // Its commands ended with it and would stay lost. Nobody has worked in a sandbox that is not set up.
    if (!isLost(error) || (await sandbox.isSettled(id))) throw error;
    await sandbox.destroy(id, run.project_id);
    await ensureSandbox(services, run);
    return setUp(services, subject, commands, signal);
  });
  const command = failed && cutStart(oneLine(failed.command), 200);
  if (command) {
    log.warn({ run_id: run.id, command, exit_code: failed.exit_code }, "the project's set-up failed");
    await beforeEnd(command);
  }
  await sandbox.settle(id, commands.setup.length > 0);
  return command;
}

/**
 * Ensures that the run has its sandbox for the agent's next call. In one that is made again, now or by an earlier try that
 * ended, the project is set up as at the run's opening. The agent gets a message about a set-up that fails.
 */
export async function ensureSetUp(services: Services, run: Run): Promise<Ensured> {
  const ensured = await ensureSandbox(services, run);
  if (await services.sandbox.isSettled(run.sandbox_id)) return ensured;
  const commands = await projectCommands(services, run.organization_id, run.project_id, run.base_sha);
  await setUpSandbox(services, run, commands, (failed) =>
    services.store.messages.accept({
      id: deterministicId(`set-up-failed:${run.id}:${run.head_sha ?? ''}`),
      organization_id: run.organization_id,
      run_id: run.id,
      kind: 'system',
      rank: 'turn',
      content: `Your sandbox had to be created again. ${setupFailed(failed)}`,
      actor: 'platform',
    }),
  );
  return 'made';
}
