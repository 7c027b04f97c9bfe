import { randomUUID } from 'node:crypto';
import { asJson, specRow, type Spec } from './json.ts';
import { pageOf, type PageQuery } from './page.ts';
import { findSpec, recordVersion, specEvent, type SpecEventType } from './spec-record.ts';
import type { StoreCore } from './core.ts';

export type { Spec } from './json.ts';

export function specsStore(core: StoreCore) {
  return {
    /** A repeated call with the same id gives the same spec. */
    create: (input: {
      id: string;
      organization_id: string;
      project_id: string;
      user_id: string | null;
      title: string;
      description: string;
      status: string;
      gate_policy: Spec['gate_policy'];
      plan: Spec['plan'];
      content_hash: string;
      budget_micros?: number;
    }) =>
      core.change(async (tx, emit) => {
        const { budget_micros: budget, ...fields } = input;
        const known = await tx.spec.findUnique({ where: { id: input.id } });
        if (known) return specRow(known);
        const spec = specRow(
          await tx.spec.create({
            data: { ...fields, gate_policy: asJson(fields.gate_policy), plan: asJson(fields.plan) },
          }),
        );
        if (budget !== undefined)
          await tx.budget.create({
            data: {
              id: randomUUID(),
              organization_id: spec.organization_id,
              scope_type: 'spec',
              scope_id: spec.id,
              limit_micros: BigInt(budget),
            },
          });
        await recordVersion(tx, spec, 'created', {}, input.user_id);
        emit(specEvent(spec, 'spec.created', { status: spec.status }));
        return spec;
      }),

    get: (organizationId: string, id: string) =>
      core.read((db) => db.$transaction((tx) => findSpec(tx, organizationId, id))),
    byHash: (projectId: string, hash: string) =>
      core.read(async (db) => {
        const spec = await db.spec.findFirst({
          where: {
            project_id: projectId,
            content_hash: hash,
            archived_at: null,
            status: { notIn: ['failed', 'cancelled'] },
          },
        });
        return spec && specRow(spec);
      }),
    /** Specs of all organizations, launched since that time, whose workflow has not started. */
    notStarted: (since: Date) =>
      core.read(async (db) =>
        (
          await db.spec.findMany({
            where: { status: 'executing', branch: null, archived_at: null, created_at: { gt: since } },
            take: 200,
          })
        ).map(specRow),
      ),
    list: (organizationId: string, filter: { project_id?: string; status?: string }, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, async (query) =>
          (
            await db.spec.findMany({
              ...query,
              where: { AND: [{ organization_id: organizationId, archived_at: null, ...filter }, query.where] },
            })
          ).map(specRow),
        ),
      ),

    /**
     * Changes the spec and emits its events. A repeated change emits nothing. An event that is given without changed
     * fields is always emitted.
     */
    update: (
      organizationId: string,
      id: string,
      data: Partial<
        Pick<
          Spec,
          | 'status'
          | 'current_phase'
          | 'progress'
          | 'waiting_for'
          | 'branch'
          | 'base_sha'
          | 'head_sha'
          | 'last_error'
          | 'title'
          | 'started_at'
          | 'ended_at'
        >
      >,
      event?: { type: SpecEventType; data?: Record<string, unknown> },
    ) =>
      core.change(async (tx, emit) => {
        const before = await findSpec(tx, organizationId, id);
        const spec = specRow(await tx.spec.update({ where: { id }, data: { ...data, updated_at: new Date() } }));
        if (data.status && data.status !== before.status)
          emit(
            specEvent(spec, 'spec.status_changed', {
              status: spec.status,
              old_status: before.status,
              waiting_for: spec.waiting_for,
              error: spec.last_error,
            }),
          );
        if (data.progress !== undefined && data.progress !== before.progress)
          emit(specEvent(spec, 'spec.progress', { progress: spec.progress, phase: spec.current_phase }));
        const fields = Object.keys(data) as (keyof typeof data)[];
        const moved =
          fields.length === 0 ||
          fields.some((key) => key !== 'ended_at' && spec[key]?.valueOf() !== before[key]?.valueOf());
        if (event && moved) emit(specEvent<SpecEventType>(spec, event.type, event.data ?? {}));
        return spec;
      }),
    branchMade: (spec: Spec, branch: string) =>
      core.emitOnce(specEvent(spec, 'spec.branch_created', { branch }), { branch }),

    versions: (organizationId: string, specId: string, limit: number, before?: number) =>
      core.read((db) =>
        db.specVersion.findMany({
          where: { spec_id: specId, organization_id: organizationId, number: before ? { lt: before } : undefined },
          orderBy: { number: 'desc' },
          take: limit,
        }),
      ),
    requirements: (specId: string) =>
      core.read((db) =>
        db.requirement.findMany({
          where: { spec_id: specId },
          include: { criteria: { orderBy: { key: 'asc' } } },
          orderBy: { key: 'asc' },
        }),
      ),

    /** Marks the criteria that a verified task met as completed, with evidence. */
    completeCriteria: (organizationId: string, specId: string, evidence: { key: string; evidence: object }[]) =>
      core.change(async (tx, emit) => {
        const spec = await findSpec(tx, organizationId, specId);
        for (const item of evidence) {
          const criterion = await tx.acceptanceCriterion.findFirst({
            where: { key: item.key, completed: false, requirement: { spec_id: specId } },
          });
          if (!criterion) continue;
          await tx.acceptanceCriterion.update({
            where: { id: criterion.id },
            data: { completed: true, evidence: item.evidence },
          });
          emit(
            specEvent(spec, 'criterion.completed', {
              criterion_id: criterion.key,
              requirement_id: criterion.requirement_id,
              evidence: item.evidence,
            }),
          );
        }
      }),
  };
}
