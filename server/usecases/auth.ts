import { randomUUID } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { tellRights } from '#activities/ports/bus.ts';
import { grants } from '#workflows/domain/access/permissions.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Services } from '#activities/ports/services.ts';
import type { User } from '#prisma/store/identity.ts';
import type * as contracts from '../contracts/auth.ts';
import type { Body } from '../contracts/contract.ts';
import type { Actor, Call } from '../http/context.ts';
import { randomToken, sha256, type Tokens } from '../http/tokens.ts';
import { requireActive, requireOpen } from './active.ts';
import { challengeOf, passChallenge, type Challenge } from './second-factor.ts';
import { rightsIn } from './roles.ts';
import { acceptInvitation, invitationFor } from './invitations.ts';
import { welcome } from './mailed-links.ts';
import { guardPassword, type SignInClient } from './sign-in-guard.ts';
import { toUserView } from './views.ts';

export interface Pair {
  access_token: string;
  refresh_token: string;
  token_type: 'bearer';
  expires_in: number;
}

// Verified when an address is unknown, so that the response time does not reveal which addresses exist.
let unusedHash: Promise<string> | undefined;

const wrong = () => new AppError('unauthenticated', 'E-mail or password is wrong.');

export function createAuth(services: Services, tokens: Tokens) {
  const { store, config } = services;
  const { identity } = store;

  const rightsChanged = (userId: string) => tellRights(services.bus, userId);

  async function openSession(user: User, client: SignInClient, details: object): Promise<Pair> {
    const refreshJti = randomUUID();
    const session = await identity.openSession({
      user_id: user.id,
      refresh_jti: refreshJti,
      expires_at: new Date(Date.now() + config.auth.refresh_ttl * 1000),
      ...client,
    });
    await identity.audit('login_success', { user_id: user.id, email: user.email, ip: client.ip }, details);
    return pair(user.id, session.id, refreshJti);
  }

  /** Every way to sign in ends here. @returns a challenge for a user with a second factor. */
  async function enter(user: User, client: SignInClient, method: string): Promise<Pair | Challenge> {
    const challenge = await challengeOf(services, user, method);
    if (challenge) return challenge;
    await identity.signinSucceeded(user.email);
    return openSession(user, client, { method });
  }

  async function pair(userId: string, sessionId: string, refreshJti: string): Promise<Pair> {
    const access = await tokens.sign({ sub: userId, type: 'access', sid: sessionId }, config.auth.access_ttl);
    const refresh = await tokens.sign(
      { sub: userId, type: 'refresh', sid: sessionId, jti: refreshJti },
      config.auth.refresh_ttl,
    );
    return {
      access_token: access.token,
      refresh_token: refresh.token,
      token_type: 'bearer',
      expires_in: config.auth.access_ttl,
    };
  }

  /** @param graceMs how long the token that was just replaced gives the token that replaced it. */
  async function refresh(token: string | undefined, graceMs: number, ip?: string): Promise<Pair> {
    if (!token) throw new AppError('unauthenticated', 'There is no refresh token. Sign in again.');
    const claims = await tokens.verify(token, 'refresh');
    const session = requireOpen(await identity.session(claims.sid));
    const next = randomUUID();
    const expires = new Date(Date.now() + config.auth.refresh_ttl * 1000);
    const about = { user_id: session.user_id, email: session.user.email, ip };
    if (await identity.rotateSession(session.id, claims.jti, next, expires)) {
      await identity.audit('token_refresh', about, { session_id: session.id });
      return pair(session.user_id, session.id, next);
    }
    const now = await identity.session(session.id);
    const replacedMs =
      now?.rotated_at && now.previous_jti === claims.jti ? Date.now() - now.rotated_at.getTime() : Infinity;
    if (now && !now.revoked_at && replacedMs < graceMs) return pair(session.user_id, session.id, now.refresh_jti);
    await identity.revokeSessions({ user_id: session.user_id });
    await identity.audit('refresh_token_reuse', about, { session_id: session.id });
    rightsChanged(session.user_id);
    throw new AppError(
      'unauthenticated',
      'This refresh token was used before. All sign-ins have ended; sign in again.',
    );
  }

  async function newLink(userId: string): Promise<string> {
    const token = randomToken();
    await identity.createLink(userId, sha256(token), new Date(Date.now() + config.auth.link_ttl * 1000));
    return token;
  }

  return {
    enter,

    register: async (input: Body<typeof contracts.register>) => {
      const { password, invitation, ...fields } = input;
      if (invitation) await invitationFor(services, invitation, fields.email);
      const user = await identity.createUser({
        ...fields,
        hashed_password: await hash(password),
        is_verified: false,
        waitlist_status: config.auth.waitlist ? 'pending' : 'approved',
      });
      if (!invitation) {
        await welcome(services, user);
        return toUserView(user);
      }
      await acceptInvitation(services, invitation, user);
      return toUserView({ ...user, is_verified: true });
    },

    login: async (input: Body<typeof contracts.login>, client: SignInClient) => {
      const guard = guardPassword(services, input.email, client.ip);
      await guard.requireOpen();
      const user = await identity.userByEmail(input.email);
      unusedHash ??= hash(randomToken());
      const fits = await verify(user?.hashed_password ?? (await unusedHash), input.password);
      if (!user || !user.hashed_password || !fits) {
        await guard.failed(user?.id);
        throw wrong();
      }
      requireActive(user);
      return enter(user, client, 'password');
    },

    passSecondFactor: async (challenge: string | undefined, code: string, client: SignInClient): Promise<Pair> => {
      const { user, details } = await passChallenge(services, challenge, code, client);
      return openSession(user, client, details);
    },

    /** AUTH-05: a refresh token can be used once. A second use means theft: all sign-ins of the user end. */
    refresh: (token: string | undefined, ip?: string): Promise<Pair> => refresh(token, 0, ip),

    /**
     * The same for our own pages. A page sends several requests at once, and each may reach another server: one of them
     * replaces the token, and within a few seconds the others get the token that replaced it.
     */
    refreshPage: (token: string): Promise<Pair> => refresh(token, config.auth.page_renewal_grace * 1000),

    logout: async ({ session_id, user_id, email }: Pick<Actor, 'session_id' | 'user_id' | 'email'>, ip?: string) => {
      if (!session_id) return;
      await identity.revokeSessions({ id: session_id });
      await identity.audit('logout', { user_id, email, ip });
      rightsChanged(user_id);
    },

    signInByLink: async (token: string, client: SignInClient) => {
      const user = await identity.spendLink(sha256(token));
      if (!user || !user.is_active)
        throw new AppError(
          'invalid_rule',
          'This sign-in link was used before or has expired. Start OmoiOS again for a new one, or run: npx omoios link',
        );
      return enter(user, client, 'link');
    },

    /** Creates a one-time link for the caller. It gives all permissions of the user, so a key with fewer gets none. */
    createOwnLink: async ({ actor }: Call): Promise<string> => {
      const all = await identity.grantsOf(actor.user_id);
      const may = (organizationId: string) =>
        actor.grants.find((grant) => grant.organization_id === organizationId)?.permissions ?? [];
      const full = all.every((grant) =>
        grant.permissions.every((permission) => grants(may(grant.organization_id), permission)),
      );
      if (!full)
        throw new AppError(
          'forbidden',
          'This API key has fewer permissions than its owner, so it cannot create a sign-in link. Sign in instead.',
        );
      return newLink(actor.user_id);
    },
    createLink: newLink,

    me: async ({ actor }: Call) => {
      const user = await identity.userById(actor.user_id);
      if (!user) throw wrong();
      const ids = actor.grants.map((grant) => grant.organization_id);
      const { items: organizations } = await identity.organizations(ids, { limit: ids.length });
      return {
        ...toUserView(user),
        organizations: organizations.map(({ id, name, slug }) => ({ id, name, slug, ...rightsIn(actor, id) })),
      };
    },

    liveTicket: async ({ actor, organization_id }: Call) => {
      // The ticket names the key or sign-in that created it. Only its hash is stored, so the name cannot be changed.
      const owner = actor.via === 'key' ? `key.${actor.key_id}` : `session.${actor.session_id}`;
      const ticket = `${randomToken()}.${owner}`;
      await identity.createTicket({
        token_hash: sha256(ticket),
        user_id: actor.user_id,
        organization_id,
        expires_at: new Date(Date.now() + 60_000),
      });
      return { ticket, expires_in: 60 };
    },
  };
}

export type Auth = ReturnType<typeof createAuth>;
