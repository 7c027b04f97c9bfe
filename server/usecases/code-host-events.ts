import type { SignedEvent } from '#activities/ports/code-host.ts';
import type { Services } from '#activities/ports/services.ts';
import { hostChangedUpdate } from '#workflows/contracts/pull-request.ts';

/**
 * Takes an event of the code host. It only says that a pull request changed; what it is now is read at the code host by
 * the workflow of the pull request. So events have the same effect in any order, twice and late.
 */
export async function takeCodeHostEvent(
  { codeHost, store, workflows }: Services,
  signed: SignedEvent,
): Promise<{ changed: string[] }> {
  const event = await codeHost.readEvent(signed);
  if (!event) return { changed: [] };
  const rows = await store.pullRequests.atHost(event.provider, event.number, event.within);
  const changed = rows.filter(({ repository_url: address }) => event.isOf(address));
  for (const { id, organization_id, project_id } of changed)
    await workflows.updateWithStart({ pull_request_id: id, organization_id, project_id }, hostChangedUpdate, {});
  return { changed: changed.map(({ id }) => id) };
}
