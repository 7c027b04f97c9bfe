import type { AgentState, LimitName, RunLimits } from './run.ts';

export interface LimitReached {
  reason: 'max_turns_reached' | 'max_cost_reached' | 'max_duration_reached';
  message: string;
}

type Spent = Pick<AgentState, 'turn' | 'cost_micros' | 'active_ms'>;

function shares(spent: Spent, limits: RunLimits): Record<LimitName, number> {
  return {
    turns: spent.turn / limits.max_turns,
    cost: spent.cost_micros / (limits.max_usd * 1e6),
    time: spent.active_ms / (limits.max_seconds * 1000),
  };
}

/**
 * The limit that the run has reached, with a message for a person; undefined while there is none.
 * @param hasCost whether the limit of money counts.
 */
export function limitReached(spent: Spent, limits: RunLimits, hasCost = true): LimitReached | undefined {
  const share = shares(spent, limits);
  if (share.turns >= 1)
    return { reason: 'max_turns_reached', message: `The run has used its ${limits.max_turns} turns.` };
  if (hasCost && share.cost >= 1)
    return { reason: 'max_cost_reached', message: `The run has spent its $${limits.max_usd}.` };
  if (share.time >= 1)
    return {
      reason: 'max_duration_reached',
      message: `The run has used its time of ${Math.round(limits.max_seconds / 60)} minutes.`,
    };
  return undefined;
}

const limitOf: Record<LimitReached['reason'], LimitName> = {
  max_turns_reached: 'turns',
  max_cost_reached: 'cost',
  max_duration_reached: 'time',
};

/** Whether a run at this limit waits for a person who raises it. */
export const asksAt = ({ reason }: Pick<LimitReached, 'reason'>, limits: RunLimits): boolean =>
  limits.asks_at?.includes(limitOf[reason]) ?? false;

/** Limits that a person raises; those that are absent stay. */
export type RaisedLimits = Partial<Pick<RunLimits, 'max_turns' | 'max_usd' | 'max_seconds' | 'asks_at'>>;

/** Why the limits cannot be raised to these: a run that has used as much would stop at once. Undefined: they can. */
export function tooLow(spent: Spent, raised: RaisedLimits): string | undefined {
  const used = { max_turns: spent.turn, max_usd: spent.cost_micros / 1e6, max_seconds: spent.active_ms / 1000 };
  const names = Object.keys(used) as (keyof typeof used)[];
  const low = names.find((name) => (raised[name] ?? Infinity) <= used[name]);
  return low && `${low} must be more than ${Math.ceil(used[low] * 100) / 100}, which the run has used.`;
}

/** Limits that have passed the share `notice_at` and that the agent has had no notice of yet. */
export function limitsToAnnounce(spent: Spent, limits: RunLimits, notified: string[]): LimitName[] {
  const share = shares(spent, limits);
  return (Object.keys(share) as LimitName[]).filter(
    (name) => share[name] >= limits.notice_at && !notified.includes(name),
  );
}

/** Seconds of the last turn of a run whose time is up. */
const graceSeconds = (maxSeconds: number) => Math.min(120, Math.max(5, maxSeconds / 10));

/** Milliseconds of active time that are left, and of what. */
export function timeLeft(
  { active_ms, iteration_active_ms, grace_used }: Pick<AgentState, 'active_ms' | 'iteration_active_ms' | 'grace_used'>,
  limits: RunLimits,
): { ms: number; of: 'run' | 'iteration' } {
  const grace = grace_used ? graceSeconds(limits.max_seconds) : 0;
  const run = (limits.max_seconds + grace) * 1000 - active_ms;
  const iteration = limits.iteration_seconds ? limits.iteration_seconds * 1000 - iteration_active_ms : Infinity;
  return { ms: Math.min(run, iteration), of: run <= iteration ? 'run' : 'iteration' };
}
