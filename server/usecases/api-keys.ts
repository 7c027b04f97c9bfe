import { tellRights } from '#activities/ports/bus.ts';
import { grants, knownPermissions } from '#workflows/domain/access/permissions.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type * as contracts from '../contracts/api-keys.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Actor, Call } from '../http/context.ts';
import { randomToken, sha256 } from '../http/tokens.ts';
import { iso, toPageView } from './views.ts';

export async function createApiKey(call: Call, input: Body<typeof contracts.createApiKey>) {
  const unknown = input.scopes.filter((scope) => !knownPermissions.includes(scope));
  if (unknown.length > 0)
    throw new AppError('invalid_body', `Unknown scopes: ${unknown.join(', ')}.`, [
      { field: 'scopes', message: `takes ${knownPermissions.join(', ')}` },
    ]);
  requireKeyRights(call.actor, call.organization_id, input.scopes);
  const key = `sk_live_${randomToken()}`;
  const row = await call.services.store.identity.createKey({
    id: call.newId('api_key'),
    organization_id: call.organization_id,
    user_id: call.actor.user_id,
    name: input.name,
    key_prefix: key.slice(0, 16),
    hashed_key: sha256(key),
    scopes: input.scopes,
    expires_at: input.expires_in_days ? new Date(Date.now() + input.expires_in_days * 86_400_000) : null,
  });
  return { ...toApiKeyView(row), key };
}

export async function listApiKeys({ services, actor }: Call, page: Query<typeof contracts.listApiKeys>) {
  const organizations = actor.grants.map((grant) => grant.organization_id);
  return toPageView(await services.store.identity.keysOf(actor.user_id, organizations, page), toApiKeyView);
}

/** Revokes a key. A key may always revoke itself. */
export async function revokeApiKey({ services, actor }: Call, id: string): Promise<undefined> {
  const key = await services.store.identity.keyOf(actor.user_id, id);
  if (key.id !== actor.key_id) requireKeyRights(actor, key.organization_id, key.scopes);
  await services.store.identity.revokeKey(actor.user_id, id);
  tellRights(services.bus, actor.user_id, key.organization_id);
}

/** A key with org:write may create and revoke keys of its organization that have no permission it lacks itself. */
function requireKeyRights(actor: Actor, organizationId: string, scopes: readonly string[]): void {
  if (actor.via !== 'key') return;
  const own = actor.grants.find((grant) => grant.organization_id === organizationId)?.permissions;
  if (!own) throw notFound('API key');
  if (!grants(own, 'org:write'))
    throw new AppError('forbidden', 'This API key cannot manage keys: it lacks the scope org:write. Sign in instead.');
  const beyond = scopes.filter((scope) => !grants(own, scope));
  if (beyond.length > 0)
    throw new AppError(
      'forbidden',
      `A key can only create or revoke keys with permissions that it has itself. Missing: ${beyond.join(', ')}.`,
    );
}

const toApiKeyView = (row: {
  id: string;
  organization_id: string;
  name: string;
  key_prefix: string;
  scopes: string[];
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
}) => ({
  id: row.id,
  organization_id: row.organization_id,
  name: row.name,
  key_prefix: row.key_prefix,
  scopes: row.scopes,
  created_at: row.created_at.toISOString(),
  expires_at: iso(row.expires_at),
  last_used_at: iso(row.last_used_at),
});
