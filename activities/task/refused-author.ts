import type { RunMode } from '#workflows/domain/agent/run.ts';
import { asData, asOrder, oneLine } from '#workflows/domain/agent/untrusted.ts';
import type { TaskContext } from '#workflows/domain/tasks/context.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { Task } from '#prisma/store/tasks.ts';
import type { Services } from '../ports/services.ts';
import type { RunPlan } from '../run/create-run.ts';

type Revision = NonNullable<TaskContext['revision']>;

/** The faults that a review names, with the commands that failed in it. */
export function reviewOrder({ feedback, recommendations, failing }: Revision): string {
  const commands = failing.map(
    ({ command, exit_code: code, excerpt }) =>
      `\`${oneLine(command)}\` exited with ${code}.\n${asData('output', excerpt)}`,
  );
  return [
    'Fix the problems that the review names:',
    asOrder('review', [feedback, ...recommendations].join('\n')),
    ...commands,
  ].join('\n');
}

/**
 * The run whose work a review refused, to be continued in its conversation: the author knows the code, and the provider
 * may still have the conversation in its cache.
 * @returns undefined where a fresh conversation is better, or the author cannot continue: another model or mode, work of
 * another attempt in between, or a conversation that is to be summarised soon.
 */
export async function refusedAuthor(
  services: Pick<Services, 'store' | 'config' | 'model'>,
  task: Task,
  revision: TaskContext['revision'],
  mode: RunMode,
): Promise<RunPlan['continues']> {
  const id = task.result?.run_id;
  if (!revision || !id) return undefined;
  const run = await services.store.runs.get(task.organization_id, id);
  const isAuthor = run.task_id === task.id && run.attempt === task.attempt - 1;
  if (!isAuthor || !(await canContinue(services, run, mode))) return undefined;
  const text = `# Review ${revision.iteration} did not pass
Another agent reviewed your work. The files are as you handed them in, in a new sandbox after the set-up: jobs have ended, and files outside the work are gone. ${reviewOrder(revision)}

Then verify the work again: commands that ran before this message prove nothing now.`;
  return { run, text };
}

/** Whether another run can go on in the conversation of one: it has ended well, and model, mode and room allow it. */
export async function canContinue(
  services: Pick<Services, 'store' | 'config' | 'model'>,
  run: Run,
  mode: RunMode,
): Promise<boolean> {
  const { config, model } = services;
  const account = (await model.accountOf?.(run)) ?? { provider: model.provider, model: config.model.name };
  const isSame = run.mode === mode && run.provider === account.provider && run.model === account.model;
  return run.status === 'completed' && isSame && (await isShort(services, run));
}

/** Whether a conversation leaves room. One that the cache no longer holds is read again at full price. */
async function isShort({ store, config }: Pick<Services, 'store' | 'config'>, run: Run): Promise<boolean> {
  const last = await store.turns.get(run.organization_id, run.id, run.turn);
  const tokens = last.input_tokens + last.cache_read_tokens + last.cache_write_tokens + last.output_tokens;
  const { compact_at_tokens: full, idle_compact_at_tokens: idle, cache_ttl_seconds: ttl } = run.limits;
  const isWarm = Date.now() - last.ended_at.getTime() < ttl * 1000;
  return tokens <= (isWarm ? Math.min(full, config.context.summarise_over_tokens) : idle);
}
