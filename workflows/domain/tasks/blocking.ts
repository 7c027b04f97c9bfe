import type { blockKinds } from './ticket-moves.ts';

type BlockKind = (typeof blockKinds)[number];

/** The work of a ticket, as far as it tells why nothing happens. */
export interface StandingWork {
  status: string;
  last_error: string | null;
  /** Open and failed tasks. */
  tasks: {
    key: string;
    status: string;
    error_message: string | null;
    /** Why it gets no slot. */
    waiting_for: string | null;
    /** Tasks that it waits for and that are not completed: keys. */
    waits_for: string[];
    run: { status: string; waiting_for: string | null; waiting_reason: string | null } | null;
  }[];
}

export interface Blockage {
  kind: BlockKind;
  reason: string;
  remediation: string;
}

/** Statuses in which a ticket should get on. One that is done or in the backlog is never blocked by itself. */
export const progressingStatuses: readonly string[] = [
  'analyzing',
  'building',
  'building-done',
  'testing',
  'deploying',
];

/** Waits that end by themselves and say so elsewhere: they are no block. */
const passing = ['budget', 'slot', 'model', 'sandbox', 'task'];

/**
 * Why a ticket on which nothing has happened for a while is blocked (PLAN-24); undefined when it only waits for a slot,
 * money or the model.
 */
export function blockageOf({ status, last_error: error, tasks }: StandingWork): Blockage | undefined {
  if (!progressingStatuses.includes(status)) return undefined;
  const failed = tasks.find((task) => task.status === 'failed');
  if (failed)
    return {
      kind: 'failing_checks',
      reason: `${failed.key} failed: ${failed.error_message ?? 'its work was not accepted.'}`,
      remediation: `Retry or cancel ${failed.key}, or let a task fix it.`,
    };
  const asks = tasks.find(({ run }) => run?.waiting_for === 'person');
  if (asks)
    return {
      kind: 'waiting_on_clarification',
      reason: `${asks.key} waits for an answer: ${asks.run?.waiting_reason ?? 'its agent asks something.'}`,
      remediation: `Answer the question of ${asks.key}.`,
    };
  const open = tasks.filter((task) => task.status !== 'failed');
  const isPassing = (name: string | null | undefined) => name !== null && name !== undefined && passing.includes(name);
  if (open.some(({ waiting_for: why, run }) => isPassing(why) || isPassing(run?.waiting_for))) return undefined;
  if (error) return { kind: 'environment', reason: error, remediation: 'Fix the cause, then retry the ticket.' };
  const held = open.find(({ waits_for: others }) => others.length > 0);
  if (held && open.every(({ waits_for: others }) => others.length > 0))
    return {
      kind: 'dependency',
      reason: `${held.key} waits for ${held.waits_for.join(', ')}.`,
      remediation: `Get ${held.waits_for.join(', ')} done, or change what ${held.key} waits for.`,
    };
  return {
    kind: 'waiting_on_clarification',
    reason: open.length > 0 ? `${open[0]?.key} is ${open[0]?.status} and makes no progress.` : 'It has no open task.',
    remediation: open.length > 0 ? 'Look at its task, and say what is missing.' : 'Add a task, or move the ticket on.',
  };
}
