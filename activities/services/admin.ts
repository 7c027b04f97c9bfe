import { randomBytes } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import { applyMigrations } from '#prisma/migrator.ts';
import type { User } from '#prisma/store/identity.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Store } from '../ports/store.ts';
import { publishOnce } from '../adapters/bus/redis.ts';
import { databaseUrl } from './addresses.ts';
import { loadConfig, type Config } from './config.ts';
import { createLog } from './log.ts';
import { openStore } from './open-store.ts';
import { createRedactor } from './redact.ts';
import { rotateSecrets } from './rotate-secrets.ts';
import { openSecretBox } from './secret-box.ts';

/** Work of an operator on the database itself, by its settings: it needs neither a server nor an account. */
export async function withDatabase<T>(work: (store: Store, config: Config) => Promise<T>): Promise<T> {
  const config = loadConfig();
  await applyMigrations(databaseUrl(config));
  const store = openStore(config, createLog(config.server.log_level), createRedactor([]), { notify: () => undefined });
  try {
    return await work(store, config);
  } finally {
    await store.close();
  }
}

/** A verified administrator of the installation. An existing account keeps its password. */
export async function createAdmin({ identity }: Store, email: string): Promise<{ user: User; password?: string }> {
  const rights = { is_verified: true, is_super_admin: true };
  const known = await identity.userByEmail(email);
  if (known && !known.is_verified && known.hashed_password)
    throw new AppError(
      'conflict',
      `EMAIL: the account of ${email} is not verified, so whoever registered it may be somebody else. Verify it by the mailed link, or with omoios admin verify once you know that it is theirs.`,
    );
  if (known) return { user: await recorded(await identity.updateUser(known.id, rights)) };
  // The rules of passwords want a character of each kind.
  const password = `${randomBytes(18).toString('base64url')}-aA1`;
  const user = await identity.createUser({ email, hashed_password: await hash(password), ...rights });
  return { user: await recorded(user), password };

  async function recorded(admin: User): Promise<User> {
    await identity.audit('administrator_created', { user_id: admin.id, email: admin.email }, { by: 'operator' });
    return admin;
  }
}

async function registered({ identity }: Store, email: string): Promise<User> {
  const user = await identity.userByEmail(email);
  if (user) return user;
  throw new AppError('not_found', `EMAIL: ${email} is not registered. Register it first, or check the spelling.`);
}

/** For a person who lost their authenticator app and their recovery codes. @throws not_found */
export async function removeSecondFactor(store: Store, email: string): Promise<{ user: User; removed: boolean }> {
  const user = await registered(store, email);
  const removed = await store.identity.removeSecondFactor(user.id);
  const details = { by: 'operator' };
  if (removed) await store.identity.audit('second_factor_disabled', { user_id: user.id, email: user.email }, details);
  return { user, removed };
}

/** Credit that an organization has paid for outside of the platform. `key` names the payment: it counts once. */
export async function addCredit(store: Store, slug: string, cents: number, key: string) {
  const organization = await store.identity.organizationBySlug(slug);
  if (!organization) throw new AppError('not_found', `ORGANIZATION: no organization has the slug ${slug}.`);
  await store.billing.addCredit(organization.id, cents, key);
  const details = { by: 'operator', organization_id: organization.id, cents, payment: key };
  await store.identity.audit('credit_added', {}, details);
  return store.billing.account(organization.id);
}

/** @throws not_found for an address that is not registered. */
export async function verifyUser(store: Store, email: string): Promise<User> {
  const { identity } = store;
  const user = await registered(store, email);
  if (user.is_verified) return user;
  await identity.audit('account_verified', { user_id: user.id, email: user.email }, { by: 'operator' });
  return identity.updateUser(user.id, { is_verified: true });
}

/**
 * Refuses an account everywhere, or lets it sign in again. @throws not_found; conflict for the last administrator.
 * @returns the account, and the organizations that are left without an active owner.
 */
export async function setAccountActive(store: Store, config: Config, email: string, isActive: boolean) {
  const { id } = await registered(store, email);
  const user = await store.identity.setActive(id, isActive, { by: 'operator' });
  if (isActive) return { user, ownerless: [] };
  // Feeds look by themselves too, within half a minute.
  if (config.redis.url)
    await publishOnce(config.redis.url, 'rights', { organization_id: '', user_id: id }).catch(() => undefined);
  return { user, ownerless: await store.identity.lastOwnerOf(id) };
}

export const rotateStoredSecrets = (store: Store, config: Config) => rotateSecrets(store, openSecretBox(config));
