import type { StoreCore } from './core.ts';

/** A branch: its name, the commit of its base at which it starts, and its first commit. */
interface ClaimedBranch {
  branch: string;
  base_sha: string;
  start: string;
}

export interface Claimed extends ClaimedBranch {
  /** Whether this claim is the one that stays. */
  created: boolean;
}

/** The branch of a ticket or spec: the first one that is claimed stays. */
export function branchesStore(core: StoreCore) {
  return {
    claimForTicket: (id: string, { branch, base_sha, start }: ClaimedBranch): Promise<Claimed> =>
      core.change(async (tx) => {
        const data = { branch, base_sha, head_sha: start, updated_at: new Date() };
        const { count } = await tx.ticket.updateMany({ where: { id, branch: null }, data });
        const row = await tx.ticket.findUniqueOrThrow({ where: { id } });
        return {
          branch: row.branch ?? branch,
          base_sha: row.base_sha ?? base_sha,
          start: row.head_sha ?? start,
          created: count > 0,
        };
      }),
    /** A spec's branch starts at its base. */
    claimForSpec: (id: string, { branch, base_sha, start }: ClaimedBranch): Promise<Claimed> =>
      core.change(async (tx) => {
        const data = { branch, base_sha, updated_at: new Date() };
        const { count } = await tx.spec.updateMany({ where: { id, branch: null }, data });
        const row = await tx.spec.findUniqueOrThrow({ where: { id } });
        return {
          branch: row.branch ?? branch,
          base_sha: row.base_sha ?? base_sha,
          start: row.base_sha ?? start,
          created: count > 0,
        };
      }),
  };
}
