import { notFound } from '#workflows/domain/errors.ts';
import type { StoreCore } from './core.ts';

export interface CredentialInput {
  id: string;
  organization_id: string;
  /** repository: signs in at the host of a Git repository. */
  kind: 'repository';
  /** Where the credential is used, without any secret. */
  label: string;
  key_id: string;
  sealed: string;
  created_by: string | null;
}

/** Encrypted credentials. A repeated call with the same id keeps the first one. */
export function credentialsStore(core: StoreCore) {
  return {
    create: (input: CredentialInput) =>
      core.change(async (tx) => void (await tx.credential.createMany({ data: input, skipDuplicates: true }))),
    remove: (organizationId: string, id: string) =>
      core.change(
        async (tx) => void (await tx.credential.deleteMany({ where: { id, organization_id: organizationId } })),
      ),
    get: async (organizationId: string, id: string) => {
      const row = await core.read((db) => db.credential.findFirst({ where: { id, organization_id: organizationId } }));
      if (!row) throw notFound('credential');
      return row;
    },
  };
}
