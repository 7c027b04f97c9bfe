import { Context } from '@temporalio/activity';
import { z } from 'zod';
import { workflowId } from '#workflows/contracts/ids.ts';
import { releaseSignal } from '#workflows/contracts/work.ts';
import { asData } from '#workflows/domain/agent/untrusted.ts';
import { AppError, present } from '#workflows/domain/errors.ts';
import { mayMove } from '#workflows/domain/transitions.ts';
import { nextRound, spentRounds } from '#workflows/domain/tasks/fix-loop.ts';
import { mayRetry, retriesOf } from '#workflows/domain/tasks/retry.ts';
import { askForValue } from '../support/ask-for-value.ts';
import { commandDigest } from '../support/command-digest.ts';
import { deterministicId } from '../support/ids.ts';
import { scopeOf } from '#workflows/domain/billing/scopes.ts';
import type { TaskArtifacts } from '#prisma/store/json.ts';
import type { Task } from '#prisma/store/tasks.ts';
import type { Services } from '../ports/services.ts';
import { hostProject } from '../ports/host-project.ts';
import { linkTaskCommits } from '../ports/link-commits.ts';
import { isEnabled } from '../ports/is-enabled.ts';
import { startDiagnosis } from '../ports/start-diagnosis.ts';
import { openTaskFix } from '../ports/open-fix.ts';
import { signalWaitingTickets } from '../ports/signal-waiting.ts';
import { artifactsOf } from './artifacts.ts';
import { createPrepareAhead } from './prepare-ahead.ts';
import { pushWork } from './push-work.ts';

interface TaskRef {
  organization_id: string;
  task_id: string;
  attempt: number;
}

/** `slot_released`: the task has ended, and its slot is free already. */
export type WorkTaken = { validate: boolean; head_sha: string | null; slot_released?: true };
type Ended = { slot_released: true };
/** `replaced_by`: a task fixes it, so it is cancelled. `message`: why a person is asked. Absent in older histories. */
export interface TaskEnd {
  replaced_by?: string;
  message?: string;
}
export interface FailureVerdict {
  retry: boolean;
  advice: string | null;
  retry_count: number;
  /** The task was cancelled in its record before its workflow ran: nothing failed. */
  cancelled?: true;
}

const diagnosisSchema = z.object({
  category: z.enum(['environment', 'spec', 'code', 'flaky', 'limit', 'model']),
  root_cause: z.string().min(1).max(2000),
  evidence: z.string().max(4000).default(''),
  next_action: z.string().min(1).max(2000),
});

