import { z } from 'zod';
import { wakers } from '../notifications/kinds.ts';

/** What a launch says for a night without people, as it is stored. */
export const nightSchema = z.object({
  /** ISO time after which no turn begins: the spec pauses. */
  stop_at: z.string().meta({ format: 'date-time' }).optional(),
  /** Files, folders and globs of the repository that no agent of the spec changes. */
  forbidden_paths: z.array(z.string()).optional(),
  /** Dollars that the limit of a run of the spec grows by once a night, instead of `night.raise_usd`. */
  raise_usd: z.number().optional(),
  /** What is critical to whoever launched it: they are told at once, by every channel. */
  wake_me: z.array(z.enum(wakers)).optional(),
});
export type NightTerms = z.output<typeof nightSchema>;

/** The terms of a ticket, whose row has them as plain JSON. */
export const nightOfTicket = ({ night }: { night: unknown }): NightTerms | null =>
  nightSchema.nullable().parse(night ?? null);

export const isStopped = (night: NightTerms | null | undefined, now: Date): boolean =>
  night?.stop_at !== undefined && Date.parse(night.stop_at) <= now.getTime();

/** Why nothing more begins, and what goes on. */
export const stopReason = ({ stop_at: at = '' }: NightTerms, paused: 'spec' | 'run'): string =>
  `The launch says that no turn begins after ${at.slice(0, 16).replace('T', ' ')} UTC. Resume the ${paused} to go on without this end.`;
