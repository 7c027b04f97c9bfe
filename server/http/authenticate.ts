import type { Request } from 'express';
import { grants as allows, systemRoles } from '#workflows/domain/access/permissions.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Store } from '#activities/ports/store.ts';
import type { Grant } from '#prisma/store/identity.ts';
import { requireActive, requireOpen } from '../usecases/active.ts';
import type { Actor } from './context.ts';
import { sha256, type Tokens } from './tokens.ts';

export const accessCookie = 'omoios_access_token';
export const refreshCookie = 'omoios_refresh_token';

export function cookies(header: string | undefined): Record<string, string> {
  return Object.fromEntries(
    (header ?? '').split(';').flatMap((pair) => {
      const at = pair.indexOf('=');
      if (at < 0) return [];
      try {
        return [[pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())]];
      } catch {
        return [];
      }
    }),
  );
}

/** The caller of a route that needs no sign-in. */
export const anonymous: Actor = {
  user_id: '',
  email: '',
  is_super_admin: false,
  is_verified: false,
  is_pending: false,
  via: 'session',
  session_id: null,
  key_id: null,
  agent: null,
  place: null,
  grants: [],
};

/** A key has a permission when its scopes and its owner both have it, and only in the key's organization. */
function narrowed(grants: Grant[], organizationId: string, scopes: string[]): Grant[] {
  return grants
    .filter((grant) => grant.organization_id === organizationId)
    .map((grant) => ({
      ...grant,
      permissions: [
        ...scopes.filter((scope) => allows(grant.permissions, scope)),
        ...grant.permissions.filter((permission) => allows(scopes, permission)),
      ],
    }));
}

export function createAuthenticator(store: Store, tokens: Tokens) {
  async function ofKey(row: Awaited<ReturnType<Store['identity']['keyByHash']>>): Promise<Actor> {
    if (!row || !row.is_active || (row.expires_at && row.expires_at < new Date()))
      throw new AppError('unauthenticated', 'This API key is unknown, revoked or expired.');
    requireActive(row.user);
    void store.identity.keyUsed(row).catch(() => undefined);
    const all = await store.identity.grantsOf(row.user_id);
    return {
      user_id: row.user_id,
      email: row.user.email,
      is_super_admin: false,
      is_verified: row.user.is_verified,
      is_pending: row.user.waitlist_status === 'pending',
      via: 'key',
      session_id: null,
      key_id: row.id,
      agent: null,
      place: null,
      grants: narrowed(all, row.organization_id, row.scopes),
    };
  }

  async function ofSession(session: Awaited<ReturnType<Store['identity']['session']>>): Promise<Actor> {
    const { id, user } = requireOpen(session);
    return {
      user_id: user.id,
      email: user.email,
      is_super_admin: user.is_super_admin,
      is_verified: user.is_verified,
      is_pending: user.waitlist_status === 'pending' && !user.is_super_admin,
      via: 'session',
      session_id: id,
      key_id: null,
      agent: null,
      place: null,
      grants: await store.identity.grantsOf(user.id),
    };
  }

  /** AUTH-13: a key works as long as its run and its sandbox, or its registered agent. It has the role of agents, and that of a member where the agent is one (ORG-04). */
  async function byAgentKey(key: string): Promise<Actor> {
    const agent = (await store.sandboxes.runOfKey(sha256(key))) ?? null;
    const place = agent ? undefined : await store.agents.ofKey(sha256(key));
    if (!agent && !place)
      throw new AppError(
        'unauthenticated',
        'This key of an agent is unknown, or its run, its sandbox or the agent has ended. Only commands of a run that goes on, and registered agents, have one.',
      );
    const role = place?.member ?? { role: 'agent_executor', permissions: [...systemRoles.agent_executor] };
    return {
      user_id: '',
      email: agent ? `agent of run ${agent.run_id}` : (place?.name ?? ''),
      is_super_admin: false,
      // It has no address of its own: who registered it, or started its run, was asked.
      is_verified: true,
      is_pending: false,
      via: 'agent',
      session_id: null,
      key_id: null,
      agent,
      place: place
        ? { agent_id: place.id, name: place.name, project_id: place.project_id, is_member: place.member !== null }
        : null,
      grants: [{ organization_id: (agent ?? place)?.organization_id ?? '', ...role }],
    };
  }

  const byKey = async (key: string) => ofKey(await store.identity.keyByHash(sha256(key)));
  const byToken = async (token: string) =>
    ofSession(await store.identity.session((await tokens.verify(token, 'access')).sid));
  const fromBearer = (value: string) => {
    if (value.startsWith('sk_agent_')) return byAgentKey(value);
    return value.startsWith('sk_live_') ? byKey(value) : byToken(value);
  };

  return {
    fromBearer,
    /** The caller to whom a key or a sign-in belongs. @throws unauthenticated when it has ended. */
    fromOwner: async (via: 'key' | 'session', id: string): Promise<Actor> => {
      if (via === 'key') return ofKey(await store.identity.keyById(id));
      const session = await store.identity.session(id);
      return ofSession(session && session.expires_at > new Date() ? session : null);
    },
    /** A person whom something else than a sign-in proves, such as a linked account. They administrate nothing. */
    ofPerson: async (userId: string): Promise<Actor> => {
      const user = await store.identity.userById(userId);
      if (!user) throw new AppError('unauthenticated', 'This account was deleted.');
      requireActive(user);
      return {
        ...anonymous,
        user_id: user.id,
        email: user.email,
        is_verified: user.is_verified,
        is_pending: user.waitlist_status === 'pending',
        grants: await store.identity.grantsOf(user.id),
      };
    },
    /** @throws unauthenticated; for a cookie also when the request comes from another site. */
    fromRequest: async (req: Pick<Request, 'headers' | 'method'>): Promise<Actor> => {
      const bearer = /^Bearer\s+(\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
      if (bearer) return fromBearer(bearer);
      const cookie = cookies(req.headers.cookie)[accessCookie];
      if (!cookie) throw new AppError('unauthenticated', 'Sign in, or send an API key as a Bearer token.');
      if (req.method !== 'GET' && req.method !== 'HEAD') checkOrigin(req.headers.origin, req.headers.host);
      return byToken(cookie);
    },
  };
}

/** AUTH-16. @throws waitlist_pending for an account that no administrator has approved yet. */
export function requireApproved({ is_pending: isPending, email }: Pick<Actor, 'is_pending' | 'email'>): void {
  if (isPending)
    throw new AppError(
      'waitlist_pending',
      `The account ${email} is on the waiting list. An administrator of this installation approves it.`,
    );
}

/** A browser sends cookies with requests from any site, so cookies are accepted only from our own pages. */
export function checkOrigin(origin: string | undefined, host: string | undefined): void {
  if (!origin) return;
  let from: string | undefined;
  try {
    from = new URL(origin).host;
  } catch {
    from = undefined;
  }
  if (from !== host) throw new AppError('forbidden', 'Requests from other sites are refused.');
}

export type Authenticator = ReturnType<typeof createAuthenticator>;