export function createFinishTask(services: Services) {
  const { store, repositories, codeHost, workflows, log, config } = services;

  async function push(projectId: string, organizationId: string, branch: string, sha: string): Promise<void> {
    const project = await store.projects.get(organizationId, projectId);
    await codeHost.pushBranch(hostProject(project), branch, sha);
  }

  /** Records which criteria of its spec a completed task proves. */
  const proveCriteria = async (task: Task): Promise<void> => {
    if (task.spec_id) await store.specs.proveCriteria(task.organization_id, task.spec_id, task.id);
  };

  /** What follows after a task has failed for good (EXEC-39). Safe to repeat. */
  async function fixOrAsk(task: Task, { reason, message }: { reason: string; message: string }): Promise<TaskEnd> {
    const { settings } = await store.projects.get(task.organization_id, task.project_id);
    const rounds = settings.fix_rounds ?? config.task.fix_rounds;
    const next = nextRound(task, reason, rounds);
    const explain = async () => {
      // A person's stop says nothing of the task.
      if (reason === 'stopped') return;
      const id = deterministicId(`diagnostic:${task.id}:${task.attempt}`);
      await startDiagnosis(services, task, 'task_failed', id);
    };
    if (next === 'none') {
      await explain();
      return {};
    }
    if (next === 'spent') {
      await explain();
      return { message: spentRounds(message, rounds) };
    }
    try {
      const { fix } = await openTaskFix(services, { ...task, error_message: message }, 'platform');
      return { replaced_by: fix.key };
    } catch (error) {
      // A person has retried or cancelled it meanwhile.
      if (error instanceof AppError && error.code === 'conflict') return {};
      throw error;
    }
  }

  const prepareAhead = createPrepareAhead(services);

  /** EXEC-40: a number that the project's own check printed. */
  async function recordCoverage(task: Task, attempt: number, measured: TaskArtifacts['test_coverage']): Promise<void> {
    if (measured.state !== 'measured') return;
    const { organization_id, project_id, id: task_id } = task;
    await store.quality.record({
      id: deterministicId(`coverage:${task_id}:${attempt}`),
      ...{ organization_id, project_id, task_id, metric_type: 'coverage', value: measured.percent, source: 'check' },
    });
  }

  /** What an attempt taught is stored beside the work, which never waits for it. */
  async function learn(task: Task, runId: string | null | undefined, failure: string | null): Promise<void> {
    if (!runId || !(await isEnabled(services, task.organization_id, 'memory'))) return;
    await workflows.startMemory({
      organization_id: task.organization_id,
      project_id: task.project_id,
      task_id: task.id,
      attempt: task.attempt,
      run_id: runId,
      success: failure === null,
      message: failure,
    });
  }

  /** Releases the slot of a task whose end is recorded: the next one may start while its workflow still ends. */
  async function ended(task: Task): Promise<Ended> {
    prepareAhead(task);
    const queue = workflowId.projectQueue(task.project_id);
    await Promise.all([
      proveCriteria(task),
      workflows.signalIfRunning(queue, releaseSignal, { task_id: task.id }),
      learn(task, task.result?.run_id, null),
    ]);
    return { slot_released: true };
  }

  return {
    taskRunning: (input: TaskRef) =>
      store.tasks
        .move(input.organization_id, input.task_id, 'running', { attempt: input.attempt })
        .then(() => undefined),

    /** Moves the task's branch to a run's accepted work. An attempt that was replaced is refused. */
    takeWork: async (input: TaskRef & { run_id: string }): Promise<WorkTaken> => {
      const run = await store.runs.fence(input.organization_id, input.run_id);
      const task = await store.tasks.get(input.organization_id, input.task_id);
      const project = await store.projects.get(task.organization_id, task.project_id);
      const outcome = run.outcome ?? {};
      const head = outcome.sha !== undefined && outcome.sha !== task.base_sha ? outcome.sha : null;
      if (head) {
        const branch = present(task.branch, 'the branch of the task');
        await repositories.updateRef(task.project_id, `refs/heads/${branch}`, head);
        await Promise.all([
          pushWork(services, project, branch, head),
          linkTaskCommits(services, project, task, head, run.id),
        ]);
      }
      const result = {
        ...task.result,
        summary: outcome.summary ?? '',
        evidence: outcome.evidence ?? [],
        check: outcome.check ?? null,
        artifacts: await artifactsOf(
          services,
          task.project_id,
          head && task.base_sha ? { base_sha: task.base_sha, head_sha: head } : undefined,
          outcome.check,
        ),
        removed_tests: outcome.removed_tests,
        run_id: run.id,
      };
      await recordCoverage(task, input.attempt, result.artifacts.test_coverage);
      const wanted =
        project.settings.validation !== 'none' && (await isEnabled(services, task.organization_id, 'validation'));
      const validate = head !== null && task.validation_enabled && wanted;
      const patch = { result, head_sha: head ?? task.head_sha, resume_sha: null, error_message: null };
      if (!validate) {
        const done = await store.tasks.move(task.organization_id, task.id, 'completed', {
          attempt: input.attempt,
          patch,
        });
        return { validate, head_sha: head, ...(await ended(done)) };
      }
      const moved = await store.tasks.move(task.organization_id, task.id, 'pending_validation', {
        attempt: input.attempt,
        patch,
      });
      prepareAhead(moved);
      await store.tasks.emitOnce(moved, 'task.validation_requested', { iteration: moved.validation_iteration + 1 });
      return { validate, head_sha: head };
    },

    /** Completes a task whose review passed. */
    completeTask: async (input: TaskRef): Promise<Ended> =>
      ended(await store.tasks.move(input.organization_id, input.task_id, 'completed', { attempt: input.attempt })),

    /** Decides after a failed attempt whether another one follows, and with which advice. */
    judgeFailure: async (
      input: TaskRef & { run_id: string | null; reason: string; message: string; max_retries: number },
    ): Promise<FailureVerdict> => {
      const signal = Context.current().cancellationSignal;
      const task = await store.tasks.get(input.organization_id, input.task_id);
      if (task.status === 'cancelled')
        return { retry: false, advice: null, retry_count: task.retry_count, cancelled: true };
      // Neither a person's stop nor the end of an agent says anything of the task.
      const blameless = input.reason === 'agent_replaced';
      if (input.reason !== 'stopped' && !blameless) await learn(task, input.run_id, input.message);
      // An earlier try of this activity has reset the task: the verdict stays, and the retry is not counted twice.
      const judged = task.status === 'pending' && task.attempt === input.attempt;
      if (!judged && !blameless && (!mayRetry(input.reason) || task.retry_count >= retriesOf(task, input.max_retries)))
        return { retry: false, advice: null, retry_count: task.retry_count };
      const run = input.run_id ? await store.runs.get(input.organization_id, input.run_id) : null;
      const advice = run && !blameless ? await diagnose(services, input, run, signal) : null;
      const retryCount = task.retry_count + (judged || blameless ? 0 : 1);
      // The next attempt starts with the files of this one.
      const files = run?.head_sha ?? task.resume_sha;
      const moved = judged
        ? task
        : await store.tasks.move(task.organization_id, task.id, 'pending', {
            attempt: input.attempt,
            patch: {
              retry_count: retryCount,
              error_message: input.message,
              resume_sha: files,
              run_id: null,
              sandbox_id: null,
            },
            reason: input.reason,
          });
      await store.tasks.emitOnce(moved, 'task.retry_scheduled', {
        retry_count: retryCount,
        reason: input.reason,
        advice,
      });
      return { retry: true, advice: blameless ? null : (advice ?? input.message), retry_count: retryCount };
    },

    endTask: async (
      input: TaskRef & { status: 'failed' | 'cancelled'; reason: string; message: string; by?: string },
    ): Promise<TaskEnd> => {
      const known = await store.tasks.get(input.organization_id, input.task_id);
      // A task that has ended meanwhile keeps its end, with what was said of it.
      const task =
        known.status !== input.status && mayMove('task', known.status, input.status)
          ? await store.tasks.move(input.organization_id, input.task_id, input.status, {
              patch: { error_message: input.message },
              reason: input.reason,
              by: input.by,
            })
          : known;
      if (input.status === 'cancelled') await signalWaitingTickets(services, task);
      // The branch is kept, so that a person can look at the work.
      if (task.head_sha && task.branch && task.head_sha !== task.base_sha) {
        await push(task.project_id, task.organization_id, task.branch, task.head_sha).catch((error: unknown) =>
          log.warn({ task_id: task.id, error: String(error) }, 'the branch of an ended task could not be pushed'),
        );
      }
      return input.status === 'failed' ? fixOrAsk(task, input) : {};
    },

    reopenTask: async (input: { organization_id: string; task_id: string }): Promise<void> => {
      await store.tasks.move(input.organization_id, input.task_id, 'pending', {
        patch: { retry_count: 0, error_message: null },
      });
    },
    setTaskPriority: async (input: { organization_id: string; task_id: string; priority: string }): Promise<void> => {
      await store.tasks.patch(input.organization_id, input.task_id, { priority: input.priority });
    },
  };
}

