import type { Services } from '#activities/ports/services.ts';
import type { KeyedRun } from '#prisma/store/sandbox-keys.ts';
import type { Contract } from '../contracts/contract.ts';
import type { Grant } from '#prisma/store/identity.ts';

/** The authenticated caller: a user, or an agent by the key of its run's sandbox (AUTH-13), which has no user_id. */
export interface Actor {
  user_id: string;
  email: string;
  is_super_admin: boolean;
  is_verified: boolean;
  /** The account waits for an administrator's approval: it may read and change only itself. */
  is_pending: boolean;
  via: 'key' | 'session' | 'agent';
  /** The sign-in that the token belongs to; null for keys. */
  session_id: string | null;
  /** The API key of the caller; null for a sign-in. */
  key_id: string | null;
  /** The only run, task and project that an agent reaches; null for a user. */
  agent: KeyedRun | null;
  /**
   * The registered agent that calls by its own key, and reaches only itself and its runs; null for others. As a member
   * it also reads what its role may read.
   */
  place: { agent_id: string; name: string; project_id: string | null; is_member: boolean } | null;
  /** Permissions of the caller by organization, already limited by the scopes of a key. */
  grants: Grant[];
}

/** The context of a call: services, caller and organization. */
export interface Call {
  services: Services;
  actor: Actor;
  /** The organization of this call. */
  organization_id: string;
  request_id: string;
  /**
   * For a call of which only some bodies start work: passes the door to this project by hand.
   * @returns the services that can start it. @throws as the door of calls that declare starts_work.
   */
  door(projectId: string): Promise<Services>;
  /**
   * For a call that stands for another one: passes that one's door, as if it came by itself.
   * @returns the call to make it with. @throws as its door.
   */
  through(contract: Contract, parts: { params?: unknown; body?: unknown }): Promise<Call>;
  /**
   * For a call without sign-in that a signature proves: a call in the name of a person. It has no right of its own but
   * through the door. @throws as their sign-in would.
   */
  inNameOf(userId: string, organizationId: string): Promise<Call>;
  /** An id for a row that the call creates. A request repeated with its Idempotency-Key gets the same id. */
  newId(what: string): string;
}
