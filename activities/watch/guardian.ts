import { Context } from '@temporalio/activity';
import { workflowId } from '#workflows/contracts/ids.ts';
import { pauseUpdate, wakeSignal } from '#workflows/contracts/run.ts';
import { digestText, guardianPrompt, guardianSchema } from '#workflows/domain/watch/guardian.ts';
import { runHealth } from '#workflows/domain/watch/health.ts';
import { asData } from '#workflows/domain/agent/untrusted.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { GuardianAnalysis } from '#prisma/store/watching.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { isEnabled } from '../ports/is-enabled.ts';
import { askForValue } from '../support/ask-for-value.ts';
import { activityId } from '../support/ids.ts';
import { lookForAnomalies } from './anomalies.ts';
import { recentTurns } from './recent-turns.ts';
import { scopeOf } from '#workflows/domain/billing/scopes.ts';
import type { Services } from '../ports/services.ts';
import { cutStart } from '#workflows/domain/text.ts';

interface ProjectRef {
  organization_id: string;
  project_id: string;
}

export interface Judged {
  run_id: string;
  available: boolean;
  reason: string | null;
  steered: boolean;
}

/** Analyses one agent at a time: its work since the last analysis, and whether that serves its task. */
export function createGuardian(services: Services) {
  const { store, config, repositories, workflows, log } = services;
  const { monitoring } = config;

  async function digestOf(run: Run): Promise<string> {
    const task = run.task_id ? await store.tasks.get(run.organization_id, run.task_id) : null;
    const { turns, calls } = await store.turns.list(run.organization_id, run.id, Math.max(0, run.turn - 8), 8);
    const checkpoints = await store.toolCalls.checkpoints(run.id);
    // Merged work of other agents and files that were restored are not changes of this agent.
    const own = new Set(
      checkpoints.flatMap((checkpoint) =>
        (checkpoint.files as { path: string; merged?: boolean }[])
          .filter((file) => !file.merged)
          .map((file) => file.path),
      ),
    );
    const differing =
      run.head_sha && run.base_sha && run.head_sha !== run.base_sha
        ? await repositories.changedFiles(run.project_id, run.base_sha, run.head_sha)
        : [];
    const judged = await store.watching.analyses(run.organization_id, run.id, 3);
    const recent = recentTurns(
      turns.map((turn) => ({ ...turn, calls: calls.filter((call) => call.turn === turn.turn) })),
      judged.find(({ source }) => source === 'model')?.turn,
    );
    return digestText({
      task: `${task?.local_id ?? task?.key ?? run.kind} ${run.title}`,
      turn: run.turn,
      owned_files: task?.owned_files ?? [],
      changed_files: differing.map((file) => file.path).filter((path) => own.has(path)),
      constraints: (await store.messages.constraints(run.id)).map((message) => message.content),
      todo: run.todo as { text: string; status: string }[],
      recent,
      earlier: judged
        .toReversed()
        .map(
          (analysis) =>
            `turn ${analysis.turn}: ${analysis.alignment_score ?? 'not judged'} ${analysis.trajectory_summary ?? ''}`,
        ),
    });
  }

  /** The first analysis after an intervention's delivery measures its effect. */
  async function recordSteerEffects(run: Run, score: number): Promise<void> {
    for (const open of await store.watching.openInterventions(run.id)) {
      if (open.delivered_at_turn === null || run.turn <= open.delivered_at_turn) continue;
      await store.watching.closeIntervention(open.id, {
        alignment_after: score,
        recovered: score >= monitoring.steering_threshold,
      });
    }
  }

  async function judge(run: Run, id: string, signal: AbortSignal): Promise<GuardianAnalysis> {
    const task = run.task_id ? await store.tasks.get(run.organization_id, run.task_id) : null;
    const answer = await askForValue(
      services,
      {
        key: `guardian:${run.id}:${id}`,
        subject: run.id,
        context: {
          kind: 'guardian',
          spec_id: run.spec_id,
          ticket_id: run.ticket_id,
          task_id: run.task_id,
          task_ref: task?.local_id ?? null,
          attempt: run.attempt,
          title: run.title,
          mode: run.mode,
        },
        model: config.model.small_name,
        system: guardianPrompt,
        prompt: `# The task\n${asData('task', cutStart(run.goal, 4000))}\n\n# What it did\n${asData('digest', await digestOf(run))}`,
        tool: { name: 'give_judgement', description: 'How the agent is doing.' },
        schema: guardianSchema,
        scope: scopeOf(run),
      },
      signal,
    );
    const base = {
      id,
      organization_id: run.organization_id,
      project_id: run.project_id,
      run_id: run.id,
      turn: run.turn,
      current_phase: run.phase,
    };
    if (!answer.available) {
      return store.watching.saveAnalysis({
        ...base,
        source: 'unavailable',
        trajectory_aligned: null,
        alignment_score: null,
        health: null,
        needs_steering: false,
        steering_type: null,
        steering_recommendation: null,
        trajectory_summary: answer.reason,
        current_focus: null,
        accumulated_goal: null,
        details: {},
      });
    }
    const verdict = answer.value;
    const steers = await store.watching.steersInHour(run.id);
    return store.watching.saveAnalysis({
      ...base,
      source: 'model',
      trajectory_aligned: verdict.trajectory_aligned,
      alignment_score: verdict.alignment_score,
      needs_steering: verdict.needs_steering,
      steering_type: verdict.steering_type ?? null,
      steering_recommendation: verdict.steering_recommendation ?? null,
      health: runHealth({
        alignment: verdict.alignment_score,
        needs_steering: verdict.needs_steering,
        steers_last_hour: steers,
        aligned: verdict.trajectory_aligned,
      }),
      trajectory_summary: verdict.trajectory_summary,
      current_focus: verdict.current_focus,
      accumulated_goal: verdict.accumulated_goal,
      details: verdict.details,
    });
  }

  /**
   * Acts on an analysis once. A run is stopped only after it ignored a steer; before that a person is asked.
   * @returns whether a message was sent to the agent.
   */
  async function steer(run: Run, analysis: GuardianAnalysis): Promise<boolean> {
    const score = analysis.alignment_score ?? 0;
    await recordSteerEffects(run, score);
    const advice = analysis.steering_recommendation?.trim();
    if (!analysis.needs_steering || !advice) return false;
    const last = await store.watching.lastIntervention(run.id);
    const done = last?.analysis_id === analysis.id;
    const cooling =
      last?.status === 'sent' ||
      (last?.delivered_at_turn != null && run.turn - last.delivered_at_turn < monitoring.steering_cooldown_turns);
    if (cooling && !done) return false;
    const send = monitoring.auto_steering && score < monitoring.steering_threshold;
    const kind = analysis.steering_type ?? 'refocus';
    try {
      await store.watching.intervene({
        organization_id: run.organization_id,
        project_id: run.project_id,
        run_id: run.id,
        analysis_id: analysis.id,
        actor: 'guardian',
        steering_type: kind,
        message: advice,
        reason: analysis.trajectory_summary ?? '',
        alignment_before: score,
        record_only: !send,
      });
      if (send) await notify(run, kind, advice);
    } catch (error) {
      // The run ended during the analysis, so there is no agent to steer.
      if (!(error instanceof AppError) || error.code !== 'conflict') throw error;
      log.info({ run_id: run.id }, 'a run ended while it was judged');
      return false;
    }
    return send;
  }

  async function notify(run: Run, kind: string, advice: string): Promise<void> {
    const id = workflowId.run(run.id);
    const stops = kind === 'stop' && (await store.watching.ignoredSteer(run.id));
    const stop = { by: 'guardian', reason: 'guardian_stop', message: advice };
    await workflows.signal(id, wakeSignal, { rank: 'boundary', ...(stops ? { stop } : {}) });
    if (kind === 'stop' && !stops)
      await workflows.update(id, pauseUpdate, {
        actor: 'guardian',
        reason: `The guardian would stop this run: ${cutStart(advice, 1500)} Steer, resume or stop it.`,
      });
  }

  return {
    /** The runs to analyse: running, old enough, and with turns since their last analysis. */
    runsToJudge: async (
      input: ProjectRef & { asked_for: string[] },
    ): Promise<{ active: number; run_ids: string[] }> => {
      await lookForAnomalies(services, input);
      const active = await store.runs.activeOf(input.project_id);
      if (!(await isEnabled(services, input.organization_id, 'guardian')))
        return { active: active.length, run_ids: [] };
      const due: string[] = [];
      for (const run of active) {
        if (input.asked_for.includes(run.id)) due.push(run.id);
        else if (
          run.kind === 'task' &&
          run.status === 'running' &&
          run.turn > 0 &&
          run.started_at &&
          Date.now() - run.started_at.getTime() >= monitoring.minimum_age * 1000
        ) {
          const last = await store.watching.lastAnalysis(run.id);
          if (!last || last.turn < run.turn) due.push(run.id);
        }
      }
      return { active: active.length, run_ids: due };
    },

    judgeRun: async (input: { organization_id: string; run_id: string }): Promise<Judged> => {
      const signal = Context.current().cancellationSignal;
      const run = await store.runs.get(input.organization_id, input.run_id);
      const id = activityId();
      // The analysis of an earlier try of this activity counts.
      const analysis = (await store.watching.analysis(id)) ?? (await judge(run, id, signal));
      if (analysis.source === 'unavailable')
        return { run_id: run.id, available: false, reason: analysis.trajectory_summary, steered: false };
      return { run_id: run.id, available: true, reason: null, steered: await steer(run, analysis) };
    },

    recordCycle: async (
      input: ProjectRef & {
        loop: string;
        ok: boolean;
        error: string | null;
        interventions: number;
        duration_ms: number;
        interval_seconds?: number;
      },
    ): Promise<void> => {
      await store.watching.recordCycle({
        organization_id: input.organization_id,
        project_id: input.project_id,
        loop: input.loop,
        ok: input.ok,
        error: input.error,
        interventions: input.interventions,
        duration_ms: Math.round(input.duration_ms),
        interval_seconds: input.interval_seconds,
      });
    },
  };
}
