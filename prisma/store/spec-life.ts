import { AppError, notFound } from '#workflows/domain/errors.ts';
import { specRests } from '#workflows/domain/transitions.ts';
import { pageFromOldest, type PageQuery } from './page.ts';
import { specRow, type Spec } from './json.ts';
import { lockSpec, recordVersion, requireVersion, specEvent } from './spec-record.ts';
import type { StoreCore } from './core.ts';
import { comparedWith, setVector, type Embedded } from './vector.ts';

export interface SimilarSpec {
  id: string;
  title: string;
  description: string;
  status: string;
  /** Cosine similarity, or 1 for the same words. */
  similarity_score: number;
}

/** What people do with a spec as a record: edit its words, archive it, share it, link tickets to it. */
export function specLifeStore(core: StoreCore) {
  /** Shows a spec in lists and boards again, or hides it there with its tickets and tasks. */
  const setArchived = (organizationId: string, id: string, by: string, archived: boolean) =>
    core.change(async (tx, emit): Promise<Spec> => {
      const before = await lockSpec(tx, organizationId, id);
      if ((before.archived_at !== null) === archived) return before;
      if (archived && !specRests(before.status))
        throw new AppError(
          'conflict',
          before.status === 'pr_created'
            ? 'The pull request of the spec is open. Merge or close it, then archive the spec.'
            : `The spec is ${before.status}. Cancel it or let it end, then archive it.`,
        );
      const data = { archived_at: archived ? new Date() : null };
      const spec = specRow(await tx.spec.update({ where: { id }, data: { ...data, updated_at: new Date() } }));
      await tx.ticket.updateMany({ where: { spec_id: id }, data });
      await tx.task.updateMany({ where: { spec_id: id }, data });
      await recordVersion(tx, spec, archived ? 'archived' : 'restored', {}, by);
      emit(specEvent(spec, archived ? 'spec.archived' : 'spec.restored', { by }));
      return { ...spec, version: before.version + 1 };
    });

  return {
    archive: (organizationId: string, id: string, by: string) => setArchived(organizationId, id, by, true),
    restore: (organizationId: string, id: string, by: string) => setArchived(organizationId, id, by, false),
    /** @throws conflict for a spec in the archive: nothing on it begins. */
    refuseArchived: (organizationId: string, id: string): Promise<void> =>
      core.read(async (db) => {
        const found = await db.spec.findFirst({
          where: { id, organization_id: organizationId, archived_at: { not: null } },
          select: { id: true },
        });
        if (found) throw new AppError('conflict', `The spec is archived. Restore it first: POST /specs/${id}/restore.`);
      }),

    /**
     * Changes the words of a spec, as a new version.
     * @throws conflict where the spec has another version than the caller read, or its description is at work.
     */
    edit: (
      organizationId: string,
      id: string,
      words: { title?: string; description?: string; content_hash: (spec: Spec) => string },
      { version, by }: { version?: number; by: string },
    ) =>
      core.change(async (tx, emit): Promise<Spec> => {
        const before = await lockSpec(tx, organizationId, id);
        if (version !== undefined) requireVersion(before, version);
        const { title = before.title, description = before.description } = words;
        if (description !== before.description && !['draft', 'created'].includes(before.status))
          throw new AppError(
            'conflict',
            `The spec is ${before.status}, and agents work from its description. Steer a run, ask for changes at a gate, or launch a new spec.`,
          );
        const old = { title: before.title, description: before.description };
        const details = Object.fromEntries(
          Object.entries({ title, description })
            .filter(([field, value]) => old[field as keyof typeof old] !== value)
            .map(([field, value]) => [field, { old: old[field as keyof typeof old], new: value }]),
        );
        if (Object.keys(details).length === 0) return before;
        const hash = words.content_hash({ ...before, title, description });
        const spec = specRow(
          await tx.spec.update({
            where: { id },
            data: { title, description, content_hash: hash, embedded_by: null, updated_at: new Date() },
          }),
        );
        await recordVersion(tx, spec, 'updated', details, by);
        emit(specEvent(spec, 'spec.edited', { by, fields: Object.keys(details) }));
        return { ...spec, version: before.version + 1 };
      }),

    /** What later drafts are compared with. */
    setEmbedding: (id: string, embedded: Embedded | undefined): Promise<void> =>
      core.change(async (tx) => {
        await setVector(tx, 'specs', id, embedded);
      }),
    /** Open specs of the project with the same or similar content, the most similar first. Exact: a project has few. */
    similar: (projectId: string, hash: string, asked: Embedded[], threshold: number) => {
      const { distance, comparable } = comparedWith(asked);
      return core.read(
        (db) => db.$queryRaw<SimilarSpec[]>`
          SELECT id, title, description, status, similarity_score FROM (
            SELECT *, CASE WHEN content_hash = ${hash} THEN 1 WHEN ${comparable} THEN 1 - ${distance} END
              AS similarity_score
            FROM specs
            WHERE project_id = ${projectId}::uuid AND archived_at IS NULL
              AND status NOT IN ('completed', 'pr_created', 'failed', 'cancelled')
          ) open
          WHERE similarity_score >= ${threshold}
          ORDER BY similarity_score DESC, id
          LIMIT 3`,
      );
    },

    /** The token of a spec's public page: the given one, unless it has one already. */
    share: (organizationId: string, id: string, fresh: string, by: string): Promise<string> =>
      core.change(async (tx, emit) => {
        const spec = await lockSpec(tx, organizationId, id);
        if (spec.share_token) return spec.share_token;
        await tx.spec.update({ where: { id }, data: { share_token: fresh } });
        emit(specEvent(spec, 'spec.shared', { by }));
        return fresh;
      }),
    /** Ends the public page. Its link never works again. */
    unshare: (organizationId: string, id: string, by: string): Promise<void> =>
      core.change(async (tx, emit) => {
        const spec = await lockSpec(tx, organizationId, id);
        const { count } = await tx.spec.updateMany({
          where: { id, share_token: { not: null } },
          data: { share_token: null, share_views: 0 },
        });
        if (count > 0) emit(specEvent(spec, 'spec.unshared', { by }));
      }),
    /** A spec by the token of its public page, with the views that count this one. @throws not_found. */
    showcase: (token: string) =>
      core.change(async (tx) => {
        const { count } = await tx.spec.updateMany({
          where: { share_token: token, archived_at: null },
          data: { share_views: { increment: 1 } },
        });
        if (count === 0) throw notFound('shared spec');
        const spec = await tx.spec.findUniqueOrThrow({
          where: { share_token: token },
          include: { project: { select: { name: true } } },
        });
        const [requirements, tasks, completed, pull] = await Promise.all([
          tx.requirement.count({ where: { spec_id: spec.id } }),
          tx.task.count({ where: { spec_id: spec.id } }),
          tx.task.count({ where: { spec_id: spec.id, status: 'completed' } }),
          tx.pullRequest.findFirst({ where: { spec_id: spec.id }, orderBy: { created_at: 'desc' } }),
        ]);
        return { spec, requirements, tasks, completed, pull };
      }),

    /**
     * Links tickets to a spec, or takes links away. A ticket that the spec's plan made belongs to it anyway.
     * @throws not_found where one of them is not of the spec's project; nothing changes then.
     */
    setLinks: (organizationId: string, id: string, ticketIds: string[], linked: boolean, by: string): Promise<number> =>
      core.change(async (tx, emit) => {
        const spec = await lockSpec(tx, organizationId, id);
        const wanted = [...new Set(ticketIds)];
        const tickets = await tx.ticket.findMany({
          where: { id: { in: wanted }, project_id: spec.project_id },
          select: { id: true, spec_id: true },
        });
        if (tickets.length < wanted.length) throw notFound('ticket');
        const others = tickets.filter((ticket) => ticket.spec_id !== id).map((ticket) => ticket.id);
        const { count } = linked
          ? await tx.linkedTicket.createMany({
              data: others.map((ticket) => ({
                spec_id: id,
                ticket_id: ticket,
                organization_id: organizationId,
                created_by: by,
              })),
              skipDuplicates: true,
            })
          : await tx.linkedTicket.deleteMany({ where: { spec_id: id, ticket_id: { in: others } } });
        if (count > 0) emit(specEvent(spec, 'spec.links_changed', { by, linked, ticket_ids: others }));
        return count;
      }),
    linkedTickets: (organizationId: string, id: string, page: PageQuery) =>
      core.read((db) =>
        pageFromOldest(page, (query) =>
          db.ticket.findMany({
            ...query,
            where: { AND: [{ organization_id: organizationId, linked: { some: { spec_id: id } } }, query.where] },
          }),
        ),
      ),
    linkedIds: (id: string) =>
      core.read(async (db) =>
        (
          await db.linkedTicket.findMany({
            where: { spec_id: id },
            select: { ticket_id: true },
            orderBy: [{ created_at: 'asc' }, { ticket_id: 'asc' }],
          })
        ).map((link) => link.ticket_id),
      ),
  };
}
