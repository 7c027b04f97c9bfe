import type { Waker } from '../notifications/kinds.ts';

/** What a launch says for a night without people. */
export interface NightTerms {
  /** ISO time after which no turn begins: the spec pauses. */
  stop_at?: string;
  /** Files, folders and globs of the repository that no agent of the spec changes. */
  forbidden_paths?: string[];
  /** Dollars that the limit of a run of the spec grows by once a night, instead of `night.raise_usd`. */
  raise_usd?: number;
  /** What is critical to whoever launched it: they are told at once, by every channel. */
  wake_me?: Waker[];
}

/** The terms of a ticket, as the row has them: they were checked when it was created. */
export const nightOfTicket = ({ night }: { night: unknown }): NightTerms | null => (night as NightTerms | null) ?? null;

export const isStopped = (night: NightTerms | null | undefined, now: Date): boolean =>
  night?.stop_at !== undefined && Date.parse(night.stop_at) <= now.getTime();

/** Why nothing more begins, and what goes on. */
export const stopReason = ({ stop_at: at = '' }: NightTerms, paused: 'spec' | 'run'): string =>
  `The launch says that no turn begins after ${at.slice(0, 16).replace('T', ' ')} UTC. Resume the ${paused} to go on without this end.`;
