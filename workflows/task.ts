import type { TaskInput, TaskResult } from './contracts/work.ts';
import { TaskLoop } from './task/loop.ts';

/** One task, from its slot to accepted work, or to its cancellation. A failed task waits for a person. */
export async function taskWorkflow(input: TaskInput): Promise<TaskResult> {
  return new TaskLoop(input).untilEnd();
}
