import type { PullRequest } from '#prisma/store/pull-requests.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { Task } from '#prisma/store/tasks.ts';
import type { RunMode } from '#workflows/domain/agent/run.ts';
import type { Services } from '../ports/services.ts';
import type { RunPlan } from '../run/create-run.ts';
import { orderOf } from './task-run.ts';
import { canContinue } from './refused-author.ts';

type Used = Pick<Services, 'store' | 'config' | 'model' | 'repositories'>;

/**
 * The run that wrote what a reviewer of a pull request wants changed, to be continued in its conversation.
 * @returns undefined where the task carries no requested changes, where several runs may have written it, or where the
 * author cannot continue.
 */
export async function authorOfChanges(services: Used, task: Task, mode: RunMode): Promise<RunPlan['continues']> {
  const { store } = services;
  const pull = await store.pullRequests.requesting(task);
  if (!pull) return undefined;
  const done = (await tasksOf(store, pull)).filter(
    (other) => other.status === 'completed' && other.result?.run_id && other.head_sha,
  );
  const paths = pull.comments.flatMap(({ task_id: id, path }) => (id === task.id && path ? [path] : []));
  const run = await onlyAuthor(services, await touching(services, done, paths));
  if (!run || !(await canContinue(services, run, mode))) return undefined;
  const text = `# Changes are requested
Your work became a part of pull request #${pull.number}. A reviewer asks for changes. The files are those of its newest commit, with the work of others, in a new sandbox after the set-up: jobs have ended, and files outside the work are gone.
${orderOf(task)}

Then verify the work again: commands that ran before this message prove nothing now.`;
  return { run, text };
}

/** The tasks whose work is in a pull request, and those that carry changes of it to another one. */
async function tasksOf({ tasks }: Used['store'], pull: PullRequest): Promise<Task[]> {
  const requested = pull.comments.flatMap(({ task_id: id }) => id ?? []);
  const [own, carried] = await Promise.all([
    pull.ticket_id ? tasks.ofTicket(pull.ticket_id) : pull.spec_id ? tasks.ofSpec(pull.spec_id) : [],
    tasks.byIds(requested),
  ]);
  return [...new Map([...own, ...carried].map((task) => [task.id, task])).values()];
}

/** The tasks that changed one of the paths; all of them where none did. */
async function touching({ repositories }: Used, tasks: Task[], paths: string[]): Promise<Task[]> {
  if (paths.length === 0 || tasks.length < 2) return tasks;
  const changes = await Promise.all(
    tasks.map(async ({ project_id, base_sha, head_sha }) => {
      const commit = async (sha: string | null) => (sha ? repositories.resolve(project_id, sha) : null);
      const [base, head] = await Promise.all([commit(base_sha), commit(head_sha)]);
      return base && head ? (await repositories.changedFiles(project_id, base, head)).map(({ path }) => path) : [];
    }),
  );
  const some = tasks.filter((_, i) => changes[i]?.some((path) => paths.includes(path)));
  return some.length > 0 ? some : tasks;
}

/** The one run that has the conversations of all tasks: it wrote the only one, or continued those of the others. */
async function onlyAuthor({ store }: Used, tasks: Task[]): Promise<Run | undefined> {
  const runs = await Promise.all(
    tasks.map(({ organization_id, result }) => store.runs.get(organization_id, result?.run_id ?? '')),
  );
  const continued = new Set(runs.map(({ settings }) => settings.continues?.run_id));
  const last = runs.filter(({ id }) => !continued.has(id));
  return last.length === 1 ? last[0] : undefined;
}
