import type { DesignOutput } from './design.ts';
import type { TasksOutput } from './tasks.ts';
import type { Requirement } from './requirements.ts';

/**
 * The parts of a design that serve a requirement: those that name it, and the components in whose files its tasks work.
 * @param tasks ids of the tasks that address it.
 */
export function designOf(
  requirement: Requirement,
  tasks: readonly string[],
  design: DesignOutput | undefined,
  plan: TasksOutput | undefined,
): string[] {
  const files = new Set(
    (plan?.tasks ?? [])
      .filter((task) => tasks.includes(task.id))
      .flatMap((task) => [...task.files_to_create, ...task.files_to_modify]),
  );
  return (design?.components ?? [])
    .filter((part) => files.has(part.file_path ?? '') || JSON.stringify(part).includes(requirement.id))
    .map((part) => part.name);
}

/** What a requirement lacks on its way from words to code. */
export type Hole = 'design' | 'task' | 'test' | 'commit';

/** What is known of a requirement; undefined: that phase has not passed, so nothing lacks yet. */
interface Way {
  design?: number;
  tasks?: number;
  /** Criteria, and those of them that name a command or are proved. */
  criteria: number;
  tested: number;
  /** All its tasks are completed. */
  done: boolean;
  commits: number;
}

export const holesOf = ({ design, tasks, criteria, tested, done, commits }: Way): Hole[] => [
  ...(design === 0 ? (['design'] as const) : []),
  ...(tasks === 0 ? (['task'] as const) : []),
  ...(tested < Math.max(1, criteria) ? (['test'] as const) : []),
  ...(done && commits === 0 ? (['commit'] as const) : []),
];
