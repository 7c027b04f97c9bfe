import type { IncomingMessage } from 'node:http';
import type { Store } from '#activities/ports/store.ts';
import { grants, permissionToRead } from '#workflows/domain/access/permissions.ts';
import { AppError, errorStatus, notFound } from '#workflows/domain/errors.ts';
import type { EventEnvelope } from '#workflows/domain/events/catalogue.ts';
import { accessCookie, checkOrigin, cookies, requireApproved, type Authenticator } from './authenticate.ts';
import type { Actor } from './context.ts';
import { chosenOrganization } from './organization-of.ts';
import { sha256 } from './tokens.ts';

/** What a listener may read now, in the one organization that it listens to. */
export interface FeedRights {
  user_id: string;
  organization_id: string;
  permissions: readonly string[];
}

export interface FeedCaller {
  rights: FeedRights;
  /** The rights at this moment; undefined when the sign-in or the key has ended. Rejects when that is not known. */
  current: () => Promise<FeedRights | undefined>;
}

export const mayRead = (rights: FeedRights, event: Pick<EventEnvelope, 'organization_id' | 'entity'>) =>
  event.organization_id === rights.organization_id && grants(rights.permissions, permissionToRead(event.entity.kind));

/** Undefined when the caller is not a member of the organization. */
function rightsIn(actor: Actor, organizationId: string): FeedRights | undefined {
  const grant = actor.grants.find((entry) => entry.organization_id === organizationId);
  const permissions = actor.is_super_admin ? ['*:*'] : grant?.permissions;
  return permissions && { user_id: actor.user_id, organization_id: organizationId, permissions };
}

/** Whether the credential of a caller is not, or no longer, a valid one. */
export const isRefusal = (error: unknown): error is AppError =>
  error instanceof AppError && errorStatus[error.code] === 401;

/** Finds the caller of a connection to the live feed: by its ticket, its token or key, or the cookie of a page. */
export function createFeedAuthenticator(store: Store, authenticator: Authenticator) {
  async function caller(ask: () => Promise<Actor>, named: string | undefined): Promise<FeedCaller> {
    const actor = await ask();
    if (actor.agent || actor.place) throw new AppError('forbidden', 'The key of an agent opens no live feed.');
    requireApproved(actor);
    const organizationId = await chosenOrganization(store, actor, named);
    const rights = rightsIn(actor, organizationId);
    if (!rights) throw notFound('organization');
    return {
      rights,
      current: async () => {
        try {
          return rightsIn(await ask(), organizationId);
        } catch (error) {
          if (isRefusal(error)) return undefined;
          throw error;
        }
      },
    };
  }

  return async (req: IncomingMessage, query: URLSearchParams): Promise<FeedCaller> => {
    const header = req.headers['x-organization-id'];
    const named = (typeof header === 'string' && header) || query.get('organization_id') || undefined;
    const ticket = query.get('ticket');
    if (ticket) {
      const [, via, id] = /\.(key|session)\.([0-9a-f-]{36})$/.exec(ticket) ?? [];
      const spent = await store.identity.spendTicket(sha256(ticket));
      if (!spent || !id) throw new Error('The ticket is unknown, used or expired. Create another one.');
      // The right of a ticket is that of the sign-in or key that created it, in the organization that it is for.
      const ask = () => authenticator.fromOwner(via === 'key' ? 'key' : 'session', id);
      if (named && (await chosenOrganization(store, await ask(), named)) !== spent.organization_id)
        throw notFound('organization');
      return caller(ask, spent.organization_id);
    }
    const bearer = /^Bearer\s+(\S+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? query.get('token') ?? undefined;
    const cookie = cookies(req.headers.cookie)[accessCookie];
    if (!bearer && cookie) checkOrigin(req.headers.origin, req.headers.host);
    const credential = bearer ?? cookie;
    if (!credential) throw new Error('Sign in, or send a ticket or a Bearer token.');
    return caller(() => authenticator.fromBearer(credential), named);
  };
}
