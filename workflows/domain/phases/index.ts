import { design } from './design.ts';
import { explore } from './explore.ts';
import type { PhaseDefinition, PhaseId } from './phase.ts';
import { prd } from './prd.ts';
import { requirements } from './requirements.ts';
import { sync } from './sync.ts';
import { tasks } from './tasks.ts';

export type { PhaseDefinition, PhaseId, PhaseOutputs, PriorOutputs } from './phase.ts';

export const phaseIds = [
  'explore',
  'prd',
  'requirements',
  'design',
  'tasks',
  'sync',
] as const satisfies readonly PhaseId[];

export const phases: { readonly [P in PhaseId]: PhaseDefinition<P> } = {
  explore,
  prd,
  requirements,
  design,
  tasks,
  sync,
};

/** The plan a new spec is started with. A running one goes by its input: this list may grow, its history may not. */
export const defaultPlan = { version: 1, phases: [...phaseIds] };

/** Phases after which a person is asked, where a spec's policy says so and names none. */
export const gatePhases: readonly PhaseId[] = ['requirements', 'design', 'tasks'];

const marks = [0, 16, 32, 48, 64, 80, 100] as const;

/** Progress of a spec in percent when a phase starts or ends. */
export function progressAt(phase: PhaseId, moment: 'start' | 'end'): number {
  return marks[phaseIds.indexOf(phase) + (moment === 'end' ? 1 : 0)] ?? 0;
}
