import { z } from 'zod';
import { signal } from './message.ts';

export interface HeartbeatInput {
  organization_id: string;
  /** Seconds between two looks: a third of the time of a heartbeat. */
  every_seconds: number;
  /** Runs that were asked to stop, with the ISO time of the first request. */
  stopping?: Record<string, string>;
}

export interface AgentsLook {
  organization_id: string;
  /** Whether the look counts for silent agents. One on request does not: it may come right after another. */
  counts: boolean;
  /** Runs that were asked to stop long enough ago, and are cut now. */
  cut: string[];
}

export interface AgentsSeen {
  /** Agents that run elsewhere and are watched. */
  watched: number;
  /** Runs that are asked to stop, since their agent is gone or has given the task away. */
  stopping: string[];
}

/** Something about the agents changed: look at once. */
export const lookSignal = signal('look', z.strictObject({}));
