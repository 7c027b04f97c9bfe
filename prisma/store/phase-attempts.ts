import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { PriorOutputs } from '#workflows/domain/phases/index.ts';
import { openQuestions } from '#workflows/domain/phases/open-questions.ts';
import type { ScoredCriterion, Veto } from '#workflows/domain/phases/phase.ts';
import type { StoreCore } from './core.ts';
import {
  asJson,
  asJsonIfGiven,
  phaseAttemptRow,
  type Evaluation,
  type PhaseAttempt,
  type PhaseFields,
} from './json.ts';
import { findSpec, lockSpec, recordVersion, requireVersion, specEvent } from './spec-record.ts';

// An output passed the schema of its phase before it was stored.
const outputsOf = (passed: { phase: string; output: unknown }[]) =>
  Object.fromEntries(passed.map((row) => [row.phase, row.output])) as PriorOutputs;

/** The attempts at the phases of a spec: drafts, outputs, verdicts and decisions at gates. */
export function phaseAttemptsStore(core: StoreCore) {
  return {
    /** Starts an attempt at a phase. A repeated call with the same number returns that attempt with its draft. */
    startAttempt: (organizationId: string, specId: string, phase: string, attempt: number, runId: string) =>
      core.change(async (tx, emit): Promise<PhaseAttempt> => {
        const spec = await findSpec(tx, organizationId, specId);
        const key = { spec_id: specId, phase, attempt };
        const known = await tx.phaseAttempt.findUnique({ where: { spec_id_phase_attempt: key } });
        if (known) return phaseAttemptRow(known);
        const last = await tx.phaseAttempt.findFirst({
          where: { spec_id: specId, phase },
          orderBy: { attempt: 'desc' },
        });
        const previous = last && phaseAttemptRow(last);
        const row = await tx.phaseAttempt.create({
          data: {
            ...key,
            id: randomUUID(),
            organization_id: organizationId,
            run_id: runId,
            draft: asJsonIfGiven(previous?.output ?? previous?.draft ?? undefined),
            draft_judged: previous?.output != null,
          },
        });
        await tx.spec.update({ where: { id: specId }, data: { current_phase: phase, updated_at: new Date() } });
        emit(specEvent(spec, 'spec.phase_started', { phase, attempt, run_id: runId }));
        return phaseAttemptRow(row);
      }),

    attempt: async (specId: string, phase: string, attempt: number) => {
      const row = await core.read((db) =>
        db.phaseAttempt.findUnique({ where: { spec_id_phase_attempt: { spec_id: specId, phase, attempt } } }),
      );
      if (!row) throw notFound('phase attempt');
      return phaseAttemptRow(row);
    },
    lastAttempt: (specId: string, phase: string) =>
      core.read(async (db) => {
        const row = await db.phaseAttempt.findFirst({
          where: { spec_id: specId, phase },
          orderBy: { attempt: 'desc' },
        });
        return row && phaseAttemptRow(row);
      }),
    saveDraft: (specId: string, phase: string, attempt: number, draft: PhaseFields, judged: boolean) =>
      core.change(
        async (tx) =>
          void (await tx.phaseAttempt.update({
            where: { spec_id_phase_attempt: { spec_id: specId, phase, attempt } },
            data: { draft: asJson(draft), draft_judged: judged },
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

    /** Stores an attempt's verdict once. The output of a passed attempt becomes the phase's output. */
    judgeAttempt: (
      organizationId: string,
      specId: string,
      phase: string,
      attempt: number,
      verdict: Evaluation | { error: string },
      max: number,
    ) =>
      core.change(async (tx, emit) => {
        const spec = await findSpec(tx, organizationId, specId);
        const key = { spec_id_phase_attempt: { spec_id: specId, phase, attempt } };
        const row = await tx.phaseAttempt.findUniqueOrThrow({ where: key });
        if (row.status !== 'running') return;
        const failed = 'error' in verdict;
        const passed = !failed && verdict.passed;
        const data = failed
          ? { feedback: verdict.error }
          : {
              score: verdict.score,
              criteria: asJson(verdict.criteria),
              vetoes: asJson(verdict.vetoes),
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

    /**
     * Lets the newest submission of a phase pass that failed by its score.
     * @param correct returns the output for later phases.
     * @throws conflict where the phase has not failed, nothing was submitted, or a fault fails it at any score.
     */
    approveFailed: (
      organizationId: string,
      specId: string,
      phase: string,
      by: { actor: string; reason: string },
      correct: (output: PhaseFields) => object,
    ) =>
      core.change(async (tx, emit) => {
        const spec = await lockSpec(tx, organizationId, specId);
        const last = await tx.phaseAttempt.findFirst({
          where: { spec_id: specId, phase },
          orderBy: { attempt: 'desc' },
        });
        const row = last && phaseAttemptRow(last);
        if (spec.status !== 'failed' || row?.status !== 'failed')
          throw new AppError('conflict', `The phase ${phase} has not failed; the spec is ${spec.status}.`);
        if (!row.output || row.score === null)
          throw new AppError(
            'conflict',
            `The newest attempt at ${phase} submitted nothing that could be approved. Retry it.`,
          );
        if (row.vetoes?.length)
          throw new AppError(
            'conflict',
            `Work cannot go on with this submission: ${row.vetoes.map(({ message }) => message).join(' ')} Retry the phase with feedback.`,
          );
        const { attempt, score } = row;
        const decision = { action: 'approved', by: by.actor, at: new Date().toISOString(), feedback: by.reason };
        await tx.phaseAttempt.update({
          where: { id: row.id },
          data: { status: 'passed', output: correct(row.output), decision },
        });
        await tx.phaseAttempt.updateMany({
          where: { spec_id: specId, phase, status: 'passed', attempt: { lt: attempt } },
          data: { status: 'superseded' },
        });
        const change = { phase, action: 'approved', feedback: by.reason, score };
        await recordVersion(tx, spec, `${phase}_approved`, change, by.actor);
        emit(
          specEvent(spec, 'spec.gate_decided', {
            ...{ phase, attempt, action: 'approved', by: by.actor, feedback: by.reason },
          }),
        );
      }),

    /** Stores a decision at a gate. Requested changes and rejections invalidate the output of this and later phases. */
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
        const spec = await findSpec(tx, organizationId, specId);
        const row = await tx.phaseAttempt.findFirst({
          where: { spec_id: specId, phase },
          orderBy: { attempt: 'desc' },
        });
        if (!row) throw notFound('phase');
        // Each attempt has one decision, so this call is a repetition.
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
     * @param edit returns the new output and its evaluation from the current output, or throws to refuse the edit.
     * @throws conflict when the phase is not at its gate, or the spec has another version than the caller named.
     */
    editAtGate: (
      organizationId: string,
      specId: string,
      phase: string,
      by: { /** Absent: whatever was edited since the caller read it. */ version?: number; actor: string },
      edit: (output: PhaseFields | null) => {
        output: object;
        score: number;
        criteria: ScoredCriterion[];
        vetoes: Veto[];
        about: string;
        /** What the version and the event say about it. */
        change: object;
      },
    ) =>
      core.change(async (tx, emit) => {
        const spec = await lockSpec(tx, organizationId, specId);
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
            `The phase ${phase} can be edited while it waits at its gate; now the spec is ${spec.status} in ${spec.current_phase}.`,
            { reason: 'not_at_gate' },
          );
        if (by.version !== undefined) requireVersion(spec, by.version);
        const { output, score, criteria, vetoes, about, change } = edit(phaseAttemptRow(row).output);
        await tx.phaseAttempt.update({
          where: { id: row.id },
          data: { output, score, criteria: asJson(criteria), vetoes: asJson(vetoes) },
        });
        await recordVersion(tx, spec, 'updated', { phase, id: about, ...change }, by.actor);
        emit(specEvent(spec, 'spec.edited', { phase, id: about, by: by.actor, ...change }));
        return { output, score, version: spec.version + 1 };
      }),

    /**
     * Stores answers to open questions of the plan; a later answer replaces an earlier one.
     * @throws not_found for a question that the plan does not ask.
     */
    answer: (
      organizationId: string,
      specId: string,
      answers: { question: string; answer: string }[],
      by: string,
    ): Promise<void> =>
      core.change(async (tx, emit) => {
        const spec = await lockSpec(tx, organizationId, specId);
        const rows = await tx.phaseAttempt.findMany({ where: { spec_id: specId, status: 'passed' } });
        const asked = openQuestions(outputsOf(rows)).map(({ question }) => question);
        const unknown = answers.find(({ question }) => !asked.includes(question));
        if (unknown)
          throw new AppError(
            'not_found',
            `The plan does not ask "${unknown.question}". Read its open questions again.`,
          );
        const fresh = answers.filter(
          (given) => !spec.answers.some((old) => isDeepStrictEqual({ ...old, ...given }, old)),
        );
        // An earlier try of the step has stored them.
        if (fresh.length === 0) return;
        const kept = spec.answers.filter((old) => !fresh.some(({ question }) => question === old.question));
        const at = new Date().toISOString();
        const now = [...kept, ...fresh.map((given) => ({ ...given, by, at }))];
        await tx.spec.update({ where: { id: specId }, data: { answers: asJson(now), updated_at: new Date() } });
        await recordVersion(tx, spec, 'answered', { answers: fresh }, by);
        emit(specEvent(spec, 'spec.questions_answered', { answered: fresh.length, by }));
      }),

    /** The outputs of the phases that passed, by phase. */
    outputs: (specId: string) =>
      core.read(async (db): Promise<PriorOutputs> => {
        const rows = await db.phaseAttempt.findMany({
          where: { spec_id: specId, status: 'passed' },
          orderBy: { attempt: 'asc' },
        });
        return outputsOf(rows);
      }),
    attempts: (specId: string) =>
      core.read(async (db) =>
        (
          await db.phaseAttempt.findMany({
            where: { spec_id: specId },
            orderBy: [{ started_at: 'asc' }, { attempt: 'asc' }],
          })
        ).map(phaseAttemptRow),
      ),
  };
}
