import { z } from 'zod';
import { roleOfPhase } from './analysis.ts';
import { mayRetry } from './retry.ts';
import { workPhase } from './states.ts';

/** Where a check failed whose finding a task is to fix (EXEC-39). */
export const failedChecks = ['task', 'block', 'gate'] as const;
export type FailedCheck = (typeof failedChecks)[number];

const fixMark = z.object({
  /** The fix, or the check that is done again after it. */
  role: z.enum(['fix', 'recheck']),
  of: z.enum(failedChecks),
  /** 1 for the first fix of a finding. */
  round: z.number(),
});
/** What a task of the loop is for, in its `execution_config.fix`. */
export type FixMark = z.output<typeof fixMark>;

const marked = z.object({ fix: fixMark });

/** @returns undefined for a task that belongs to no loop. */
export const fixMarkOf = ({ execution_config: config }: { execution_config: unknown }): FixMark | undefined =>
  marked.safeParse(config).data?.fix;

/** Whether another agent may fix what failed: a person's decision, a lost workflow or a missing right stays a person's. */
const isFixable = (reason: string) => mayRetry(reason) || reason === 'validation_rounds_spent';

/**
 * What follows after a task has failed for good: another round, a person because the rounds are spent, or a person as
 * without a loop. @param rounds those that begin by themselves.
 */
export function nextRound(
  task: { execution_config: unknown },
  reason: string,
  rounds: number,
): 'fix' | 'spent' | 'none' {
  if (rounds === 0 || !isFixable(reason)) return 'none';
  return (fixMarkOf(task)?.round ?? 0) < rounds ? 'fix' : 'spent';
}

export const spentRounds = (message: string, rounds: number): string =>
  `${message} Tasks have tried to fix it ${rounds} ${rounds === 1 ? 'time' : 'times'}, ` +
  'which is the limit (fix_rounds): it needs a person.';

/** Where the two tasks of a round run: what is planned is planned again, everything else is changed and then tested. */
export const phasesOfFix = (phaseId: string): { fix: string; recheck: string } =>
  roleOfPhase(phaseId) === 'planner'
    ? { fix: phaseId, recheck: phaseId }
    : { fix: workPhase, recheck: 'PHASE_TESTING' };

const mostTitle = 500;

/** The texts of the two tasks of a round. What the check said is data beside them. */
export function fixTexts(of: FailedCheck, name: string, goal: string | undefined) {
  const work = goal ? `\n\nThe work that it belongs to:\n${goal}` : '';
  return {
    fix: {
      title: `Fix: ${name}`.slice(0, mostTitle),
      description:
        (of === 'task'
          ? 'The work on a task was not accepted. Its files are here as it left them. Find the cause of what failed, fix it, and complete the work.'
          : 'Something holds a ticket up. Find the cause and fix it.') + work,
    },
    recheck: {
      title: `Check again: ${name}`.slice(0, mostTitle),
      description:
        'A task before this one has fixed what failed here. Do the check again, and complete this task only if nothing of it fails any more. ' +
        `Else report the failure with what still fails.${work}`,
    },
  };
}
