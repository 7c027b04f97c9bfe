import type { Command } from 'commander';
import type { Answer } from '#server/contracts/client.ts';
import { cancelTask, generateTitles, getTask, listTasks, retryTask } from '#server/contracts/tasks.ts';
import { shortId, taskId } from '../arguments.ts';
import type { CliContext } from '../context.ts';
import { retryingLines, table } from '../screen.ts';

export function taskCommands(program: Command, context: CliContext): void {
  const task = program.command('task').description('tasks');
  task
    .command('list')
    .description('list the newest tasks')
    .option('--status <status>', 'only tasks with this status')
    .option('--spec <id>', 'only tasks of this spec')
    .action(async ({ status, spec }: { status?: string; spec?: string }) => {
      const list = await context.client().call(listTasks, { query: { limit: 100, status, spec_id: spec } });
      context.print(
        list,
        table([
          ['id', 'key', 'status', 'attempt', 'title'],
          ...list.items.map((t) => [shortId(t.id), t.key, t.status, t.attempt, t.title]),
        ]),
      );
    });
  task
    .command('show <id>')
    .description('show a task')
    .action(async (id: string) => {
      const client = context.client();
      const record = await client.call(getTask, { params: { id: await taskId(client, id) } });
      context.print(
        record,
        [
          `${record.key}: ${record.title}`,
          `${record.status}, attempt ${record.attempt}, branch ${record.branch ?? '-'}`,
          ...retryingLines(record.retrying),
          ...(record.error_message ? [record.error_message] : []),
        ].join('\n'),
      );
    });
  task
    .command('cancel <id>')
    .description('cancel a task; its branch is kept')
    .option('--reason <text>', 'why it is cancelled')
    .action(async (id: string, options: { reason?: string }) => {
      const client = context.client();
      const answer = await client.call(cancelTask, { params: { id: await taskId(client, id) }, body: options });
      context.print(answer, 'The task is being cancelled. Its branch is kept.');
    });
  task
    .command('retry <id>')
    .description('retry a failed task')
    .action(async (id: string) => {
      const client = context.client();
      const answer = await client.call(retryTask, { params: { id: await taskId(client, id) } });
      context.print(answer, 'The task is retried.');
    });
  task
    .command('title <id...>')
    .description('ask a model for another title of tasks')
    .action(async (ids: string[]) => {
      const client = context.client();
      const ofProject = new Map<string, string[]>();
      for (const id of ids) {
        const { id: full, project_id } = await client.call(getTask, { params: { id: await taskId(client, id) } });
        ofProject.set(project_id, [...(ofProject.get(project_id) ?? []), full]);
      }
      const answers: Answer<typeof generateTitles>[] = [];
      for (const [project_id, task_ids] of ofProject)
        answers.push(await client.call(generateTitles, { body: { project_id, task_ids } }));
      const [begun, skipped] = [answers.flatMap((one) => one.begun), answers.flatMap((one) => one.skipped)];
      context.print(
        { begun, skipped },
        [
          ...(begun.length > 0 ? [`A model is asked for a title of ${begun.map(shortId).join(', ')}.`] : []),
          ...skipped.map((one) => `Skipped ${shortId(one.task_id)}: ${one.reason}`),
        ].join('\n'),
      );
    });
}
