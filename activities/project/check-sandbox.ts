import { Context } from '@temporalio/activity';
import { sandboxLimits } from '../agent/sandbox.ts';
import { originOf } from '../ports/sandbox-origin.ts';
import type { Services } from '../ports/services.ts';

const prefix = 'omoios-check-';

/** Id of a check's sandbox, from the name of the check. The name of a run's check begins with the run's id. */
export const checkSandboxId = (name: string) => `${prefix}${name}`;
export const checkOfRun = (runId: string, iteration: number | '') => `${runId.slice(0, 8)}-${iteration}`;

/** Creates a sandbox without a run: a clean checkout of a commit for one check of a workflow. */
export async function ensureCheckSandbox(
  services: Services,
  subject: { id: string; organization_id: string; project_id: string; sha: string },
): Promise<void> {
  const { workflowExecution } = Context.current().info;
  await services.sandbox.create({
    id: subject.id,
    project_id: subject.project_id,
    base_sha: subject.sha,
    branch: 'omoios-check',
    access: 'read_write',
    labels: { project: 'omoios', project_id: subject.project_id, workflow_id: workflowExecution?.workflowId ?? '' },
    ...(await originOf(services, subject.organization_id, subject.project_id)),
    limits: sandboxLimits(services.config),
  });
}

/** Removes the check sandboxes that an ended run left behind: their worker died and the check was not retried. */
export async function dropChecksOfRun(services: Services, run: { id: string; project_id: string }): Promise<void> {
  for (const id of await services.sandbox.list())
    if (id.startsWith(checkSandboxId(checkOfRun(run.id, '')))) await services.sandbox.destroy(id, run.project_id);
}

/** Ends the checks on this machine whose workflow has ended. @param projectId limits it to one project. */
export async function dropOrphanedChecks(
  { sandbox, workflows, log }: Pick<Services, 'sandbox' | 'workflows' | 'log'>,
  projectId?: string,
): Promise<void> {
  for (const id of (await sandbox.list()).filter((name) => name.startsWith(prefix))) {
    const labels = await sandbox.labels(id);
    if (
      !labels ||
      (projectId && labels.project_id !== projectId) ||
      (await workflows.isRunning(labels.workflow_id ?? ''))
    )
      continue;
    log.warn({ sandbox_id: id, workflow_id: labels.workflow_id }, 'a leftover sandbox of a check is removed');
    await sandbox.destroy(id, labels.project_id);
  }
}
