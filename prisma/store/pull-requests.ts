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

const eventData = (row: PullRequest) => ({
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

/** The unique business key prevents a second pull request for one ticket or spec, even after retries. */
export function pullRequestsStore(core: StoreCore) {
  const event = (row: PullRequest) => ({
    organization_id: row.organization_id,
    project_id: row.project_id,
    entity: { kind: 'pull_request', id: row.id },
    data: eventData(row),
  });

  return {
    ofBranch: (projectId: string, branch: string) =>
      core.read((db) =>
        db.pullRequest.findFirst({ where: { project_id: projectId, branch }, orderBy: { created_at: 'desc' } }),
      ),

    /** Records a pull request, once per business key; the number comes from the host or is the project's next. */
    open: async (
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

    get: async (organizationId: string, id: string): Promise<PullRequest> => {
      const row = await core.read((db) => db.pullRequest.findFirst({ where: { id, organization_id: organizationId } }));
      if (!row) throw notFound('pull request');
      return row;
    },
    list: (
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
  };
}
