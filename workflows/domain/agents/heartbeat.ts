import type { AgentStatus, AgentType } from './agent.ts';

/** A heartbeat as it is sent, without its checksum. */
export interface Heartbeat {
  agent_id: string;
  /** ISO time by the sender's clock: stored and shown, and nothing is decided by it. */
  timestamp: string;
  /** Counts from 1. */
  sequence_number: number;
  status: string;
  current_task_id: string | null;
  health_metrics: Record<string, unknown>;
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
};

/** The text whose SHA-256 in hex is the checksum of a heartbeat: JSON with sorted keys, without white space. */
export const checksumText = (beat: object): string => JSON.stringify(sorted(beat));

/** Missing numbers that one answer lists at most. */
const mostListed = 100;

/** The numbers between the newest heartbeat and this one, the first hundred of them. */
export const missingNumbers = (newest: number, now: number): number[] =>
  Array.from({ length: Math.min(Math.max(now - newest - 1, 0), mostListed) }, (_, i) => newest + 1 + i);

/** Heartbeats come in half of the time for those who watch, and in twice of it for the guardian. */
const patience: Partial<Record<AgentType, number>> = { monitor: 0.5, watchdog: 0.5, guardian: 2 };

/** The seconds of silence after which one heartbeat is missing. @param interval that of agents in general, in seconds. */
export const allowedSilence = (type: AgentType, interval: number): number => interval * (patience[type] ?? 1);

/** Looks at silent agents per interval of their heartbeats. */
export const sweepsPerBeat = 3;

/**
 * The seconds for which an agent has been silent: what the clock says, but never more than there were looks. So a clock
 * that jumps, and a time in which the platform was down and no heartbeat could come, count for nobody.
 * @param clock seconds since the newest heartbeat. @param sweeps looks since then, `every` seconds apart at least.
 */
export const silence = (clock: number, sweeps: number, every: number): number =>
  Math.max(0, Math.min(clock, sweeps * every));

/** EXEC-31: heartbeats that are missing after a time of silence: 1 warns, 2 degrade, 3 fail. */
export const missedBeats = (silent: number, allowed: number): number => Math.min(3, Math.floor(silent / allowed));

/** The status that follows from missing heartbeats; the same one when nothing changes. */
export function statusOfSilence(status: AgentStatus, missed: number): AgentStatus {
  if (missed >= 3 && (status === 'running' || status === 'degraded' || status === 'spawning')) return 'failed';
  if (missed >= 2 && (status === 'running' || status === 'idle')) return 'degraded';
  return status;
}

/** The status of an agent that beats again. Work that failed does not come back by itself. */
export const statusOfBeat = (status: AgentStatus): AgentStatus =>
  status === 'spawning' || status === 'degraded' ? 'idle' : status;
