import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import { isUniqueViolation } from '../client.ts';
import type { PullRequest } from '../generated/client.ts';
import { pageOf, type PageQuery } from './page.ts';
import type { StoreCore } from './core.ts';
import { nextNumber } from './tickets.ts';

export type { PullRequest } from '../generated/client.ts';

export interface NewPullRequestRow {
  organization_id: string;
  project_id: string;
  spec_id?: string | null;
  ticket_id?: string | null;
  business_key: string;
  title: string;
  body: string;
  branch: string;
  base: string;
  base_sha: string;
  head_sha: string;
  provider: string;
  checks: object[];
}

const told = (row: PullRequest) => ({
  pull_request_id: row.id,
  number: row.number,
  url: row.url,
  title: row.title,
  branch: row.branch,
  base: row.base,
  state: row.state,
  spec_id: row.spec_id,
  ticket_id: row.ticket_id,
});

/** Pull requests and merges. The business key makes a second one impossible, whatever is retried. */
export function codeStore(core: StoreCore) {
  const event = (row: PullRequest) => ({
    organization_id: row.organization_id,
    project_id: row.project_id,
    entity: { kind: 'pull_request', id: row.id },
    data: told(row),
  });

  return {
    pullRequestByKey: (businessKey: string) =>
      core.read((db) => db.pullRequest.findUnique({ where: { business_key: businessKey } })),
    pullRequestOfBranch: (projectId: string, branch: string) =>
      core.read((db) =>
        db.pullRequest.findFirst({ where: { project_id: projectId, branch }, orderBy: { created_at: 'desc' } }),
      ),

    /** Records a pull request, once per business key; the number comes from the host or is the project's next. */
    openPullRequest: async (
      input: NewPullRequestRow,
      host: { provider_id?: string; number?: number; url: (number: number, id: string) => string },
    ): Promise<PullRequest> => {
      try {
        return await core.change(async (tx, emit) => {
          const known = await tx.pullRequest.findUnique({ where: { business_key: input.business_key } });
          if (known) {
            const same =
              known.head_sha === input.head_sha &&
              known.body === input.body &&
              isDeepStrictEqual(known.checks, input.checks);
            if (same || known.state !== 'open') return known;
            const row = await tx.pullRequest.update({
              where: { id: known.id },
              data: {
                head_sha: input.head_sha,
                base_sha: input.base_sha,
                title: input.title,
                body: input.body,
                checks: input.checks,
              },
            });
            emit({ ...event(row), type: 'pull_request.updated' });
            return row;
          }
          const id = randomUUID();
          const number = host.number ?? (await nextNumber(tx, input.project_id, 'pull_request_count'));
          const row = await tx.pullRequest.create({
            data: { ...input, id, number, provider_id: host.provider_id ?? id, url: host.url(number, id) },
          });
          emit({ ...event(row), type: 'pull_request.opened' });
          return row;
        });
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        const row = await core.read((db) => db.pullRequest.findUnique({ where: { business_key: input.business_key } }));
        if (!row) throw error;
        return row;
      }
    },

    getPullRequest: async (organizationId: string, id: string): Promise<PullRequest> => {
      const row = await core.read((db) => db.pullRequest.findFirst({ where: { id, organization_id: organizationId } }));
      if (!row) throw notFound('pull request');
      return row;
    },
    listPullRequests: (
      organizationId: string,
      filter: { project_id?: string; spec_id?: string; ticket_id?: string; state?: string },
      page: PageQuery,
    ) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.pullRequest.findMany({
            ...query,
            where: { AND: [{ organization_id: organizationId, ...filter }, query.where] },
          }),
        ),
      ),

    markMerged: (organizationId: string, id: string, merge: { sha: string; by: string }) =>
      core.change(async (tx, emit) => {
        const row = await tx.pullRequest.findFirst({ where: { id, organization_id: organizationId } });
        if (!row) throw notFound('pull request');
        if (row.state === 'merged') return row;
        if (row.state === 'closed') throw new AppError('conflict', 'The pull request is closed.');
        const after = await tx.pullRequest.update({
          where: { id },
          data: { state: 'merged', merge_sha: merge.sha, merged_by: merge.by, merged_at: new Date() },
        });
        emit({ ...event(after), type: 'pull_request.merged' });
        return after;
      }),
    close: (organizationId: string, id: string) =>
      core.change(async (tx, emit) => {
        const row = await tx.pullRequest.findFirst({ where: { id, organization_id: organizationId } });
        if (!row) throw notFound('pull request');
        if (row.state !== 'open') throw new AppError('conflict', `The pull request is ${row.state}.`);
        const after = await tx.pullRequest.update({ where: { id }, data: { state: 'closed' } });
        emit({ ...event(after), type: 'pull_request.closed' });
        return after;
      }),
    addComments: (organizationId: string, id: string, comments: object[]) =>
      core.change(async (tx, emit) => {
        const row = await tx.pullRequest.findFirst({ where: { id, organization_id: organizationId } });
        if (!row) throw notFound('pull request');
        const after = await tx.pullRequest.update({
          where: { id },
          data: { comments: [...(row.comments as object[]), ...comments] },
        });
        emit({ ...event(after), type: 'pull_request.updated' });
        return after;
      }),

    startMerge: (input: {
      id: string;
      organization_id: string;
      project_id: string;
      ticket_id: string | null;
      spec_id: string | null;
      target: string;
      sources: object[];
    }) =>
      core.change(async (tx, emit) => {
        const known = await tx.mergeAttempt.findUnique({ where: { id: input.id } });
        if (known) return known;
        const row = await tx.mergeAttempt.create({ data: { ...input, status: 'in_progress' } });
        emit({
          type: 'merge.started',
          organization_id: row.organization_id,
          project_id: row.project_id,
          entity: { kind: 'merge', id: row.id },
          data: { merge_id: row.id, ticket_id: row.ticket_id, spec_id: row.spec_id, target: row.target },
        });
        return row;
      }),
    /** Moves a merge on; a step that its log has already is not written down again. */
    updateMerge: (
      id: string,
      data: { status?: string; sources?: object[]; merged_sha?: string; error?: string | null },
      log?: object,
    ) =>
      core.change(async (tx, emit) => {
        const row = await tx.mergeAttempt.findUniqueOrThrow({ where: { id } });
        const ended = data.status === 'completed' || data.status === 'failed' || data.status === 'manual';
        const steps = row.log as { at: string }[];
        const fresh = log && !steps.some(({ at: _, ...step }) => isDeepStrictEqual(step, log));
        const after = await tx.mergeAttempt.update({
          where: { id },
          data: {
            ...data,
            ...(fresh ? { log: [...steps, { at: new Date().toISOString(), ...log }] } : {}),
            ...(ended && !row.ended_at ? { ended_at: new Date() } : {}),
          },
        });
        if (!data.status || data.status === row.status) return after;
        const type =
          data.status === 'completed'
            ? 'merge.completed'
            : data.status === 'failed' || data.status === 'manual'
              ? 'merge.failed'
              : data.status === 'conflict'
                ? 'merge.conflict'
                : null;
        if (type)
          emit({
            type,
            organization_id: row.organization_id,
            project_id: row.project_id,
            entity: { kind: 'merge', id },
            data: {
              merge_id: id,
              ticket_id: row.ticket_id,
              spec_id: row.spec_id,
              status: data.status,
              error: data.error ?? null,
            },
          });
        return after;
      }),
    countMerges: (subjectId: string) =>
      core.read((db) => db.mergeAttempt.count({ where: { id: { startsWith: `merge:${subjectId}:` } } })),
    getMerge: async (id: string) => {
      const row = await core.read((db) => db.mergeAttempt.findUnique({ where: { id } }));
      if (!row) throw notFound('merge');
      return row;
    },
    merges: (organizationId: string, filter: { ticket_id?: string; spec_id?: string; project_id?: string }) =>
      core.read((db) =>
        db.mergeAttempt.findMany({
          where: { organization_id: organizationId, ...filter },
          orderBy: { created_at: 'asc' },
          take: 200,
        }),
      ),
    told: (
      type: 'coordination.join.created' | 'coordination.synthesis.completed',
      input: { organization_id: string; project_id: string; ticket_id: string; task_id: string; data: object },
    ) =>
      core.tellOnce(
        {
          type,
          organization_id: input.organization_id,
          project_id: input.project_id,
          entity: { kind: 'task', id: input.task_id },
          data: { ticket_id: input.ticket_id, task_id: input.task_id, ...input.data },
        },
        {},
      ),
  };
}
