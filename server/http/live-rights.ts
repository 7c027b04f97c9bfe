import type { IncomingMessage } from 'node:http';
import type { Store } from '#activities/ports/store.ts';
import { grants, permissionToRead } from '#workflows/domain/access/permissions.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { EventEnvelope } from '#workflows/domain/events/catalogue.ts';
import { accessCookie, checkOrigin, cookies, type Authenticator } from './authenticate.ts';
import type { Actor } from './context.ts';
import { sha256 } from './tokens.ts';

/** What a listener may read now: its permissions by organization. */
export interface FeedRights {
  user_id: string;
  permissions: Map<string, readonly string[]>;
}

export interface FeedCaller {
  rights: FeedRights;
  /** The rights at this moment; undefined when the sign-in or the key has ended. Rejects when that is not known. */
  current: () => Promise<FeedRights | undefined>;
}

export const mayRead = ({ permissions }: FeedRights, event: Pick<EventEnvelope, 'organization_id' | 'entity'>) =>
  grants(permissions.get(event.organization_id) ?? [], permissionToRead(event.entity.kind));

const rightsOf = (actor: Actor, only?: string): FeedRights => ({
  user_id: actor.user_id,
  permissions: new Map(
    actor.grants
      .filter((grant) => only === undefined || grant.organization_id === only)
      .map((grant) => [grant.organization_id, actor.is_super_admin ? ['*:*'] : grant.permissions]),
  ),
});

/** Finds the caller of a connection to the live feed: by its ticket, its token or key, or the cookie of a page. */
export function createFeedAuthenticator(store: Store, authenticator: Authenticator) {
  async function caller(ask: () => Promise<Actor>, organizationId?: string): Promise<FeedCaller> {
    return {
      rights: rightsOf(await ask(), organizationId),
      current: async () => {
        try {
          return rightsOf(await ask(), organizationId);
        } catch (error) {
          if (error instanceof AppError && error.code === 'unauthenticated') return undefined;
          throw error;
        }
      },
    };
  }

  return async (req: IncomingMessage, query: URLSearchParams): Promise<FeedCaller> => {
    const ticket = query.get('ticket');
    if (ticket) {
      const [, via, id] = /\.(key|session)\.([0-9a-f-]{36})$/.exec(ticket) ?? [];
      const spent = await store.identity.spendTicket(sha256(ticket));
      if (!spent || !id) throw new Error('The ticket is unknown, used or expired. Create another one.');
      // The right of a ticket is that of the sign-in or key that created it.
      return caller(() => authenticator.fromOwner(via === 'key' ? 'key' : 'session', id), spent.organization_id);
    }
    const bearer = /^Bearer\s+(\S+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? query.get('token') ?? undefined;
    const cookie = cookies(req.headers.cookie)[accessCookie];
    if (!bearer && cookie) checkOrigin(req.headers.origin, req.headers.host);
    const credential = bearer ?? cookie;
    if (!credential) throw new Error('Sign in, or send a ticket or a Bearer token.');
    return caller(() => authenticator.fromBearer(credential));
  };
}