async function diagnose(
  services: Services,
  input: TaskRef & { reason: string; message: string },
  run: Awaited<ReturnType<Services['store']['runs']['get']>>,
  signal: AbortSignal,
): Promise<string | null> {
  const digest = await commandDigest(services, run);
  const answer = await askForValue(
    services,
    {
      key: `diagnosis:${run.id}`,
      subject: run.id,
      context: {
        kind: 'diagnosis',
        spec_id: run.spec_id,
        ticket_id: run.ticket_id,
        task_id: run.task_id,
        attempt: run.attempt,
        title: run.title,
        mode: 'diagnosis',
      },
      model: services.config.model.name,
      system:
        'An attempt at a software task failed. Find the one cause: environment, spec, code, flaky, limit or model. Quote what shows it. Say what the next attempt does differently; "try again" is not an answer. You change nothing.',
      prompt: `# How it ended\n${input.reason}: ${input.message}\n\n# The task\n${asData('task', run.goal)}\n\n# Its last commands\n${asData('commands', digest)}`,
      tool: { name: 'give_diagnosis', description: 'Cause and next action.' },
      schema: diagnosisSchema,
      scope: scopeOf(run),
    },
    signal,
  );
  return answer.available ? `${answer.value.root_cause}\nNext: ${answer.value.next_action}` : null;
}
