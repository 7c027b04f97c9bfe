import { randomUUID } from 'node:crypto';
import type { AuditEntry } from '../generated/client.ts';
import { pageOf, type PageQuery } from './page.ts';
import type { StoreCore } from './core.ts';

export type { AuditEntry } from '../generated/client.ts';

type AuditEvent =
  | 'login_success'
  | 'login_failed'
  | 'login_blocked_lockout'
  | 'logout'
  | 'token_refresh'
  | 'refresh_token_reuse'
  | 'session_revoked'
  | 'password_change'
  | 'profile_change'
  | 'oauth_connected'
  | 'oauth_disconnected'
  | 'model_key_created'
  | 'model_key_changed'
  | 'model_key_removed'
  | 'second_factor_enabled'
  | 'second_factor_disabled'
  | 'waitlist_approved'
  | 'account_deactivated'
  | 'account_activated'
  | 'email_verified'
  | 'password_reset_requested'
  | 'password_reset'
  | 'invitation_created'
  | 'invitation_revoked'
  | 'invitation_accepted'
  | 'promo_code_created'
  | 'promo_code_deactivated'
  | 'administrator_created'
  | 'account_verified'
  | 'credit_added';

/** The audit trail of accounts (AUTH-17). */
export function auditStore(core: StoreCore) {
  return {
    audit: (event: AuditEvent, about: Partial<Pick<AuditEntry, 'user_id' | 'email' | 'ip'>>, details: object = {}) =>
      core.change(
        async (tx) => void (await tx.auditEntry.create({ data: { ...about, id: randomUUID(), event, details } })),
      ),
    auditTrail: (filter: { event?: string; user_id?: string; email?: string }, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.auditEntry.findMany({
            ...query,
            where: { AND: [{ ...filter, email: filter.email?.toLowerCase() }, query.where] },
          }),
        ),
      ),
  };
}
