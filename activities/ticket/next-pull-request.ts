import { nextStatuses } from '#workflows/domain/transitions.ts';
import type { PullRequest } from '#prisma/store/pull-requests.ts';
import type { Services } from '../ports/services.ts';
import type { Following } from '../ports/followed-pull.ts';
import { deterministicId } from '../support/ids.ts';

type Store = Services['store'];

/**
 * The ticket of the pull request that follows an ended one. Its id follows from the ended one, so further changes join
 * it until its own pull request has ended, too.
 */
export async function nextTicket(store: Store, ended: PullRequest): Promise<{ id: string; context: Following }> {
  let follows = ended.id;
  let id = deterministicId(`next:${ended.id}`);
  for (;;) {
    const ticket = await store.tickets.find(ended.organization_id, id);
    const [pull] = (await store.pullRequests.list(ended.organization_id, { ticket_id: id }, { limit: 1 })).items;
    const takesWork =
      !ticket || (nextStatuses('ticket', ticket.status).length > 0 && (pull?.state ?? 'open') === 'open');
    if (takesWork) return { id, context: { follows_pull_request: follows } };
    follows = pull?.id ?? follows;
    id = deterministicId(`next:${id}`);
  }
}
