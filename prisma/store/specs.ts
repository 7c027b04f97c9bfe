import type { NightTerms } from '#workflows/domain/agent/night-terms.ts';
import type { BillingRules } from '#workflows/domain/billing/plans.ts';
import { orRecordBlocked, reserveWorkflow, settleWorkflow } from './billing.ts';
import { setFirstBudget, type AlertThresholds } from './budgets.ts';
import { verdictOn } from '#workflows/domain/requirements/verdict.ts';
import { asJson, criterionRow, reviewRow, specRow, taskRow, type Spec } from './json.ts';
import { containing, pageOf, type PageQuery } from './page.ts';
import { findSpec, lockSpec, recordVersion, specEvent, type SpecEventType } from './spec-record.ts';
import { checkMove, mayMove } from '#workflows/domain/transitions.ts';
import type { StoreCore } from './core.ts';

export type { Spec } from './json.ts';

/** The work on a spec ends with its pull request, or without one. */
const endStatuses = ['pr_created', 'completed', 'failed', 'cancelled'];

export function specsStore(core: StoreCore, thresholds: AlertThresholds, billing: BillingRules) {
  return {
    /**
     * A repeated call with the same id gives the same spec. One that starts at once is paid for in the same step.
     * @throws payment_required
     */
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
      model?: string;
      base_branch?: string;
      night?: NightTerms;
      budget_micros?: number;
    }) =>
      orRecordBlocked(core, { ...input, spec_id: input.id }, () =>
        core.change(async (tx, emit) => {
          const { budget_micros: budget, ...fields } = input;
          const known = await tx.spec.findUnique({ where: { id: input.id } });
          if (known) return specRow(known);
          const spec = specRow(
            await tx.spec.create({
              data: {
                ...fields,
                gate_policy: asJson(fields.gate_policy),
                plan: asJson(fields.plan),
                night: fields.night && asJson(fields.night),
              },
            }),
          );
          await setFirstBudget(tx, emit, { ...spec, type: 'spec' }, budget, thresholds);
          await recordVersion(tx, spec, 'created', {}, input.user_id);
          emit(specEvent(spec, 'spec.created', { status: spec.status }));
          if (spec.status === 'executing') await reserveWorkflow(tx, { ...spec, spec_id: spec.id }, billing);
          return spec;
        }),
      ),

    get: (organizationId: string, id: string) =>
      core.read((db) => db.$transaction((tx) => findSpec(tx, organizationId, id))),
    /** Takes the end of the night from a spec that goes on. */
    liftStop: (organizationId: string, id: string) =>
      core.change(
        (tx) => tx.$executeRaw`
          UPDATE specs SET night = night - 'stop_at'
          WHERE id = ${id}::uuid AND organization_id = ${organizationId}::uuid`,
      ),
    /** A spec of the same content whose work has not ended. */
    openByHash: (projectId: string, hash: string) =>
      core.read(async (db) => {
        const spec = await db.spec.findFirst({
          where: {
            project_id: projectId,
            content_hash: hash,
            archived_at: null,
            status: { notIn: endStatuses },
          },
          orderBy: { created_at: 'desc' },
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
    list: (
      organizationId: string,
      {
        include_archived: all,
        search,
        linked_ticket_id: linked,
        ...filter
      }: {
        project_id?: string;
        status?: string | { in: string[] };
        include_archived?: boolean;
        search?: string;
        linked_ticket_id?: string;
      },
      page: PageQuery,
    ) =>
      core.read((db) =>
        pageOf(page, async (query) =>
          (
            await db.spec.findMany({
              ...query,
              where: {
                AND: [
                  { organization_id: organizationId, ...(all ? {} : { archived_at: null }), ...filter },
                  search ? { title: containing(search) } : {},
                  linked ? { linked: { some: { ticket_id: linked } } } : {},
                  query.where,
                ],
              },
            })
          ).map(specRow),
        ),
      ),

    /**
     * Changes the spec and emits its events. A repeated change emits nothing. An event that is given without changed
     * fields is always emitted.
     * @param by the person who moves it; absent: the platform.
     * @param late the step may come after the spec has ended: a move that the table forbids then changes nothing.
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
          | 'waiting_reason'
          | 'branch'
          | 'base_sha'
          | 'head_sha'
          | 'last_error'
          | 'title'
          | 'started_at'
          | 'ended_at'
        >
      >,
      {
        by = 'platform',
        late = false,
        event,
      }: { by?: string; late?: boolean; event?: { type: SpecEventType; data?: Record<string, unknown> } } = {},
    ) =>
      core.change(async (tx, emit) => {
        const before = await lockSpec(tx, organizationId, id);
        if (data.status && late && !mayMove('spec', before.status, data.status)) return before;
        if (data.status) checkMove('spec', before.status, data.status);
        // A reason is that of one wait.
        const reason = data.waiting_for === undefined ? {} : { waiting_reason: data.waiting_reason ?? null };
        const spec = specRow(
          await tx.spec.update({ where: { id }, data: { ...data, ...reason, updated_at: new Date() } }),
        );
        if (data.status && data.status !== before.status)
          emit(
            specEvent(spec, 'spec.status_changed', {
              status: spec.status,
              old_status: before.status,
              waiting_for: spec.waiting_for,
              error: spec.last_error,
              by,
            }),
          );
        if (data.progress !== undefined && data.progress !== before.progress)
          emit(specEvent(spec, 'spec.progress', { progress: spec.progress, phase: spec.current_phase }));
        if (data.status && endStatuses.includes(spec.status)) await settleWorkflow(tx, emit, { ...spec, spec_id: id });
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
      core.read(async (db) =>
        (
          await db.requirement.findMany({
            where: { spec_id: specId },
            include: { criteria: { orderBy: { key: 'asc' } } },
            orderBy: { key: 'asc' },
          })
        ).map((row) => ({ ...row, criteria: row.criteria.map(criterionRow) })),
      ),

    /**
     * Marks the criteria of the requirements that a completed task serves, where every other task that serves them is
     * completed too. A requirement with a cancelled task keeps its open criteria: a part of its work is missing.
     */
    proveCriteria: (organizationId: string, specId: string, taskId: string) =>
      core.change(async (tx, emit) => {
        // The lock makes one of two tasks that end at once see the other.
        const spec = await lockSpec(tx, organizationId, specId);
        const tasks = (await tx.task.findMany({ where: { spec_id: specId }, orderBy: { number: 'asc' } })).map(taskRow);
        const served = tasks.find((task) => task.id === taskId)?.requirements ?? [];
        const criteria = await tx.acceptanceCriterion.findMany({
          where: { completed: false, requirement: { spec_id: specId, key: { in: served } } },
          include: { requirement: true },
          orderBy: { key: 'asc' },
        });
        const reviews = (
          await tx.validationReview.findMany({
            where: { task_id: { in: tasks.map((task) => task.id) }, passed: true },
            orderBy: { created_at: 'asc' },
          })
        ).map(reviewRow);
        const reviewed = new Set(reviews.map((review) => review.task_id));
        for (const { id, key, requirement } of criteria) {
          const serving = tasks.filter((task) => task.requirements.includes(requirement.key));
          if (serving.some((task) => task.status !== 'completed')) continue;
          const evidence = {
            reviewed: serving.every((task) => reviewed.has(task.id)),
            tasks: serving.map((task) => ({
              task_id: task.id,
              run_id: task.result?.run_id ?? null,
              reviewed: reviewed.has(task.id),
              evidence: task.result?.evidence ?? [],
              criteria: task.criteria.map((criterion) => criterion.id),
            })),
          };
          const own = new Set(serving.map((task) => task.id));
          const verdict = verdictOn(
            key,
            reviews.filter((review) => own.has(review.task_id)),
          );
          const completed = verdict?.met ?? true;
          await tx.acceptanceCriterion.update({
            where: { id },
            data: { completed, evidence: asJson(evidence), ...(verdict && { verdict: asJson(verdict) }) },
          });
          if (!completed) continue;
          emit(
            specEvent(spec, 'criterion.completed', { criterion_id: key, requirement_id: requirement.key, evidence }),
          );
        }
      }),
  };
}
