import type { StoreCore } from './core.ts';

export interface CredentialInput {
  id: string;
  organization_id: string;
  /** repository: signs in at the host of a Git repository. installation: of the App at GitHub, which signs in there. */
  kind: 'repository' | 'installation';
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
          where: { id, OR: [{ organization_id: organizationId }, ofMember(organizationId)] },
        }),
      ),
    /** The logins of those credentials that are of members' connected accounts, by the ids of the credentials. */
    logins: (organizationId: string, ids: string[]) =>
      core.read(async (db) => {
        const where = { id: { in: ids }, ...ofMember(organizationId) };
        const rows = await db.credential.findMany({ where, include: { oauth_account: true } });
        return new Map(rows.map(({ id, oauth_account: account }) => [id, account?.login ?? '']));
      }),
  };
}

/** Of a connected account that serves repositories, as long as its owner is a member. */
const ofMember = (organizationId: string) => ({
  oauth_account: { repositories_at: { not: null } },
  user: { is_active: true, memberships: { some: { organization_id: organizationId } } },
});
