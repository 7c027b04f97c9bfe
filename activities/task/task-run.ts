import { z } from 'zod';
import { asData, asOrder, oneLine } from '#workflows/domain/agent/untrusted.ts';
import type { Task } from '#prisma/store/tasks.ts';
import { deterministicId } from '../support/ids.ts';

/** The run of an attempt at a task. */
export const runIdOf = (task: Pick<Task, 'id'>, attempt: number) => deterministicId(`task:${task.id}:${attempt}`);

const outsideSchema = z.object({ source: z.string(), text: z.string() });

/** Words from outside of the platform with which a task was made; undefined without any. */
export const outsideOf = (config: Task['execution_config'] | undefined) =>
  outsideSchema.safeParse(config?.outside).data;

/** What a task asks for. Words from outside of the platform are data beside it. */
export function orderOf({ description, execution_config: config }: Pick<Task, 'description' | 'execution_config'>) {
  const data = outsideOf(config);
  return `${asOrder('task', description)}${data ? `\n${asData(data.source, data.text)}` : ''}`;
}

export const goalOf = (task: Pick<Task, 'title' | 'description' | 'execution_config'>) =>
  `${oneLine(task.title)}\n\n${orderOf(task)}`;
