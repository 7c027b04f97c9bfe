import { workingTypes, type AgentStatus } from './agent.ts';

export interface Wanted {
  capabilities: readonly string[];
  /** The task's phase; null: any. */
  phase_id: string | null;
}

export interface Place {
  agent_type: string;
  phase_id: string | null;
  capabilities: readonly string[];
  capacity: number;
  status: AgentStatus;
  available: boolean;
  /** Heartbeats that are missing. */
  missed: number;
  /** Tasks that it has now. */
  busy: number;
}

/** An agent that has nothing to do is worth 0.2 more, and so is one whose heartbeats all come. */
const bonus = 0.2;
const [perCapacity, mostCapacity] = [0.05, 5];

/** Whether an agent lacks no heartbeat and no work failed it. */
export const isHealthy = ({ status, missed }: Pick<Place, 'status' | 'missed'>): boolean =>
  missed === 0 && (status === 'idle' || status === 'running');

/** The share of the wanted capabilities that an agent has, 0 to 1. */
export function coverage(place: Pick<Place, 'capabilities'>, { capabilities }: Pick<Wanted, 'capabilities'>): number {
  if (capabilities.length === 0) return 1;
  return capabilities.filter((capability) => place.capabilities.includes(capability)).length / capabilities.length;
}

/**
 * EXEC-30: how well an agent fits: coverage, + 0.2 if idle, + 0.2 if healthy, + 0.05 * min(capacity, 5). Zero for one
 * that has none of the wanted capabilities.
 */
export function matchScore(place: Place, wanted: Wanted): number {
  const covered = coverage(place, wanted);
  if (covered === 0) return 0;
  const score =
    covered +
    (place.status === 'idle' ? bonus : 0) +
    (isHealthy(place) ? bonus : 0) +
    perCapacity * Math.min(place.capacity, mostCapacity);
  return Number(score.toFixed(6));
}

/** Whether an agent of this kind could ever take the task: its type, its phase and all capabilities fit. */
export const couldTake = (
  place: Pick<Place, 'agent_type' | 'phase_id' | 'capabilities' | 'status'>,
  wanted: Wanted,
): boolean =>
  (workingTypes as readonly string[]).includes(place.agent_type) &&
  place.status !== 'terminated' &&
  (place.phase_id === null || wanted.phase_id === null || place.phase_id === wanted.phase_id) &&
  coverage(place, wanted) === 1;

/** Whether an agent can take the task now: it could take it, works, and has room. */
export const canTake = (place: Place, wanted: Wanted): boolean =>
  couldTake(place, wanted) &&
  place.available &&
  (place.status === 'idle' || place.status === 'running') &&
  place.busy < place.capacity;

/** The best of several, the earliest among equals. */
export function bestFit<P extends Place>(places: readonly P[], wanted: Wanted): P | undefined {
  return places
    .filter((place) => canTake(place, wanted))
    .sort((a, b) => matchScore(b, wanted) - matchScore(a, wanted))
    .at(0);
}
