import type { Project } from '#prisma/store/projects.ts';
import type { PullRequest } from '#prisma/store/pull-requests.ts';
import type { MergeWait } from '../ports/code-host.ts';
import { asHostPull, hostProject } from '../ports/host-project.ts';
import { pullTickets } from '../ports/pull-tickets.ts';
import type { Services } from '../ports/services.ts';
import type { OpenedChanges } from './open-changes.ts';

/** Keeps merges that a code host carries out by itself. */
export function createMergeWaits(services: Services) {
  const { store, codeHost } = services;
  const note = (pull: PullRequest, merge: PullRequest['host_state']['merge']) =>
    store.pullRequests.noteHostState(pull.organization_id, pull.id, { merge });

  /** Says on the tickets why nothing merges the pull request any more. */
  async function end(pull: PullRequest, reason: string): Promise<void> {
    const { merge } = pull.host_state;
    if (!merge) return;
    const words = `The merge of pull request #${pull.number} was ended. ${reason} Merge it again, or close it.`;
    for (const { id, status } of await pullTickets(services, pull))
      if (status !== 'done' && status !== 'cancelled')
        await store.tickets.patch(pull.organization_id, id, { needs_review: true, last_error: words });
    await note(pull, { ...merge, ended: reason });
  }

  return {
    /** Who has the code host merge it; undefined where no merge waits. */
    decider: ({ host_state: { merge } }: PullRequest) => (merge?.ended === undefined ? merge?.by : undefined),

    begin: async (pull: PullRequest, { waits_for }: MergeWait, by: string): Promise<void> => {
      if (pull.host_state.merge?.ended !== undefined)
        for (const { id } of await pullTickets(services, pull))
          await store.tickets.patch(pull.organization_id, id, { needs_review: false, last_error: null });
      await note(pull, { by, head_sha: pull.head_sha, since: new Date().toISOString(), waits_for });
    },

    /** @returns what the merge waits for; undefined where none waits. */
    async look(before: PullRequest, project: Project, changes: OpenedChanges[]): Promise<string | undefined> {
      if (!before.host_state.merge || before.host_state.merge.ended !== undefined) return undefined;
      const pull = await store.pullRequests.get(before.organization_id, before.id);
      const { merge } = pull.host_state;
      if (!merge || merge.ended !== undefined) return undefined;
      const host = asHostPull({ ...pull, head_sha: merge.head_sha });
      const there =
        changes.length > 0
          ? { ended: 'Changes to it are being made, which nobody has decided about.' }
          : await codeHost.readMergeWait(hostProject(project), host);
      if ('ended' in there) {
        await codeHost.endMergeWait(hostProject(project), host);
        await end(pull, there.ended);
        return undefined;
      }
      if (there.waits_for !== merge.waits_for) await note(pull, { ...merge, ...there });
      return there.waits_for;
    },
  };
}
