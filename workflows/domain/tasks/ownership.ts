import { matchingGlob, meetingGlob } from '../path-globs.ts';
import { statusesOf } from '../transitions.ts';
import { finishedTask } from './states.ts';

/** How a project treats files that the plan gives to another task (MERGE-10). `lenient`: the agent is warned. */
export const ownershipModes = ['strict', 'lenient'] as const;
export type OwnershipMode = (typeof ownershipModes)[number];

/** A task with the files, folders and globs that the plan gives it. */
export interface FileOwner {
  id: string;
  key: string;
  title: string;
  owned_files: string[];
}

/** The statuses of a task whose agent, or its reviewer, is at work. */
export const atWork = statusesOf('task').filter((status) => status !== 'pending' && !finishedTask(status));

/** Other tasks own nothing that a task owns too. */
export const ownerOf = (path: string, own: readonly string[], others: readonly FileOwner[]): FileOwner | undefined =>
  matchingGlob(path, own) === undefined
    ? others.find(({ owned_files }) => matchingGlob(path, owned_files) !== undefined)
    : undefined;

/** The first of the others that owns a file of the task, with the task's glob for it. */
export function contestedBy(
  task: FileOwner,
  others: readonly FileOwner[],
): { owner: FileOwner; glob: string } | undefined {
  for (const owner of others) {
    const glob = owner.id === task.id ? undefined : meetingGlob(task.owned_files, owner.owned_files);
    if (glob !== undefined) return { owner, glob };
  }
  return undefined;
}
