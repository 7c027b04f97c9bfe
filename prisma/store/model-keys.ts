import { AppError, notFound } from '#workflows/domain/errors.ts';
import { Prisma } from '../generated/client.ts';
import type { StoreCore, Transaction } from './core.ts';
import { asJson, asJsonIfGiven, modelKeyRow, type ModelKeyConfig } from './json.ts';

/** Whose a key is: exactly one of the two. */
export type KeyOwner = { organization_id: string } | { user_id: string };

interface Sealed {
  key_id: string;
  sealed: string;
}

interface ModelKeyFields {
  name: string;
  base_url: string | null;
  model: string | null;
  config: ModelKeyConfig;
}

export interface ModelKeyInput extends ModelKeyFields, Sealed {
  id: string;
  owner: KeyOwner;
  provider: string;
  last_four: string;
  /** Absent: where the owner has no other of the provider. */
  is_default?: boolean;
  created_by: string;
}

/** A default key of an organization, or of the person whose work it is. */
export interface UsableKey {
  id: string;
  name: string;
  provider: string;
  last_four: string;
  owner: 'organization' | 'user';
  base_url: string | null;
  model: string | null;
  config: ModelKeyConfig;
}

const withCredential = { credential: true } as const;
const idOf = (owner: KeyOwner) => ('user_id' in owner ? owner.user_id : owner.organization_id);
const defaultOf = (owner: KeyOwner, provider: string) => `${idOf(owner)}:${provider}`;

/** Keys of models' providers that organizations and people bring. One key of an owner and a provider is the default. */
export function modelKeysStore(core: StoreCore) {
  const find = async (tx: Transaction, owner: KeyOwner, id: string) => {
    const row = await tx.modelKey.findFirst({ where: { id, credential: owner }, include: withCredential });
    if (!row) throw notFound('model key');
    return modelKeyRow(row);
  };
  const oneDefault = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== 'P2002') throw error;
      throw new AppError('conflict', 'Another call has just changed the default key. Try again.');
    }
  };

  return {
    /** A repeated call with the same id keeps the first key. */
    create: ({ id, owner, key_id, sealed, created_by, is_default, ...fields }: ModelKeyInput) =>
      oneDefault(() =>
        core.change(async (tx) => {
          const known = await tx.modelKey.findUnique({ where: { id }, include: withCredential });
          if (known) return modelKeyRow(known);
          const mark = defaultOf(owner, fields.provider);
          const other = await tx.modelKey.findUnique({ where: { default_of: mark } });
          const isDefault = is_default ?? !other;
          if (isDefault) await tx.modelKey.updateMany({ where: { default_of: mark }, data: { default_of: null } });
          const label = `${fields.provider}: ${fields.name}`;
          await tx.credential.create({ data: { id, ...owner, kind: 'model', label, key_id, sealed, created_by } });
          const data = { id, ...fields, config: asJson(fields.config), default_of: isDefault ? mark : null };
          return modelKeyRow(await tx.modelKey.create({ data, include: withCredential }));
        }),
      ),

    list: (owner: KeyOwner) =>
      core.read(async (db) => {
        const rows = await db.modelKey.findMany({
          where: { credential: owner },
          include: withCredential,
          orderBy: [{ provider: 'asc' }, { created_at: 'asc' }],
        });
        return rows.map(modelKeyRow);
      }),

    get: (owner: KeyOwner, id: string) => core.read((db) => db.$transaction((tx) => find(tx, owner, id))),

    /** @param secret another key in place of the stored one. */
    update: (
      owner: KeyOwner,
      id: string,
      { is_default, ...fields }: Partial<ModelKeyFields> & { is_default?: boolean },
      secret?: Sealed & { last_four: string },
    ) =>
      oneDefault(() =>
        core.change(async (tx) => {
          const { provider } = await find(tx, owner, id);
          const mark = defaultOf(owner, provider);
          if (is_default) await tx.modelKey.updateMany({ where: { default_of: mark }, data: { default_of: null } });
          if (secret) {
            const { key_id, sealed } = secret;
            await tx.credential.update({ where: { id }, data: { key_id, sealed } });
          }
          const data = {
            ...fields,
            config: asJsonIfGiven(fields.config),
            last_four: secret?.last_four,
            default_of: is_default === undefined ? undefined : is_default ? mark : null,
          };
          return modelKeyRow(await tx.modelKey.update({ where: { id }, data, include: withCredential }));
        }),
      ),

    remove: (owner: KeyOwner, id: string) =>
      core.change(async (tx) => {
        const key = await find(tx, owner, id);
        await tx.credential.delete({ where: { id } });
        return key;
      }),

    /** The key itself, encrypted; null when it was removed. */
    sealed: (id: string) => core.read((db) => db.modelKey.findUnique({ where: { id }, include: withCredential })),

    /**
     * The plan of an organization, and the default keys for some work of it, those of the person who started it first. One
     * who has left or is deactivated lends none.
     */
    ofWork: async (work: {
      organization_id: string;
      spec_id?: string | null;
      ticket_id?: string | null;
      user_id?: string | null;
    }): Promise<{ plan: string; keys: UsableKey[] }> => {
      const [found] = await core.statement<{ plan: string; keys: UsableKey[] }>(Prisma.sql`
        WITH _person AS (
          SELECT coalesce(
            ${work.user_id ?? null}::uuid,
            (SELECT user_id FROM specs WHERE id = ${work.spec_id ?? null}::uuid),
            (SELECT user_id FROM tickets WHERE id = ${work.ticket_id ?? null}::uuid)
          ) AS id
        )
        SELECT o.plan, coalesce(own.keys, '[]') AS keys
        FROM organizations o
        CROSS JOIN LATERAL (
          SELECT json_agg(json_build_object(
            'id', k.id, 'name', k.name, 'provider', k.provider, 'last_four', k.last_four, 'base_url', k.base_url,
            'model', k.model, 'config', k.config,
            'owner', CASE WHEN c.user_id IS NULL THEN 'organization' ELSE 'user' END
          ) ORDER BY c.user_id IS NULL, k.created_at) AS keys
          FROM model_keys k
          JOIN credentials c ON c.id = k.id
          WHERE k.default_of IS NOT NULL
            AND (
              c.organization_id = o.id
              OR c.user_id = (
                SELECT m.user_id
                FROM memberships m
                JOIN _person p ON p.id = m.user_id
                JOIN users u ON u.id = m.user_id AND u.is_active
                WHERE m.organization_id = o.id
              )
            )
        ) own
        WHERE o.id = ${work.organization_id}::uuid`);
      if (!found) throw notFound('organization');
      return found;
    },
  };
}
