import { randomUUID } from 'node:crypto';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { EventData, EventType, NewEvent } from '#workflows/domain/events/catalogue.ts';
import type { PhaseAttempt, Spec } from '../generated/client.ts';
import { pageOf, type PageQuery } from './page.ts';
import type { StoreCore, Transaction } from './core.ts';

export type { PhaseAttempt, Spec } from '../generated/client.ts';

export interface Evaluation {
  score: number;
  criteria: unknown[];
  vetoes: unknown[];
  judge: object | null;
  passed: boolean;
  feedback: string;
}

/** Writes the next version of a spec: what changed, and all its content as it stands then. */
async function recordVersion(
  tx: Transaction,
  spec: Spec,
  changeType: string,
  details: object,
  actor: string | null,
): Promise<void> {
  const outputs = await tx.phaseAttempt.findMany({
    where: { spec_id: spec.id, status: 'passed' },
    select: { phase: true, attempt: true, output: true },
  });
  const last = await tx.specVersion.aggregate({ where: { spec_id: spec.id }, _max: { number: true } });
  const number = (last._max.number ?? 0) + 1;
  const snapshot = {
    title: spec.title,
    description: spec.description,
    status: spec.status,
    current_phase: spec.current_phase,
    phases: Object.fromEntries(outputs.map((o) => [o.phase, o.output])),
  };
  await tx.specVersion.create({
    data: {
      spec_id: spec.id,
      number,
      organization_id: spec.organization_id,
      change_type: changeType,
      details,
      snapshot: snapshot as object,
      actor,
    },
  });
  await tx.spec.update({ where: { id: spec.id }, data: { version: number } });
}

type SpecEventType = Extract<EventType, `spec.${string}` | `criterion.${string}`>;
type NamedFields<T> = { [K in keyof T as string extends K ? never : K]: T[K] };
/** The data of an event about a spec, without the fields that the store adds. */
type SpecEventData<T extends SpecEventType> = SpecEventType extends T
  ? Record<string, unknown>
  : Omit<NamedFields<EventData<T>>, 'spec_id' | 'title'> & Record<string, unknown>;

