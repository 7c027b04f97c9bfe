import { randomUUID } from 'node:crypto';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { NamedTickets } from '#workflows/domain/merge/named-tickets.ts';
import type { TicketCommit } from '../generated/client.ts';
import type { StoreCore } from './core.ts';
import { pageOf, type PageQuery } from './page.ts';

export type { TicketCommit } from '../generated/client.ts';

/** Why a commit belongs to a ticket: made on its branch, named by the message, merged by its pull request, a person said so. */
export type LinkMethod = 'branch' | 'message' | 'pull_request' | 'manual';

export interface NewTicketCommit {
  organization_id: string;
  project_id: string;
  ticket_id: string;
  task_id?: string | null;
  run_id?: string | null;
  /** Of the run: the first after which the files were those of the commit. */
  turn?: number | null;
  /** Keys of the requirements that its task serves, or that its message names. */
  requirements?: string[];
  sha: string;
  message: string;
  author: string;
  files_changed: number;
  insertions: number;
  deletions: number;
  committed_at: Date;
  link_method: LinkMethod;
  linked_by: string;
}

/** The commits of tickets, each once for a ticket. */
export function commitsStore(core: StoreCore) {
  /** Links commits to their tickets. Those that are linked already stay as they are. @returns the new links. */
  const link = (commits: NewTicketCommit[]): Promise<TicketCommit[]> =>
    commits.length === 0
      ? Promise.resolve([])
      : core.change(async (tx, emit) => {
          const rows = await tx.ticketCommit.createManyAndReturn({
            data: commits.map((commit) => ({ id: randomUUID(), ...commit })),
            skipDuplicates: true,
          });
          for (const row of rows)
            emit({
              type: 'commit.linked',
              organization_id: row.organization_id,
              project_id: row.project_id,
              entity: { kind: 'ticket', id: row.ticket_id },
              data: {
                ticket_id: row.ticket_id,
                commit_sha: row.sha,
                link_method: row.link_method,
                task_id: row.task_id,
                run_id: row.run_id,
                linked_by: row.linked_by,
              },
            });
          return rows;
        });

  return {
    link,
    /** Links a commit that a person names. @throws conflict when it is linked to the ticket already. */
    linkOnce: async (commit: NewTicketCommit): Promise<TicketCommit> => {
      const [row] = await link([commit]);
      if (row) return row;
      throw new AppError('conflict', `sha: ${commit.sha.slice(0, 12)} is linked to the ticket already.`);
    },

    /** Ids of the project's tickets that a text names. */
    ticketsNamed: async (projectId: string, { ids, keys }: NamedTickets): Promise<string[]> => {
      if (ids.length + keys.length === 0) return [];
      const rows = await core.read((db) =>
        db.ticket.findMany({
          where: { project_id: projectId, OR: [{ id: { in: ids } }, { key: { in: keys } }] },
          select: { id: true },
        }),
      );
      return rows.map((row) => row.id);
    },

    /** The commit of the default branch up to which messages were read; null when none was. */
    seen: async (projectId: string): Promise<string | null> => {
      const row = await core.read((db) =>
        db.project.findUnique({ where: { id: projectId }, select: { commits_seen_sha: true } }),
      );
      if (!row) throw notFound('project');
      return row.commits_seen_sha;
    },
    markSeen: (projectId: string, sha: string) =>
      core.change((tx) => tx.project.update({ where: { id: projectId }, data: { commits_seen_sha: sha } })),

    /** The links of commits whose id begins with the text, of an organization or one of its projects. */
    beginning: (organizationId: string, prefix: string, projectId: string | undefined, limit: number) =>
      core.read((db) =>
        db.ticketCommit.findMany({
          where: { organization_id: organizationId, project_id: projectId, sha: { startsWith: prefix } },
          orderBy: [{ sha: 'asc' }, { created_at: 'asc' }, { id: 'asc' }],
          take: limit,
        }),
      ),
    /** The commits that were made for tasks, oldest first. */
    ofTasks: (organizationId: string, taskIds: string[], limit: number) =>
      core.read((db) =>
        db.ticketCommit.findMany({
          where: { organization_id: organizationId, task_id: { in: taskIds } },
          orderBy: [{ committed_at: 'asc' }, { id: 'asc' }],
          take: limit,
        }),
      ),
    list: (organizationId: string, filter: { ticket_id?: string; run_id?: string }, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.ticketCommit.findMany({
            ...query,
            where: { AND: [{ organization_id: organizationId, ...filter }, query.where] },
          }),
        ),
      ),
  };
}
