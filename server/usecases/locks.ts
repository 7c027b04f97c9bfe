import type { ResourceLock } from '#prisma/store/locks.ts';
import type * as contracts from '../contracts/locks.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { at, toPageView } from './views.ts';

const toLockView = (row: ResourceLock) => ({
  id: row.id,
  project_id: row.project_id,
  task_id: row.task_id,
  resource_type: row.resource_type,
  resource_id: row.resource_id,
  mode: row.mode as 'exclusive' | 'shared',
  fence: row.fence,
  locked_by: row.locked_by,
  expires_at: at(row.expires_at),
  created_at: at(row.created_at),
});

export async function acquireLock(
  { services, organization_id, actor }: Call,
  { seconds, ...lock }: Body<typeof contracts.acquireLock>,
) {
  const now = new Date();
  const expires_at = new Date(now.getTime() + seconds * 1000);
  return toLockView(
    await services.store.locks.acquire({ ...lock, organization_id, locked_by: actor.email, expires_at }, now),
  );
}

export async function releaseLock(
  { services, organization_id }: Call,
  { task_id, ...resource }: Body<typeof contracts.releaseLock>,
): Promise<undefined> {
  await services.store.locks.release(organization_id, task_id, resource);
}

export const listLocks = async (
  { services, organization_id }: Call,
  { project_id, ...page }: Query<typeof contracts.listLocks>,
) => toPageView(await services.store.locks.list(organization_id, { project_id }, new Date(), page), toLockView);
