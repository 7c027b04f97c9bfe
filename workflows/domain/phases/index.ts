import type { z } from 'zod';
import { design } from './design.ts';
import { explore } from './explore.ts';
import type { PhaseId } from './names.ts';
import type { PhaseDefinition } from './phase.ts';
import { prd } from './prd.ts';
import { requirements } from './requirements.ts';
import { sync } from './sync.ts';
import { tasks } from './tasks.ts';

export {
  defaultPlan,
  gatePhases,
  phaseIds,
  phaseTitle,
  planSession,
  progressAt,
  type PhaseId,
  type SessionPhase,
} from './names.ts';
export type { PhaseDefinition } from './phase.ts';

/** The definition of each phase; its id, order and title are in names.ts. */
const definitions = {
  explore,
  prd,
  requirements,
  design,
  tasks,
  sync,
};

/** The output of each phase that has passed its gate. */
export type PhaseOutputs = { [P in PhaseId]: z.output<(typeof definitions)[P]['schema']> };
export type PriorOutputs = Partial<PhaseOutputs>;

export const phases: { readonly [P in PhaseId]: PhaseDefinition<P> } = definitions;
