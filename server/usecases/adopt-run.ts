import { requireCommit } from '#activities/ports/lost-commit.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { Task } from '#prisma/store/tasks.ts';
import { oneLine } from '#workflows/domain/agent/untrusted.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Call } from '../http/context.ts';
import { retryTask } from './tasks.ts';
import { notifyTicket, requireOpenTicket } from './tickets.ts';

const refuse = (why: string, remedy: string) => new AppError('conflict', `${why} ${remedy}`);

/** The run at the start of a chain of forks. */
async function originOf({ services, organization_id }: Call, fork: Run): Promise<Run> {
  let run = fork;
  while (run.forked_from_run_id) run = await services.store.runs.get(organization_id, run.forked_from_run_id);
  return run;
}

/**
 * Lets the accepted work of a fork replace that of the task whose run it was forked from. No branch is moved here: an
 * attempt of a task starts on the fork's files, so the work is checked, reviewed and joined like any other. A failed
 * task gets that attempt itself. The work of a completed one is in its ticket's branch already, so a new task follows
 * it, whose files are the ticket's with the fork's work in the place of the old one.
 */
export async function adoptRun(call: Call, id: string) {
  const { services, organization_id } = call;
  const { store, repositories } = services;
  const fork = await store.runs.get(organization_id, id);
  if (!fork.forked_from_run_id)
    throw refuse('This run is not a fork, so its work is where it belongs.', 'Fork it to try something else.');
  const origin = await originOf(call, fork);
  if (origin.kind !== 'task' || !origin.task_id)
    throw refuse(
      `This is a fork of a run of the kind ${origin.kind}, which has no work of a task.`,
      'Fork a run of the kind task.',
    );
  const work = fork.outcome?.sha;
  if (fork.status !== 'completed' || !work)
    throw refuse(
      `This fork is ${fork.status} and has no accepted work.`,
      fork.ended_at ? 'Fork it again from its last turn.' : 'Wait until it is completed.',
    );
  if (work === fork.base_sha) throw refuse('This fork changed no file.', 'There is nothing to adopt.');
  const task = await store.tasks.get(organization_id, origin.task_id);
  await requireCommit(services, task.project_id, work);
  if (task.status === 'failed') {
    await store.tasks.patch(organization_id, task.id, { resume_sha: work });
    await retryTask(call, task.id);
    return { status: 'adopting' as const, task_id: task.id, ticket_id: task.ticket_id };
  }
  if (task.status !== 'completed')
    throw refuse(
      `${task.key} is ${task.status}.`,
      task.status === 'cancelled'
        ? 'Create a new ticket for the work.'
        : 'Wait until it is completed, or mark it as failed first.',
    );
  return follow(call, fork, task, await replacing(repositories, task, work));
}

/** A commit of the fork's files whose parent is the task's old work: merged into a branch, it replaces that work. */
const replacing = async (
  repositories: Call['services']['repositories'],
  { project_id, head_sha, base_sha, created_at }: Task,
  work: string,
): Promise<string> => {
  const old = head_sha ?? base_sha;
  if (!old) return work;
  return repositories.commitTree(project_id, {
    tree: await repositories.treeOf(project_id, work),
    parents: [old],
    message: 'Adopt the work of a fork',
    date: created_at,
  });
};

async function follow(call: Call, fork: Run, task: Task, files: string) {
  const { services, organization_id } = call;
  const { store } = services;
  const ticket = await store.tickets.get(organization_id, task.ticket_id);
  // The task has the id of its fork, so that a fork is adopted once.
  const { id } = fork;
  const [known] = await store.tasks.byIds([id]);
  if (known) throw refuse(`The work of this fork is adopted already, by ${known.key}.`, 'See that task.');
  await requireOpenTicket(call, ticket.id);
  await store.tasks.create({
    id,
    organization_id,
    project_id: task.project_id,
    ticket_id: ticket.id,
    spec_id: task.spec_id,
    task_type: task.task_type,
    title: `Adopt a fork: ${oneLine(task.title)}`.slice(0, 200),
    description: `The files already hold the work of a fork, which replaces the work of ${task.key}. Resolve conflict markers, if there are any. See that the checks pass, change nothing else, and claim completion. The task of the fork:\n\n${task.description}`,
    phase_id: task.phase_id,
    priority: task.priority,
    depends_on: [task.id],
    criteria: task.criteria,
    parent_task_id: task.id,
    resume_sha: files,
    execution_config: { force_execute: true },
    validation_enabled: task.validation_enabled,
    max_retries: task.max_retries,
  });
  await notifyTicket(call, ticket, id);
  return { status: 'adopting' as const, task_id: id, ticket_id: ticket.id };
}
