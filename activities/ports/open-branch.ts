import type { Claimed } from '#prisma/store/branches.ts';
import type { Project } from '#prisma/store/projects.ts';
import type { Spec } from '#prisma/store/specs.ts';
import type { Ticket } from '#prisma/store/tickets.ts';
import { specBranch, ticketBranch } from '#workflows/domain/tasks/branches.ts';
import { branchHead } from './branch-head.ts';
import { followedPull } from './followed-pull.ts';
import { freeBranch, hostProject } from './host-project.ts';
import { syncBase } from './link-commits.ts';
import type { Services } from './services.ts';

export interface OpenedBranch {
  branch: string;
  /** The commit of the base at which it starts. */
  base_sha: string;
  /** Its newest commit. */
  head_sha: string;
  created: boolean;
}

/** Told of the newest commit of the default branch where it was read for a new branch. */
type Synced = (sha: string) => Promise<void>;
const nothing: Synced = () => Promise.resolve();

/** What a record keeps of its branch. */
const claimOf = (row: { branch: string | null; base_sha: string | null; head_sha: string | null }) =>
  row.branch && row.base_sha
    ? { branch: row.branch, base_sha: row.base_sha, start: row.head_sha ?? row.base_sha, created: false }
    : undefined;

/** Makes a claimed branch in the mirror and at the repository. A repeated call repairs what an earlier one left undone. */
async function opened(
  services: Services,
  project: Project,
  known: Claimed | undefined,
  claim: () => Promise<Claimed>,
): Promise<OpenedBranch> {
  const { branch, base_sha, start, created } = known ?? (await claim());
  // A crash between the row and the ref leaves no ref, so it is created where it is missing.
  await services.repositories.updateRef(project.id, `refs/heads/${branch}`, start, '');
  const head_sha = await branchHead(services, project.id, branch);
  await services.codeHost.pushBranch(hostProject(project), branch, head_sha);
  return { branch, base_sha, head_sha, created };
}

/**
 * The branch of a ticket, made where it has none: from the given branch, or that which its launch names, or the default one.
 * Safe to repeat, and from several processes at once: the ticket's record keeps the first name.
 */
export function openTicketBranch(
  services: Services,
  project: Project,
  ticket: Ticket,
  baseBranch: string | null,
  synced = nothing,
): Promise<OpenedBranch> {
  const { store, repositories } = services;
  return opened(services, project, claimOf(ticket), async () => {
    const followed = await followedPull(store, ticket);
    const branch = await freeBranch(services, project.id, ticketBranch(ticket));
    // The commits of a closed pull request are in no other branch, so the next one continues them.
    if (followed?.state === 'closed')
      return store.branches.claimForTicket(ticket.id, {
        branch,
        base_sha: followed.base_sha,
        start: followed.head_sha,
      });
    const base = baseBranch ? await repositories.resolve(project.id, `refs/heads/${baseBranch}`) : undefined;
    const sha = base ?? (await syncBase(services, project, ticket));
    if (base === undefined) await synced(sha);
    return store.branches.claimForTicket(ticket.id, { branch, base_sha: sha, start: sha });
  });
}

/** The branch of a spec, made where it has none from the branch that its launch names, or the default one. Safe to repeat, as a ticket's. */
export async function openSpecBranch(
  services: Services,
  project: Project,
  spec: Spec,
  synced = nothing,
): Promise<OpenedBranch> {
  const { store } = services;
  const found = await opened(services, project, claimOf({ ...spec, head_sha: null }), async () => {
    const sha = await syncBase(services, project, spec);
    await synced(sha);
    const branch = await freeBranch(services, project.id, specBranch(spec));
    return store.branches.claimForSpec(spec.id, { branch, base_sha: sha, start: sha });
  });
  await store.specs.branchMade(spec, found.branch);
  return found;
}
