import { existsSync, readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import type { Services } from '#activities/ports/services.ts';
import { ownerKeyFile } from '#activities/services/embedded.ts';
import { writePrivate } from '#activities/services/secrets.ts';
import { systemRoles } from '#workflows/domain/access/permissions.ts';
import { sha256 } from './http/tokens.ts';

export interface Owner {
  user_id: string;
  organization_id: string;
}

/**
 * Creates, once, the owner of the embedded stack, their organization and the API key that the command line uses. A
 * key file that is missing or no longer works is replaced.
 */
export async function ensureOwner(services: Services): Promise<Owner> {
  const { identity } = services.store;
  const email = 'owner@omoios.local';
  const user =
    (await identity.userByEmail(email)) ??
    (await identity.createUser({
      email,
      full_name: 'Owner',
      hashed_password: await hash(randomBytes(24).toString('base64url')),
      is_verified: true,
    }));
  // On the owner's machine only each project's limit restricts the number of agents.
  const organization =
    (await identity.organizationBySlug('local')) ??
    (await identity.createOrganization({
      name: 'Local',
      slug: 'local',
      owner_id: user.id,
      plan: 'local',
      max_concurrent_agents: 100,
    }));
  const file = ownerKeyFile(services.config.data_dir);
  const known = existsSync(file) ? await identity.keyByHash(sha256(readFileSync(file, 'utf8').trim())) : null;
  if (!known?.is_active) {
    const key = `sk_live_${randomBytes(32).toString('base64url')}`;
    await identity.createKey({
      organization_id: organization.id,
      user_id: user.id,
      name: 'owner-key',
      key_prefix: key.slice(0, 16),
      hashed_key: sha256(key),
      scopes: [...systemRoles.owner],
      expires_at: null,
    });
    writePrivate(file, `${key}\n`);
  }
  return { user_id: user.id, organization_id: organization.id };
}
