import type { PreparedRun } from '#workflows/contracts/work.ts';
import type { RunLimits, RunMode } from '#workflows/domain/agent/run.ts';
import { asData, oneLine } from '#workflows/domain/agent/untrusted.ts';
import type { Analysis } from '#workflows/domain/tasks/analysis.ts';
import { sandboxId } from '#workflows/domain/agent/sandbox-ids.ts';
import { retriesOf } from '#workflows/domain/tasks/retry.ts';
import { taskBranch } from '#workflows/domain/tasks/branches.ts';
import { handOverMarkdown } from '#workflows/domain/tasks/hand-over.ts';
import { AppError, present } from '#workflows/domain/errors.ts';
import type { Task } from '#prisma/store/tasks.ts';
import type { TaskContext } from '#workflows/domain/tasks/context.ts';
import { scopeOfTask } from '#workflows/domain/billing/scopes.ts';
import type { Services } from '../ports/services.ts';
import type { ToolBox } from '../tools/support/tool-box.ts';
import { createRun } from '../run/create-run.ts';
import { runLimits } from '../run/limits.ts';
import { besideBranches } from '../ports/host-project.ts';
import { requires } from '../run/limits.ts';
import { isEnabled } from '../ports/is-enabled.ts';
import { lessonsOf, recallFor } from '../ports/recall.ts';
import { authorOfChanges } from './changes-author.ts';
import { refusedAuthor, reviewOrder } from './refused-author.ts';
import { requirementsSection } from './requirements-section.ts';
import { goalOf, runIdOf } from './task-run.ts';

export interface PrepareTaskInput {
  organization_id: string;
  task_id: string;
  /** The attempt to claim. A repeated claim returns the same attempt; an older attempt is refused. */
  attempt: number;
  /** The advice that the diagnosis of the previous failed attempt gave. */
  advice: string | null;
  /** Retries of a task without a number of its own; absent in a step from an earlier version. */
  max_retries?: number;
}

/** The analysis sets the mode; the tools enforce it. */
const modeOf = (analysis: Analysis): RunMode => analysis.execution_mode;

/** Sections of the opening message beside the goal: the task's place in the plan and its earlier attempts. */
function sectionsOf(
  context: TaskContext,
  advice: string | null,
  { strict, commits, lessons }: { strict: boolean; commits: boolean; lessons: string },
): { title: string; text: string }[] {
  const sections: { title: string; text: string }[] = [];
  if (context.spec)
    sections.push({
      title: 'The feature this is part of',
      text: asData('feature request', `${context.spec.title}\n${context.spec.description}`),
    });
  sections.push(...requirementsSection(context));
  if (context.design)
    sections.push({
      title: 'Design',
      text: `Other agents build the neighbouring parts from the same design, at the same time. Keep to its names, interfaces and errors.\n${asData('design', context.design)}`,
    });
  const others = context.spec_tasks.filter((task) => task.local_id !== context.current_spec_task);
  if (others.length > 0)
    sections.push({
      title: 'The other tasks of the feature',
      text: asData(
        'tasks of other agents',
        others.map((task) => `${task.local_id ?? ''} ${oneLine(task.title)}`.trim()).join('\n'),
      ),
    });
  if (context.task.owned_files.length > 0)
    sections.push({
      title: 'Your files',
      text: `The plan gives you: ${oneLine(context.task.owned_files.join(', '))}. Other agents work at the same time: change other files only if the task cannot be done otherwise.${strict ? ' A change of files that belong to another task at work is refused.' : ''}`,
    });
  const forbidden = context.forbidden_paths ?? [];
  if (forbidden.length > 0)
    sections.push({
      title: 'Forbidden files',
      text: `The person who launched this work forbids changes of: ${oneLine(forbidden.join(', '))}. A change of them is refused, and work that contains one is not accepted.`,
    });
  if (commits)
    sections.push({
      title: 'Commits',
      text: 'The project takes only committed work. Before complete_task, commit everything on your branch, and ignore or delete what does not belong to it.',
    });
  if (context.synthesis_context)
    sections.push({
      title: 'Results of the tasks before this one',
      text: asData('results of earlier tasks', JSON.stringify(context.synthesis_context)),
    });
  if (context.discovery)
    sections.push({
      title: 'Why this task exists',
      text: asData(`discovery (${context.discovery.type})`, context.discovery.description),
    });
  if (context.handed_over)
    sections.push({
      title: 'From the phases before',
      text: `Keep to these decisions, and mind these risks.\n${asData('results of earlier phases', handOverMarkdown(context.handed_over))}`,
    });
  if (lessons)
    sections.push({
      title: 'What earlier work here taught',
      text: `Use what applies, after a look whether it still holds.\n${asData('memories of earlier tasks', lessons)}`,
    });
  if (context.ticket.validation_feedback)
    sections.push({
      title: 'The ticket was sent back',
      text: `Its work was tested, and this was found:\n${asData('findings of the test', context.ticket.validation_feedback)}`,
    });
  if (context.revision)
    sections.push({
      title: `Review ${context.revision.iteration} did not pass`,
      text: `The files are as the previous attempt left them. ${reviewOrder(context.revision)}`,
    });
  if (advice)
    sections.push({
      title: 'An earlier attempt failed',
      text: `The files are as it left them; keep what is good.\n${asData('diagnosis', advice)}`,
    });
  return sections;
}

