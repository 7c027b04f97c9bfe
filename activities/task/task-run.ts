import { asOrder, oneLine } from '#workflows/domain/agent/untrusted.ts';
import type { Task } from '#prisma/store/tasks.ts';
import { deterministicId } from '../support/ids.ts';

/** The run of an attempt at a task. */
export const runIdOf = (task: Pick<Task, 'id'>, attempt: number) => deterministicId(`task:${task.id}:${attempt}`);

export const goalOf = (task: Pick<Task, 'title' | 'description'>) =>
  `${oneLine(task.title)}\n\n${asOrder('task', task.description)}`;
