import type { Services } from '#activities/ports/services.ts';
import { AppError } from '#workflows/domain/errors.ts';

/** From where somebody signs in. */
export interface SignInClient {
  user_agent?: string;
  ip?: string;
}

/** AUTH-03: after five wrong passwords an address is locked for a while, even for the right one. */
export function guardPassword({ store, config }: Pick<Services, 'store' | 'config'>, email: string, ip?: string) {
  const { identity } = store;
  const count = () => identity.signinFailed(email, config.auth.lockout_failures, config.auth.lockout);
  const about = { email: email.toLowerCase(), ip };
  return {
    /** @throws rate_limited while the address is locked. Each try locks it anew. */
    requireOpen: async (): Promise<void> => {
      const state = await identity.signinState(email);
      if (!state?.locked_until || state.locked_until <= new Date()) return;
      await count();
      await identity.audit('login_blocked_lockout', about);
      throw new AppError(
        'rate_limited',
        'Too many failed sign-ins for this address. Wait, then try again.',
        undefined,
        config.auth.lockout,
      );
    },
    failed: async (userId?: string, details: object = {}): Promise<void> => {
      await count();
      await identity.audit('login_failed', { ...about, user_id: userId }, details);
    },
  };
}
