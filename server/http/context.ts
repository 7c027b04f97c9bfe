import type { Services } from '#activities/ports/services.ts';
import type { Grant } from '#prisma/store/identity.ts';

/** Who calls. */
export interface Actor {
  user_id: string;
  email: string;
  is_super_admin: boolean;
  is_verified: boolean;
  via: 'key' | 'session';
  /** The sign-in a token belongs to; null for keys. */
  session_id: string | null;
  /** The key that calls; null for a sign-in. */
  key_id: string | null;
  /** What the caller may do, by organization; a key's scopes have narrowed it already. */
  grants: Grant[];
}

/** What a use case is given beside its input. */
export interface Call {
  services: Services;
  actor: Actor;
  /** The organization this call is about. */
  organization_id: string;
  request_id: string;
  /** An id for what the call makes. A request that is repeated under its Idempotency-Key after the first died names the same row. */
  newId(what: string): string;
}
