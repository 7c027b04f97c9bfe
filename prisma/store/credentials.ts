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
    /**
     * A credential that signs in at repositories of the organization: its own, or that of a member's connected account.
     * Null for one that ended, as that of a member who left.
     */
    ofRepositories: (organizationId: string, id: string) =>
      core.read((db) =>
        db.credential.findFirst({
          where: {
            id,
            OR: [
              { organization_id: organizationId },
              {
                oauth_account: { repositories_at: { not: null } },
                user: { is_active: true, memberships: { some: { organization_id: organizationId } } },
              },
            ],
          },
        }),
      ),
  };
}