/** Claims the task's next attempt, sets its branch, and creates the run and its sandbox. All steps are repeatable. */
export function createPrepareTask(services: Services, tools: ToolBox) {
  const { store, repositories, config } = services;

  async function claim(input: PrepareTaskInput): Promise<Task> {
    const task = await store.tasks.get(input.organization_id, input.task_id);
    if (task.attempt === input.attempt) return task;
    if (task.attempt !== input.attempt - 1)
      throw new AppError(
        'fenced',
        `Attempt ${input.attempt} of this task is not the next one: its present attempt is ${task.attempt}.`,
      );
    return store.tasks.claim(input.organization_id, input.task_id);
  }

  /**
   * The files that an attempt starts with: those that an earlier one left, or work of another branch merged into the
   * start. Files in conflict hold markers, which the agent resolves.
   */
  async function onto({ project_id, created_at }: Task, start: string, left: string): Promise<string> {
    if (await repositories.isAncestor(project_id, start, left)) return left;
    const { tree } = await repositories.mergeTree(project_id, start, left);
    return repositories.commitTree(project_id, {
      tree,
      parents: [start],
      message: 'Work of a fork on the newest files',
      date: created_at,
    });
  }

  /** The run in whose conversation the attempt goes on: that of refused work, or of work for which changes are requested. */
  async function authorOf(task: Task, revision: TaskContext['revision'], mode: RunMode) {
    return task.attempt === 1 ? authorOfChanges(services, task, mode) : refusedAuthor(services, task, revision, mode);
  }

  /** MEM-05: what earlier attempts in the project taught, as given to this one, and recorded as given. */
  async function recalled(task: Task, attempt: number): Promise<string> {
    if (!(await isEnabled(services, task.organization_id, 'memory'))) return '';
    const lessons = lessonsOf(await recallFor(services, task), config.memory.prompt_tokens);
    if (lessons.text === '') return '';
    const { organization_id, project_id, id: task_id } = task;
    await store.memories.give(
      { organization_id, project_id, task_id, attempt },
      { memories: lessons.memory_ids, entries: lessons.entry_ids, patterns: lessons.pattern_ids },
    );
    return lessons.text;
  }

  /**
   * The first attempt does not begin where the survey could not set the project up: its work could not be checked. A
   * person's retry begins it all the same.
   */
  async function requireSetUp(task: Task): Promise<void> {
    const survey = task.attempt === 1 ? await store.surveys.find(task.organization_id, task.project_id) : null;
    if (survey?.state !== 'failed' || survey.error !== null) return;
    const missing = survey.roots.flatMap((root) => root.missing);
    throw new AppError(
      'invalid_rule',
      `The project cannot be set up, so its work could not be checked. ${missing.map(({ what, remedy }) => `Missing: ${what}. ${remedy}`).join(' ')} Fix it and survey the project again, or retry the task to work without.`,
    );
  }

  return async function prepareTask(input: PrepareTaskInput): Promise<PreparedRun> {
    const task = await claim(input);
    const [project, ticket, context, branches] = await Promise.all([
      store.projects.get(task.organization_id, task.project_id),
      store.tickets.get(task.organization_id, task.ticket_id),
      store.tasks.context(task),
      task.branch === null ? repositories.branches(task.project_id) : [],
      requireSetUp(task),
    ]);
    const branch = task.branch ?? besideBranches(branches, taskBranch(task));
    const head = await repositories.resolve(task.project_id, `refs/heads/${ticket.branch ?? ''}`);
    if (!head) throw new AppError('internal', `The ticket's branch ${ticket.branch ?? ''} is missing.`);
    // A further attempt continues where the last one stopped, measured against the base of the first one.
    // What a deleted mirror alone held is left out.
    const kept = async (sha: string | null) =>
      sha === null ? undefined : await repositories.resolve(task.project_id, sha);
    const base = (await kept(task.base_sha)) ?? head;
    const start = (await kept(task.head_sha)) ?? base;
    const left = await kept(task.resume_sha);
    const files = left ? await onto(task, start, left) : start;
    const mode = modeOf(present(task.analysis, 'the analysis of the task'));
    const runId = runIdOf(task, input.attempt);
    const agent = await store.agents.assign(task.organization_id, task.id);
    const [continues, lessons] = await Promise.all([
      input.advice || agent?.elsewhere ? undefined : authorOf(task, context.revision, mode),
      recalled(task, input.attempt),
      repositories.updateRef(task.project_id, `refs/heads/${branch}`, start),
    ]);
    const prepared = await createRun(services, tools, {
      id: runId,
      kind: 'task',
      mode,
      attempt: input.attempt,
      title: task.title,
      goal: task.description,
      subject: { ...scopeOfTask(task), agent_id: agent?.id ?? null },
      context: {
        spec_id: task.spec_id,
        attempt: input.attempt,
        ticket_id: task.ticket_id,
        task_id: task.id,
        task_ref: task.local_id,
        title: task.title,
      },
      criteria: task.criteria,
      changes_expected: mode === 'implementation',
      elsewhere: agent?.elsewhere,
      continues,
      opening: {
        goal: goalOf(task),
        code_sha: start,
        instructions_sha: base,
        sections: sectionsOf(context, input.advice, {
          strict: project.settings.ownership === 'strict',
          lessons,
          commits: mode === 'implementation' && requires('require_clean_git', config, project.settings),
        }),
      },
      sandbox_id: sandboxId(task.id, runId),
      branch,
      base_sha: base,
      start_sha: start,
      head_sha: files,
      limits: limitsOfTask(task, runLimits(config, 'task', project.settings), input.max_retries ?? Infinity),
    });
    const { attempt } = input;
    // An earlier try of this step may have done that.
    if (task.status !== 'running') {
      const patch = { branch, base_sha: base, run_id: runId, sandbox_id: sandboxId(task.id, runId) };
      await store.tasks.move(task.organization_id, task.id, 'assigned', { attempt, patch });
      await store.tasks.move(task.organization_id, task.id, 'running', { attempt });
    }
    return { ...prepared, task_running: true };
  };
}

/**
 * The limits of a run of a task. The last attempt asks a person at them, and earlier ones leave it to a fresh attempt.
 * The task's own limit of time always ends it.
 */
function limitsOfTask(task: Task, limits: RunLimits, maxRetries: number): RunLimits {
  const own = task.timeout_seconds;
  const last = task.retry_count >= retriesOf(task, maxRetries);
  return {
    ...limits,
    max_seconds: Math.min(limits.max_seconds, own ?? Infinity),
    ...(last ? { asks_at: own === null ? ['turns', 'time'] : ['turns'] } : {}),
  };
}
