import { AppError } from '#workflows/domain/errors.ts';

export const deactivated = 'This account was deactivated. Ask an administrator of this installation to activate it.';

/** AUTH-04. @throws account_inactive. Only for a caller who has proven who they are: strangers learn of no account. */
export function requireActive({ is_active: isActive }: { is_active: boolean }): void {
  if (!isActive) throw new AppError('account_inactive', deactivated);
}

/** @throws unauthenticated for a sign-in that has ended; account_inactive. */
export function requireOpen<S extends { revoked_at: Date | null; user: { is_active: boolean } }>(session: S | null): S {
  if (session) requireActive(session.user);
  if (!session || session.revoked_at) throw new AppError('unauthenticated', 'You are signed out. Sign in again.');
  return session;
}
