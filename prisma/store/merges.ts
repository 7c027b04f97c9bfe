import { isDeepStrictEqual } from 'node:util';
import type { StoreCore } from './core.ts';
import { businessKey, pageFromOldest, type PageQuery } from './page.ts';

export interface NewMerge {
  id: string;
  organization_id: string;
  project_id: string;
  ticket_id: string | null;
  spec_id: string | null;
  target: string;
  sources: object[];
}

type CoordinationEvent =
  | 'coordination.split.created'
  | 'coordination.join.created'
  | 'coordination.sync.created'
  | 'coordination.sync.ready'
  | 'coordination.synthesis.completed';

/** Merges of the work of several tasks or tickets into one branch, each with the log of its steps. */
export function mergesStore(core: StoreCore) {
  return {
    start: (input: NewMerge) =>
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
    /** Updates a merge. A step that its log contains already is not added again. */
    update: (
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
    count: (subjectId: string) =>
      core.read((db) => db.mergeAttempt.count({ where: { id: { startsWith: `merge:${subjectId}:` } } })),
    list: (
      organizationId: string,
      filter: { ticket_id?: string; spec_id?: string; project_id?: string },
      page: PageQuery,
    ) =>
      core.read((db) =>
        pageFromOldest(
          page,
          (query) =>
            db.mergeAttempt.findMany({
              ...query,
              where: { AND: [{ organization_id: organizationId, ...filter }, query.where] },
            }),
          businessKey,
        ),
      ),
    emitCoordination: (
      type: CoordinationEvent,
      input: { organization_id: string; project_id: string; ticket_id: string; task_id: string; data: object },
    ) =>
      core.emitOnce(
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
