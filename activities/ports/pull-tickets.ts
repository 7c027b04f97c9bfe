import type { PullRequest } from '#prisma/store/pull-requests.ts';
import type { Services } from './services.ts';

/** The tickets whose work is in a pull request. */
export const pullTickets = async ({ store }: Pick<Services, 'store'>, pull: PullRequest) =>
  pull.ticket_id
    ? [await store.tickets.get(pull.organization_id, pull.ticket_id)]
    : pull.spec_id
      ? store.tickets.ofSpec(pull.spec_id)
      : [];
