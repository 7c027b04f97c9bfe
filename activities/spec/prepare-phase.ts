import { Context } from '@temporalio/activity';
import type { PreparedRun } from '#workflows/contracts/work.ts';
import { phases, planSession, progressAt, type PhaseId } from '#workflows/domain/phases/index.ts';
import { answersText } from '#workflows/domain/phases/open-questions.ts';
import { mayRetry } from '#workflows/domain/tasks/retry.ts';
import { surveyIfChanged } from '../survey/survey-if-changed.ts';
import type { Services } from '../ports/services.ts';
import type { ToolBox } from '../tools/support/tool-box.ts';
import { openSpecBranch } from '../ports/open-branch.ts';
import { planningSession, type PhaseRef } from './planning-session.ts';
import { titleSpec } from './title-spec.ts';
import { closePlan, preparePlan, type ClosedPhase } from './prepare-plan.ts';

export function createPhaseActivities(services: Services, tools: ToolBox) {
  const { store, config } = services;

  return {
    /** Fetches the code to plan for, and creates the branch into which all work of the spec is joined. */
    openSpec: async (input: {
      organization_id: string;
      spec_id: string;
    }): Promise<{ branch: string; base_sha: string }> => {
      const stored = await store.specs.get(input.organization_id, input.spec_id);
      const spec = await titleSpec(services, stored, Context.current().cancellationSignal);
      const project = await store.projects.get(spec.organization_id, spec.project_id);
      const { branch, base_sha } = await openSpecBranch(services, project, spec, (sha) =>
        surveyIfChanged(services, project, sha),
      );
      if (!spec.started_at)
        await store.specs.update(
          spec.organization_id,
          spec.id,
          { status: 'executing', started_at: new Date() },
          {
            event: {
              type: 'spec.execution_started',
              data: { description: spec.description, phases: spec.plan.phases },
            },
          },
        );
      return { branch, base_sha };
    },

    /**
     * Creates the run of a phase's next attempt. `chain` counts how often the phase was started from its beginning;
     * `session` counts the runs within a chain, since a new run follows a broken one.
     */
    preparePhase: async (
      input: PhaseRef & { chain: number; session: number; feedback: string | null; from?: string },
    ): Promise<PreparedRun> => {
      const session = await planningSession(services, tools, input);
      if (session.existing) return session.existing;
      const { spec, runId, ofChain } = session;
      if (input.phase === planSession) return preparePlan(services, session, input);
      const phase = phases[input.phase as PhaseId];
      const attempts = (await store.specs.attempts(spec.id)).filter((known) => known.phase === input.phase);
      const started = attempts.find((known) => known.run_id === runId);
      const last = attempts.findLast((known) => known !== started);
      const attempt = started?.attempt ?? (last?.attempt ?? 0) + 1;
      const lastAttempt = ofChain[0]?.settings.last_attempt ?? attempt + config.phase.attempts - 1;
      const row =
        started ?? (await store.specs.startAttempt(spec.organization_id, spec.id, input.phase, attempt, runId));
      await store.specs.update(spec.organization_id, spec.id, {
        current_phase: input.phase,
        progress: progressAt(spec.plan.phases, phase.id, 'start'),
        waiting_for: null,
      });
      const prior = await store.specs.outputs(spec.id);
      const feedback = input.feedback ?? last?.feedback ?? undefined;
      const draft = row.draft ?? undefined;
      const { title, description } = spec;
      const answers = answersText(spec.answers);
      const { settings } = await store.projects.get(spec.organization_id, spec.project_id);
      const words = settings.requirement_words;
      const goal = phase.instructions({ title, description, prior, words, answers, draft, feedback });
      return session.createRun({ attempt, last_attempt: lastAttempt, goal });
    },

    /** Closes a session. Returns the phase's score for its gate, or the seconds until a new session may start. */
    closePhase: async (
      input: PhaseRef & { run_id: string; passed: boolean; reason: string; message: string },
    ): Promise<ClosedPhase> => {
      if (input.phase === planSession) return closePlan(services, input);
      const last = await store.specs.lastAttempt(input.spec_id, input.phase);
      const { score = null, attempt = 0 } = last ?? {};
      if (input.passed) {
        const spec = await store.specs.get(input.organization_id, input.spec_id);
        await store.specs.update(input.organization_id, input.spec_id, {
          progress: progressAt(spec.plan.phases, input.phase, 'end'),
        });
        return { score, attempt, again_after_seconds: null };
      }
      const { settings } = await store.runs.get(input.organization_id, input.run_id);
      const max = settings.last_attempt ?? config.phase.attempts;
      const again = attempt < max && mayRetry(input.reason);
      if (last?.status === 'running')
        await store.specs.judgeAttempt(
          input.organization_id,
          input.spec_id,
          input.phase,
          attempt,
          { error: input.message },
          again ? max : attempt,
        );
      return {
        score,
        attempt,
        again_after_seconds: again
          ? config.phase.retry_backoff * 2 ** (config.phase.attempts - 1 - (max - attempt))
          : null,
      };
    },
  };
}