export function specsStore(core: StoreCore) {
  const own = (organizationId: string, id: string) => ({ id, organization_id: organizationId });

  async function find(tx: Transaction, organizationId: string, id: string): Promise<Spec> {
    const spec = await tx.spec.findFirst({ where: own(organizationId, id) });
    if (!spec) throw notFound('spec');
    return spec;
  }

  /** An event about a spec: its id and title are added to the data. */
  const specEvent = <T extends SpecEventType>(spec: Spec, type: T, data: SpecEventData<T>): NewEvent =>
    ({
      type,
      organization_id: spec.organization_id,
      project_id: spec.project_id,
      entity: { kind: 'spec', id: spec.id },
      data: { spec_id: spec.id, title: spec.title, ...data },
      // The compiler cannot put the parts of a generic type together again; the schema checks the whole.
    }) as unknown as NewEvent;

  return {
    /** The same id again is the same spec. */
    create: (input: {
      id: string;
      organization_id: string;
      project_id: string;
      user_id: string | null;
      title: string;
      description: string;
      status: string;
      gate_policy: object;
      plan: object;
      content_hash: string;
      budget_micros?: number;
    }) =>
      core.change(async (tx, emit) => {
        const { budget_micros: budget, ...fields } = input;
        const known = await tx.spec.findUnique({ where: { id: input.id } });
        if (known) return known;
        const spec = await tx.spec.create({ data: fields });
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
      core.read((db) => db.$transaction((tx) => find(tx, organizationId, id))),
    byHash: (projectId: string, hash: string) =>
      core.read((db) =>
        db.spec.findFirst({
          where: {
            project_id: projectId,
            content_hash: hash,
            archived_at: null,
            status: { notIn: ['failed', 'cancelled'] },
          },
        }),
      ),
    /** Specs set going since then of which nothing has begun, whosesoever. */
    unbegun: (since: Date) =>
      core.read((db) =>
        db.spec.findMany({
          where: { status: 'executing', branch: null, archived_at: null, created_at: { gt: since } },
          take: 200,
        }),
      ),
    list: (organizationId: string, filter: { project_id?: string; status?: string }, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.spec.findMany({
            ...query,
            where: { AND: [{ organization_id: organizationId, archived_at: null, ...filter }, query.where] },
          }),
        ),
      ),

    /** Moves the spec on and tells of it; what stays as it is tells nothing. An event without data is always told. */
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
        const before = await find(tx, organizationId, id);
        const spec = await tx.spec.update({ where: { id }, data: { ...data, updated_at: new Date() } });
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

    /** Begins an attempt at a phase; the same number again is the same attempt, with the draft it has by then. */
    startAttempt: (organizationId: string, specId: string, phase: string, attempt: number, runId: string) =>
      core.change(async (tx, emit): Promise<PhaseAttempt> => {
        const spec = await find(tx, organizationId, specId);
        const key = { spec_id: specId, phase, attempt };
        const known = await tx.phaseAttempt.findUnique({ where: { spec_id_phase_attempt: key } });
        if (known) return known;
        const previous = await tx.phaseAttempt.findFirst({
          where: { spec_id: specId, phase },
          orderBy: { attempt: 'desc' },
        });
        const draft = previous?.output ?? previous?.draft ?? undefined;
        const row = await tx.phaseAttempt.create({
          data: {
            ...key,
            id: randomUUID(),
            organization_id: organizationId,
            run_id: runId,
            draft: (draft ?? undefined) as object | undefined,
            draft_judged: previous?.output != null,
          },
        });
        await tx.spec.update({ where: { id: specId }, data: { current_phase: phase, updated_at: new Date() } });
        emit(specEvent(spec, 'spec.phase_started', { phase, attempt, run_id: runId }));
        return row;
      }),

    attempt: async (specId: string, phase: string, attempt: number) => {
      const row = await core.read((db) =>
        db.phaseAttempt.findUnique({ where: { spec_id_phase_attempt: { spec_id: specId, phase, attempt } } }),
      );
      if (!row) throw notFound('phase attempt');
      return row;
    },
    lastAttempt: (specId: string, phase: string) =>
      core.read((db) => db.phaseAttempt.findFirst({ where: { spec_id: specId, phase }, orderBy: { attempt: 'desc' } })),
    saveDraft: (specId: string, phase: string, attempt: number, draft: object, judged: boolean) =>
      core.change(
        async (tx) =>
          void (await tx.phaseAttempt.update({
            where: { spec_id_phase_attempt: { spec_id: specId, phase, attempt } },
            data: { draft, draft_judged: judged },
          })),
      ),
    saveOutput: (specId: string, phase: string, attempt: number, output: object) =>
      core.change(
        async (tx) =>
          void (await tx.phaseAttempt.update({
            where: { spec_id_phase_attempt: { spec_id: specId, phase, attempt } },
            data: { output },
          })),
      ),

    /** Stores an attempt's verdict, once, and makes its output the phase's when it passed. */
    judgeAttempt: (
      organizationId: string,
      specId: string,
      phase: string,
      attempt: number,
      verdict: Evaluation | { error: string },
      max: number,
    ) =>
      core.change(async (tx, emit) => {
        const spec = await find(tx, organizationId, specId);
        const key = { spec_id_phase_attempt: { spec_id: specId, phase, attempt } };
        const row = await tx.phaseAttempt.findUniqueOrThrow({ where: key });
        if (row.status !== 'running') return;
        const failed = 'error' in verdict;
        const passed = !failed && verdict.passed;
        const data = failed
          ? { feedback: verdict.error }
          : {
              score: verdict.score,
              criteria: verdict.criteria as object[],
              vetoes: verdict.vetoes as object[],
              judge: verdict.judge ?? undefined,
              feedback: verdict.passed ? null : verdict.feedback,
            };
        await tx.phaseAttempt.update({
          where: key,
          data: { ...data, status: passed ? 'passed' : 'failed', ended_at: new Date() },
        });
        if (passed) {
          await tx.phaseAttempt.updateMany({
            where: { spec_id: specId, phase, status: 'passed', attempt: { lt: attempt } },
            data: { status: 'superseded' },
          });
          await recordVersion(
            tx,
            spec,
            'phase_changed',
            { phase: { old: null, new: phase }, attempt: { old: null, new: attempt } },
            null,
          );
        }
        const facts = {
          phase,
          attempt,
          retry_count: attempt - 1,
          eval_score: failed ? null : verdict.score,
          duration_seconds: (Date.now() - row.started_at.getTime()) / 1000,
        };
        if (passed) emit(specEvent(spec, 'spec.phase_completed', facts));
        else if (attempt < max)
          emit(
            specEvent(spec, 'spec.phase_retry', {
              ...facts,
              reason: failed ? 'execution_error' : 'evaluation_failed',
              max_retries: max,
              eval_feedback: failed ? verdict.error : verdict.feedback,
            }),
          );
        else
          emit(
            specEvent(spec, 'spec.phase_failed', {
              ...facts,
              reason: failed ? 'execution_error' : 'evaluation_failed',
              eval_feedback: failed ? verdict.error : verdict.feedback,
            }),
          );
      }),

    /** What a person decided at a gate. Requested changes and rejections void the phase's output and every later one's. */
    decide: (
      organizationId: string,
      specId: string,
      phase: string,
      decision: {
        action: 'approved' | 'changes_requested' | 'regenerated' | 'rejected' | 'expired';
        by: string;
        feedback?: string;
        score?: number | null;
      },
      laterPhases: string[],
    ) =>
      core.change(async (tx, emit) => {
        const spec = await find(tx, organizationId, specId);
        const row = await tx.phaseAttempt.findFirst({
          where: { spec_id: specId, phase },
          orderBy: { attempt: 'desc' },
        });
        if (!row) throw notFound('phase');
        // An attempt is decided once: this is the same decision once more.
        if (row.decision !== null) return;
        const redo = decision.action === 'changes_requested' || decision.action === 'regenerated';
        await tx.phaseAttempt.update({
          where: { id: row.id },
          data: {
            decision: {
              action: decision.action,
              by: decision.by,
              at: new Date().toISOString(),
              feedback: decision.feedback ?? null,
            },
            ...(redo ? { status: 'superseded', feedback: decision.feedback ?? row.feedback } : {}),
          },
        });
        if (redo)
          await tx.phaseAttempt.updateMany({
            where: { spec_id: specId, phase: { in: laterPhases }, status: 'passed' },
            data: { status: 'superseded' },
          });
        await recordVersion(
          tx,
          spec,
          decision.action === 'approved' ? `${phase}_approved` : 'phase_changed',
          { phase, action: decision.action, feedback: decision.feedback ?? null },
          decision.by,
        );
        emit(
          specEvent(spec, 'spec.gate_decided', {
            phase,
            attempt: row.attempt,
            action: decision.action,
            by: decision.by,
            feedback: decision.feedback ?? null,
          }),
        );
      }),

    /**
     * Replaces the output of a phase that waits at its gate, with its judgement, as a new version.
     * @param edit gives output and judgement from the output as it stands, or refuses by throwing.
     * @throws conflict when the phase is not at its gate, or the spec has another version than the editor saw.
     */
    editAtGate: (
      organizationId: string,
      specId: string,
      phase: string,
      by: { version: number; actor: string; change: object },
      edit: (output: unknown) => { output: object; score: number; criteria: object[]; vetoes: object[]; about: string },
    ) =>
      core.change(async (tx, emit) => {
        await tx.$queryRaw`SELECT 1 FROM specs WHERE id = ${specId}::uuid FOR UPDATE`;
        const spec = await find(tx, organizationId, specId);
        const row = await tx.phaseAttempt.findFirst({
          where: { spec_id: specId, phase },
          orderBy: { attempt: 'desc' },
        });
        const atGate =
          spec.waiting_for === 'gate' &&
          spec.current_phase === phase &&
          row?.status === 'passed' &&
          row.decision === null;
        if (!atGate)
          throw new AppError(
            'conflict',
            `The ${phase} can be edited while they wait at their gate; now the spec is ${spec.status} in ${spec.current_phase}.`,
            { reason: 'not_at_gate' },
          );
        if (spec.version !== by.version)
          throw new AppError(
            'conflict',
            `The spec was changed meanwhile: it is at version ${spec.version}, and this change was made on version ${by.version}.`,
            { reason: 'stale', version: spec.version },
          );
        const { output, score, criteria, vetoes, about } = edit(row.output);
        await tx.phaseAttempt.update({ where: { id: row.id }, data: { output, score, criteria, vetoes } });
        await recordVersion(tx, spec, 'updated', { phase, id: about, ...by.change }, by.actor);
        emit(specEvent(spec, 'spec.edited', { phase, id: about, by: by.actor, ...by.change }));
        return { output, score, version: spec.version + 1 };
      }),

    /** Outputs of the phases that passed, by phase. */
    outputs: (specId: string) =>
      core.read(async (db): Promise<Record<string, unknown>> => {
        const rows = await db.phaseAttempt.findMany({
          where: { spec_id: specId, status: 'passed' },
          orderBy: { attempt: 'asc' },
        });
        return Object.fromEntries(rows.map((row) => [row.phase, row.output]));
      }),
    attempts: (specId: string) =>
      core.read((db) =>
        db.phaseAttempt.findMany({ where: { spec_id: specId }, orderBy: [{ started_at: 'asc' }, { attempt: 'asc' }] }),
      ),
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

    /** Ticks the criteria that a verified task proved, each with its evidence. */
    completeCriteria: (organizationId: string, specId: string, evidence: { key: string; evidence: object }[]) =>
      core.change(async (tx, emit) => {
        const spec = await find(tx, organizationId, specId);
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
