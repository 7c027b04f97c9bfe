import type { RunOutcome } from '#prisma/store/json.ts';
import type { PreparedRun } from '#workflows/contracts/work.ts';
import { asData, oneLine } from '#workflows/domain/agent/untrusted.ts';
import { present } from '#workflows/domain/errors.ts';
import { sandboxId } from '#workflows/domain/agent/sandbox-ids.ts';
import { scopeOfTask } from '#workflows/domain/billing/scopes.ts';
import { reviewsOf } from '#workflows/domain/tasks/review-rounds.ts';
import { startDiagnosis } from '../ports/start-diagnosis.ts';
import type { Services } from '../ports/services.ts';
import type { ToolBox } from '../tools/support/tool-box.ts';
import { deterministicId } from '../support/ids.ts';
import { decidesRules } from '../support/instruction-files.ts';
import { createRun } from '../run/create-run.ts';
import { runLimits } from '../run/limits.ts';
import { goalOf } from './task-run.ts';
import { requirementsSection } from './requirements-section.ts';

interface ValidationRef {
  organization_id: string;
  task_id: string;
  attempt: number;
  /** 1 for the first review of the task, and for the first one after a retry by hand. */
  round: number;
}

export interface Verdict {
  passed: boolean;
  feedback: string;
  /** True when another round may follow. */
  again: boolean;
}

/** What a reviewer has to know of the platform's check of the work, where it did not simply pass. */
function checkSection(check: RunOutcome['check']): { title: string; text: string }[] {
  if (!check || !(check.unverified || check.note)) return [];
  const meaning = check.unverified
    ? 'It fails at the base too, or could not run, so it proves nothing about this change: UNVERIFIED. That it fails is not a finding. Show each criterion by commands of your own; one that you cannot show here is unverified.'
    : 'It shows no new failure. Tests that its note counts as failed before or as flaky are not a finding: they were so before the change.';
  const note = check.note ? `\n${asData('note of the check', check.note)}` : '';
  return [{ title: "The project's check", text: `\`${oneLine(check.command)}\` ran on the change. ${meaning}${note}` }];
}

/** Reviews work in a clean checkout. The reviewer sees criteria, change and commands, not the author's view. */
export function createValidation(services: Services, tools: ToolBox) {
  const { store, repositories, config } = services;

  return {
    prepareValidation: async (input: ValidationRef & { rounds?: number }): Promise<PreparedRun> => {
      const task = await store.tasks.get(input.organization_id, input.task_id);
      // Reviews are numbered across retries by hand, which begin again at round 1. An earlier try of this activity has
      // taken the number already.
      const iteration = task.validation_iteration + (task.status === 'validating' ? 0 : 1);
      const moved = await store.tasks.move(input.organization_id, input.task_id, 'validating', {
        attempt: input.attempt,
        patch: { validation_iteration: iteration },
      });
      const project = await store.projects.get(moved.organization_id, moved.project_id);
      const runId = deterministicId(`validation:${moved.id}:${input.attempt}:${input.round}`);
      const sha = present(moved.head_sha, 'the head of the task to review');
      const base = present(moved.base_sha, 'the base of the task to review');
      const { patch, truncated } = await repositories.diff(moved.project_id, base, sha, {
        maxBytes: 60_000,
      });
      const changed = await repositories.changedFiles(moved.project_id, base, sha);
      const rules = changed.map((file) => file.path).filter(decidesRules);
      return createRun(services, tools, {
        id: runId,
        kind: 'validation',
        mode: 'validation',
        attempt: input.attempt,
        title: `Review: ${moved.title}`,
        goal: moved.description,
        subject: scopeOfTask(moved),
        context: {
          spec_id: moved.spec_id,
          attempt: input.round,
          ticket_id: moved.ticket_id,
          task_id: moved.id,
          task_ref: moved.local_id,
          title: moved.title,
        },
        criteria: moved.criteria,
        changes_expected: false,
        opening: {
          goal: `Review the change for this task:\n${goalOf(moved)}`,
          code_sha: sha,
          instructions_sha: base,
          sections: [
            ...requirementsSection(await store.tasks.context(moved)),
            {
              title: 'The change',
              text: `${asData('diff against the base', patch)}${truncated ? '\nThe diff is cut; see the rest with git diff.' : ''}\nIt is committed on the branch you are on; its base is ${base.slice(0, 12)}.`,
            },
            ...checkSection(moved.result?.check),
            ...(moved.result?.removed_tests
              ? [
                  {
                    title: 'Removed tests',
                    text: `The change removes tests. This is the author's reason; judge whether the task makes them superfluous.\n${asData('reason of the author', moved.result.removed_tests)}`,
                  },
                ]
              : []),
            ...(rules.length > 0
              ? [
                  {
                    title: 'Changed rules',
                    text: `The change edits files that instruct agents or decide how the project is checked. You were given the project's instructions and commands from before it. Judge whether the task asks for each of these edits: ${oneLine(rules.join(', '))}.`,
                  },
                ]
              : []),
          ],
        },
        sandbox_id: sandboxId(moved.id, runId),
        branch: present(moved.branch, 'the branch of the task to review'),
        base_sha: sha,
        limits: {
          ...runLimits(config, 'validation', project.settings),
          // No fresh review follows the last one: at its limits a person is asked.
          ...(input.rounds !== undefined && input.round >= reviewsOf(input.rounds)
            ? { asks_at: ['turns', 'time'] }
            : {}),
        },
        settings: { round: input.round },
      });
    },

    /** Decides after a review: done, another attempt with its feedback, or the end of the rounds. */
    settleValidation: async (
      input: ValidationRef & { run_id: string; rounds: number; silent: string | null },
    ): Promise<Verdict> => {
      const review = await store.tasks.reviewOfRun(input.run_id);
      const passed = review?.passed ?? false;
      const feedback = review?.feedback ?? input.silent ?? 'The validator submitted no review.';
      const again = !passed && input.round < reviewsOf(input.rounds);
      const task = await store.tasks.get(input.organization_id, input.task_id);
      await store.tasks.emitOnce(task, passed ? 'task.validation_passed' : 'task.validation_failed', {
        iteration: task.validation_iteration,
        feedback,
      });
      if (again && task.status !== 'pending') {
        await store.tasks.move(input.organization_id, input.task_id, 'needs_revision', {
          attempt: input.attempt,
          patch: { last_validation_feedback: feedback },
        });
        await store.tasks.move(input.organization_id, input.task_id, 'pending', {
          attempt: input.attempt,
          patch: { run_id: null, sandbox_id: null },
        });
      }
      // A second refusal in a row says that the author does not see the cause.
      if (!passed && input.round === 2)
        await startDiagnosis(
          services,
          task,
          'validation_failures',
          deterministicId(`diagnostic:${task.id}:${input.attempt}:reviews`),
        );
      return { passed, feedback, again };
    },
  };
}
