import type { DiagnosticTrigger } from '#workflows/domain/diagnosis.ts';
import { refusedDiagnosis } from '#workflows/domain/diagnosis.ts';
import type { Task } from '#prisma/store/tasks.ts';
import type { Services } from './services.ts';

type Needed = Pick<Services, 'store' | 'workflows' | 'config'>;

/** Whether tickets of a project are diagnosed, and whether work begins by itself after that. */
export async function diagnosticsOf(
  { store, config }: Pick<Services, 'store' | 'config'>,
  organizationId: string,
  projectId: string,
) {
  const { settings } = await store.projects.get(organizationId, projectId);
  return {
    enabled: settings.diagnostics ?? config.diagnostic.enabled,
    auto: settings.auto_recover ?? config.diagnostic.auto_recover,
    /** Another loop begins work after a failure already. */
    fixes: (settings.fix_rounds ?? config.task.fix_rounds) > 0,
  };
}

/** Lets the platform find out why a task failed, unless the project wants none or the guards hold it back. Safe to repeat. */
export async function startDiagnosis(
  services: Needed,
  task: Pick<Task, 'id' | 'organization_id' | 'project_id' | 'ticket_id'>,
  trigger: DiagnosticTrigger,
  diagnostic_id: string,
): Promise<void> {
  const { store, workflows, config } = services;
  const { organization_id, project_id, ticket_id, id: task_id } = task;
  if (!(await diagnosticsOf(services, organization_id, project_id)).enabled) return;
  const history = await store.diagnostics.history(organization_id, ticket_id, task_id);
  if (refusedDiagnosis(history, config.diagnostic, 'platform')) return;
  const of = { organization_id, project_id, ticket_id, task_id };
  await workflows.startDiagnostic({ ...of, diagnostic_id, trigger, by: null });
}
