import type { PreviewSession } from '#prisma/store/previews.ts';
import type { Run } from '#prisma/store/runs.ts';
import { sandboxQueue } from '#workflows/contracts/ids.ts';
import type { PreviewInput } from '#workflows/contracts/preview.ts';
import { isFrontEnd } from '#workflows/domain/agent/preview.ts';
import { previewOrigin } from './page-link.ts';
import type { Services } from './services.ts';

type Previewed = Pick<Run, 'id' | 'organization_id' | 'project_id' | 'sandbox_id' | 'sandbox_host'>;

/** What the workflow of a start of a preview needs. */
export const previewInput = ({ preview }: Pick<Services['config'], 'preview'>, row: PreviewSession): PreviewInput => ({
  organization_id: row.organization_id,
  project_id: row.project_id,
  preview_id: row.id,
  attempt: row.attempt,
  sandbox_queue: sandboxQueue(row.sandbox_host ?? undefined),
  port: row.port,
  command: row.command,
  wait_ms: preview.wait_seconds * 1000,
  start_ms: preview.start_seconds * 1000,
});

/** Stores the start of a preview, and starts its workflow. @throws conflict when one is under way. */
export async function openPreview(
  { store, workflows, config, log }: Pick<Services, 'store' | 'workflows' | 'config' | 'log'>,
  run: Previewed,
  {
    id = crypto.randomUUID(),
    by,
    port = config.preview.port,
    command = null,
  }: {
    id?: string;
    by: string;
    port?: number;
    command?: string | null;
  },
): Promise<PreviewSession> {
  const { id: runId, organization_id, project_id, sandbox_id, sandbox_host } = run;
  const row = await store.previews.open(
    { id: runId, organization_id, project_id, sandbox_id, sandbox_host },
    { id, port, command, requested_by: by },
  );
  // The server starts what is stored and has no workflow.
  await workflows.startPreview(previewInput(config, row)).catch((error: unknown) => {
    log.warn({ preview_id: row.id, error: String(error) }, 'a preview waits: its workflow could not be started');
  });
  return row;
}

/** Starts the preview of a task about a front end, once. It is an extra: without it the work goes on. */
export async function previewFrontEnd(
  services: Pick<Services, 'store' | 'workflows' | 'config' | 'log' | 'sandbox'>,
  run: Previewed & Pick<Run, 'kind' | 'title' | 'goal'>,
): Promise<void> {
  const { store, sandbox, log } = services;
  if (run.kind !== 'task' || !isFrontEnd(`${run.title}\n${run.goal}`)) return;
  if (!sandbox.ports || !previewOrigin(services, 'token')) return;
  try {
    if (!(await store.previews.ofRun(run.organization_id, run.id)))
      await openPreview(services, run, { by: 'front-end task' });
  } catch (error) {
    log.warn({ run_id: run.id, error: String(error) }, 'the preview of a front end could not be started');
  }
}
