import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import { checkMove } from '#workflows/domain/transitions.ts';
import { isUniqueViolation } from '../client.ts';
import { Prisma } from '../generated/client.ts';
import { settleWorkflow } from './billing.ts';
import {
  asJson,
  pullRequestRow,
  specRow,
  type PullRequest,
  type PullRequestCheck,
  type PullRequestHostCheck,
  type PullRequestHostState,
  type PullRequestComment,
} from './json.ts';
import { pageOf, type PageQuery } from './page.ts';
import type { StoreCore, Transaction } from './core.ts';
import { reopenSpec } from './spec-record.ts';
import { reopenTicket } from './ticket-moves.ts';
import { nextNumber } from './tickets.ts';

export type { PullRequest } from './json.ts';

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
  checks: PullRequestCheck[];
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
  const event = (row: PullRequest, by?: string) => ({
    organization_id: row.organization_id,
    project_id: row.project_id,
    entity: { kind: 'pull_request', id: row.id },
    data: { ...eventData(row), ...(by === undefined ? {} : { by }) },
  });
  const find = async (tx: Transaction, organizationId: string, id: string) => {
    const row = await tx.pullRequest.findFirst({ where: { id, organization_id: organizationId } });
    if (!row) throw notFound('pull request');
    return pullRequestRow(row);
  };
  /** Finds a pull request and locks it until the end of the transaction. */
  const locked = async (tx: Transaction, organizationId: string, id: string) => {
    await tx.$queryRaw`SELECT 1 FROM pull_requests WHERE id = ${id}::uuid FOR UPDATE`;
    return find(tx, organizationId, id);
  };
  const update = async (tx: Transaction, id: string, data: Prisma.PullRequestUpdateInput) =>
    pullRequestRow(await tx.pullRequest.update({ where: { id }, data }));

  return {
    ofBranch: (projectId: string, branch: string) =>
      core.read(async (db) => {
        const row = await db.pullRequest.findFirst({
          where: { project_id: projectId, branch },
          orderBy: { created_at: 'desc' },
        });
        return row && pullRequestRow(row);
      }),

    /** Records a pull request, once per business key; the number comes from the host or is the project's next. */
    open: async (
      input: NewPullRequestRow,
      host: { provider_id?: string; number?: number; url: (number: number, id: string) => string },
    ): Promise<PullRequest> => {
      try {
        return await core.change(async (tx, emit) => {
          const found = await tx.pullRequest.findUnique({ where: { business_key: input.business_key } });
          if (found) {
            const known = pullRequestRow(found);
            const same =
              known.head_sha === input.head_sha &&
              known.body === input.body &&
              isDeepStrictEqual(known.checks, input.checks);
            if (same || known.state !== 'open') return known;
            const row = pullRequestRow(
              await tx.pullRequest.update({
                where: { id: known.id },
                data: {
                  head_sha: input.head_sha,
                  base_sha: input.base_sha,
                  title: input.title,
                  body: input.body,
                  checks: asJson(input.checks),
                },
              }),
            );
            emit({ ...event(row), type: 'pull_request.updated' });
            return row;
          }
          const id = randomUUID();
          const number = host.number ?? (await nextNumber(tx, input.project_id, 'pull_request_count'));
          const row = pullRequestRow(
            await tx.pullRequest.create({
              data: {
                ...input,
                checks: asJson(input.checks),
                id,
                number,
                provider_id: host.provider_id ?? id,
                url: host.url(number, id),
              },
            }),
          );
          emit({ ...event(row), type: 'pull_request.opened' });
          // The work on a ticket of no spec ends here; that on a spec with the spec's own move.
          if (!row.spec_id && row.ticket_id)
            await settleWorkflow(tx, emit, { ...row, spec_id: null, ticket_id: row.ticket_id });
          return row;
        });
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        const row = await core.read((db) => db.pullRequest.findUnique({ where: { business_key: input.business_key } }));
        if (!row) throw error;
        return pullRequestRow(row);
      }
    },

    /**
     * Pull requests of a code host in repositories whose address contains a text in lower case: those with a number, or
     * the open ones whose head is a commit. Of all organizations, since an event of a code host names none.
     */
    atHost: (provider: string, of: { number: number } | { head_sha: string }, text: string) =>
      core.read((db) => {
        const meant =
          'number' in of
            ? Prisma.sql`pull.number = ${of.number}`
            : Prisma.sql`pull.state = 'open' AND pull.head_sha = ${of.head_sha}`;
        return db.$queryRaw<{ id: string; organization_id: string; project_id: string; repository_url: string }[]>`
          SELECT pull.id, pull.organization_id, pull.project_id, project.repository_url
          FROM pull_requests pull
          JOIN projects project ON project.id = pull.project_id
          WHERE pull.provider = ${provider}
            AND ${meant}
            AND strpos(lower(project.repository_url), ${text}) > 0`;
      }),

    /** Keeps how the checks at the code host are. Nothing is emitted where they are as before. */
    noteHostChecks: (organizationId: string, id: string, checks: PullRequestHostCheck[]) =>
      core.change(async (tx, emit) => {
        const row = await locked(tx, organizationId, id);
        if (isDeepStrictEqual(row.host_checks, checks)) return;
        emit({ ...event(await update(tx, id, { host_checks: asJson(checks) })), type: 'pull_request.updated' });
      }),

    /** Keeps what is to be true at the code host; undefined ends it. Nothing is emitted where it is as before. */
    noteHostState: (organizationId: string, id: string, state: PullRequestHostState) =>
      core.change(async (tx, emit) => {
        const row = await locked(tx, organizationId, id);
        const next = Object.fromEntries(
          Object.entries({ ...row.host_state, ...state }).filter(([, value]) => value !== undefined),
        );
        if (isDeepStrictEqual(row.host_state, next)) return row;
        const after = await update(tx, id, { host_state: asJson(next) });
        emit({ ...event(after), type: 'pull_request.updated' });
        return after;
      }),

    /** The pull request whose reviewer asks for the changes that a task carries. */
    requesting: (task: { organization_id: string; project_id: string; id: string }) =>
      core.read(async (db) => {
        const { organization_id, project_id, id } = task;
        const where = { organization_id, project_id, comments: { array_contains: [{ task_id: id }] } };
        const row = await db.pullRequest.findFirst({ where });
        return row && pullRequestRow(row);
      }),

    get: (organizationId: string, id: string): Promise<PullRequest> => core.read((db) => find(db, organizationId, id)),
    list: (
      organizationId: string,
      filter: { project_id?: string; spec_id?: string; ticket_id?: string; state?: string },
      page: PageQuery,
    ) =>
      core.read((db) =>
        pageOf(page, async (query) =>
          (
            await db.pullRequest.findMany({
              ...query,
              where: { AND: [{ organization_id: organizationId, ...filter }, query.where] },
            })
          ).map(pullRequestRow),
        ),
      ),

    /** The newest pull request of each ticket, and of each spec as a whole, by the id of the ticket or the spec. */
    newestOf: (organizationId: string, tickets: string[], specs: string[]) =>
      core.read(async (db) => {
        const rows = await db.pullRequest.findMany({
          where: {
            organization_id: organizationId,
            OR: [{ ticket_id: { in: tickets } }, { ticket_id: null, spec_id: { in: specs } }],
          },
          select: { id: true, number: true, state: true, ticket_id: true, spec_id: true },
          orderBy: { created_at: 'asc' },
        });
        return new Map(
          rows.map(({ ticket_id, spec_id, id, number, state }) => [ticket_id ?? spec_id ?? '', { id, number, state }]),
        );
      }),

    markMerged: (organizationId: string, id: string, merge: { sha: string; by: string }) =>
      core.change(async (tx, emit) => {
        const row = await locked(tx, organizationId, id);
        if (row.state === 'merged') return row;
        checkMove('pull_request', row.state, 'merged');
        const after = await update(tx, id, {
          state: 'merged',
          merge_sha: merge.sha,
          merged_by: merge.by,
          merged_at: new Date(),
        });
        emit({ ...event(after, merge.by), type: 'pull_request.merged' });
        return after;
      }),
    close: (organizationId: string, id: string, by: string) =>
      core.change(async (tx, emit) => {
        const row = await locked(tx, organizationId, id);
        // A repeated close has the same result.
        if (row.state === 'closed') return row;
        if (row.state === 'merged')
          throw new AppError(
            'conflict',
            'state: the pull request is merged, so it cannot be closed. Revert its merge instead.',
          );
        checkMove('pull_request', row.state, 'closed');
        const after = await update(tx, id, { state: 'closed', host_state: {} });
        emit({ ...event(after, by), type: 'pull_request.closed' });
        return after;
      }),
    /**
     * Takes back the end of a pull request that was reopened at its code host, of its spec, and of the ticket that was
     * cancelled with it. Tasks that were cancelled stay so, and so does a ticket that was cancelled for another reason.
     */
    reopen: (organizationId: string, id: string, { by, closing }: { by: string; closing: string }) =>
      core.change(async (tx, emit) => {
        const row = await locked(tx, organizationId, id);
        if (row.state !== 'closed') return row;
        const after = await update(tx, id, { state: 'open' });
        emit({ ...event(after, by), type: 'pull_request.reopened' });
        const cancelled = { organization_id: organizationId, status: 'cancelled', last_error: closing };
        if (row.ticket_id) {
          const ticket = await tx.ticket.findFirst({ where: { id: row.ticket_id, ...cancelled } });
          if (ticket) await reopenTicket(tx, emit, ticket, by);
        } else if (row.spec_id) {
          const spec = await tx.spec.findFirst({ where: { id: row.spec_id, ...cancelled } });
          if (spec) await reopenSpec(tx, emit, specRow(spec), by);
        }
        return after;
      }),
    /** Keeps that somebody approves. @throws conflict when it has ended, or has newer commits than the one they saw. */
    approve: (
      organizationId: string,
      id: string,
      { by, head_sha, body }: { by: string; head_sha?: string; body: string },
    ) =>
      core.change(async (tx, emit) => {
        const row = await locked(tx, organizationId, id);
        if (row.state !== 'open')
          throw new AppError('conflict', `state: the pull request is ${row.state}, so there is nothing to approve.`);
        if (head_sha && head_sha !== row.head_sha)
          throw new AppError(
            'conflict',
            `head_sha: the pull request has newer commits than the one you saw. Read what is new, then approve.`,
            { head_sha: row.head_sha },
          );
        const last = row.comments.findLast((one) => one.author === by && one.verdict);
        const given = last?.verdict === 'approved' && last.head_sha === row.head_sha && last.body === body;
        if (given) return row;
        const comment = { body, author: by, at: new Date().toISOString(), verdict: 'approved', head_sha: row.head_sha };
        const after = await update(tx, id, { comments: asJson([...row.comments, comment]) });
        emit({ ...event(after, by), type: 'pull_request.approved' });
        return after;
      }),
    /** Notes which comments of the code host were answered there. */
    markAnswered: (organizationId: string, id: string, hostIds: string[]) =>
      core.change(async (tx) => {
        const row = await locked(tx, organizationId, id);
        const comments = row.comments.map((one) =>
          one.host_id && hostIds.includes(one.host_id) ? { ...one, answered: true } : one,
        );
        await update(tx, id, { comments: asJson(comments) });
      }),
    addComments: (organizationId: string, id: string, comments: PullRequestComment[]) =>
      core.change(async (tx, emit) => {
        const row = await locked(tx, organizationId, id);
        const after = await update(tx, id, { comments: asJson([...row.comments, ...comments]) });
        emit({ ...event(after), type: 'pull_request.updated' });
        return after;
      }),
  };
}
