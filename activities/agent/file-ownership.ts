import type { Run } from '#prisma/store/runs.ts';
import type { Services } from '../ports/services.ts';
import type { FileOwnership } from '../tools/support/tool.ts';

/** Who owns the files beside the task of a run, read again for each change: tasks start and end meanwhile. */
export function ownershipOf({ store }: Pick<Services, 'store'>, run: Run): FileOwnership | undefined {
  const { kind, task_id: id, ticket_id, organization_id } = run;
  if (kind !== 'task' || !id || !ticket_id) return undefined;
  return {
    strict: run.settings.ownership === 'strict',
    read: () => store.tasks.fileOwners(organization_id, { id, ticket_id }),
  };
}
