import { hash, verify } from '@node-rs/argon2';
import { tellRights } from '#activities/ports/bus.ts';
import type { Session } from '#prisma/generated/client.ts';
import type { AuditEntry } from '#prisma/store/audit.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type * as contracts from '../contracts/auth.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { guardPassword, type SignInClient } from './sign-in-guard.ts';
import { toPageView, toUserView } from './views.ts';

/** A key stands for a program, and changes nothing about the account of its owner. */
export function requireSignIn({ actor }: Call): void {
  if (actor.via !== 'session')
    throw new AppError('forbidden', 'An API key cannot manage the account of its owner. Sign in instead.');
}

export async function updateMe(call: Call, input: Body<typeof contracts.updateMe>, { ip }: SignInClient) {
  requireSignIn(call);
  const { identity } = call.services.store;
  const user = await identity.updateProfile(call.actor.user_id, input);
  const view = toUserView(user);
  // Open pages of the user follow. A page that misses the message follows when it is loaded again.
  if (input.preferences)
    call.services.bus.publish('preferences', { organization_id: '', user_id: user.id, preferences: view.preferences });
  const fields = Object.keys(input).filter((field) => field !== 'preferences');
  if (fields.length > 0)
    await identity.audit('profile_change', { user_id: user.id, email: user.email, ip }, { fields });
  return view;
}

/** Wrong tries count as failed sign-ins: a stolen sign-in must not try passwords. */
export async function changePassword(
  call: Call,
  input: Body<typeof contracts.changePassword>,
  { ip }: SignInClient,
): Promise<undefined> {
  requireSignIn(call);
  const { services, actor } = call;
  const { identity } = services.store;
  const user = await identity.userById(actor.user_id);
  if (!user?.hashed_password)
    throw new AppError(
      'invalid_rule',
      'This account has no password. Set one by a mailed link: choose "Forgot password" at the sign-in.',
    );
  const old = user.hashed_password;
  const guard = guardPassword(services, user.email, ip);
  await guard.requireOpen();
  const wrong = () =>
    new AppError('invalid_rule', 'The current password is wrong.', [
      { field: 'current_password', message: 'is wrong' },
    ]);
  if (!(await verify(old, input.current_password))) {
    await guard.failed(user.id);
    throw wrong();
  }
  if (!(await identity.changePassword(user.id, old, await hash(input.new_password)))) throw wrong();
  await identity.signinSucceeded(user.email);
  await identity.audit('password_change', { user_id: user.id, email: user.email, ip });
  tellRights(call.services.bus, call.actor.user_id);
}

export async function listSessions(call: Call, page: Query<typeof contracts.listSessions>) {
  requireSignIn(call);
  const { services, actor } = call;
  return toPageView(await services.store.identity.sessionsOf(actor.user_id, page), (session: Session) => ({
    id: session.id,
    user_agent: session.user_agent,
    ip: session.ip,
    created_at: session.created_at.toISOString(),
    last_used_at: session.last_used_at.toISOString(),
    expires_at: session.expires_at.toISOString(),
    current: session.id === actor.session_id,
  }));
}

export async function revokeSession(call: Call, id: string, { ip }: SignInClient): Promise<undefined> {
  requireSignIn(call);
  const { services, actor } = call;
  const { identity } = services.store;
  if ((await identity.revokeSessions({ id, user_id: actor.user_id })) === 0) throw notFound('session');
  await identity.audit('session_revoked', { user_id: actor.user_id, email: actor.email, ip }, { session_id: id });
  tellRights(call.services.bus, call.actor.user_id);
}

export async function logoutAll(call: Call, { ip }: SignInClient): Promise<undefined> {
  requireSignIn(call);
  const { services, actor } = call;
  const { identity } = services.store;
  const sessions = await identity.revokeSessions({ user_id: actor.user_id });
  await identity.audit('logout', { user_id: actor.user_id, email: actor.email, ip }, { sessions });
  tellRights(call.services.bus, call.actor.user_id);
}

export async function auditTrail({ services }: Call, query: Query<typeof contracts.auditTrail>) {
  const { limit, cursor, ...filter } = query;
  return toPageView(await services.store.identity.auditTrail(filter, { limit, cursor }), (entry: AuditEntry) => ({
    id: entry.id,
    event: entry.event,
    timestamp: entry.created_at.toISOString(),
    user_id: entry.user_id,
    email: entry.email,
    ip: entry.ip,
    details: entry.details as Record<string, unknown>,
  }));
}
